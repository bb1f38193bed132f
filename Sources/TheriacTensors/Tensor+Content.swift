internal import CTheriacTorch

/// A Swift type whose values a tensor can hold.
public protocol TensorElement: BitwiseCopyable, Sendable {
    static var dtype: DType { get }
}

extension Float: TensorElement { public static var dtype: DType { .float32 } }
extension Double: TensorElement { public static var dtype: DType { .float64 } }
extension Int64: TensorElement { public static var dtype: DType { .int64 } }
extension Int32: TensorElement { public static var dtype: DType { .int32 } }
extension UInt8: TensorElement { public static var dtype: DType { .uint8 } }

extension Tensor {
    /// Copies `values`, row-major.
    public init<Element: TensorElement>(
        _ values: [Element], shape: [Int], on device: Device = .cpu
    ) throws(TensorError) {
        self = try .make("from values") { torch, out in
            values.withUnsafeBytes { bytes in
                torch.pointee.from_bytes(
                    bytes.baseAddress, bytes.count, shape.map(Int64.init), Int32(shape.count),
                    Element.dtype.rawValue,
                    device.code, out)
            }
        }
    }

    /// Copies `bytes`, row-major and little-endian, at any alignment.
    public init(
        bytes: UnsafeRawBufferPointer, shape: [Int], dtype: DType, on device: Device = .cpu
    ) throws(TensorError) {
        self = try .make("from bytes") { torch, out in
            torch.pointee.from_bytes(
                bytes.baseAddress, bytes.count, shape.map(Int64.init), Int32(shape.count), dtype.rawValue,
                device.code, out)
        }
    }

    public static func full(
        _ shape: [Int], _ value: Double, dtype: DType = .float32, on device: Device = .cpu
    ) throws(TensorError) -> Tensor {
        try make("full") { torch, out in
            torch.pointee.full(
                shape.map(Int64.init), Int32(shape.count), value, dtype.rawValue, device.code, out)
        }
    }

    public static func zeros(
        _ shape: [Int], dtype: DType = .float32, on device: Device = .cpu
    ) throws(TensorError) -> Tensor {
        try full(shape, 0, dtype: dtype, on: device)
    }

    /// int64 `[range.count]`.
    public static func arange(_ range: Range<Int>, on device: Device = .cpu) throws(TensorError) -> Tensor {
        try make("arange") { torch, out in
            torch.pointee.arange(Int64(range.lowerBound), Int64(range.upperBound), device.code, out)
        }
    }

    /// float32 drawn from N(0, 1), or uniformly from `0..<1`; the same for the same seed on every device.
    public static func random(
        _ shape: [Int], normal: Bool = true, seed: UInt64, on device: Device = .cpu
    ) throws(TensorError) -> Tensor {
        try make("random") { torch, out in
            torch.pointee.random(shape.map(Int64.init), Int32(shape.count), normal, seed, device.code, out)
        }
    }

    /// The elements as float32, row-major.
    public func floats() throws(TensorError) -> [Float] { try to(.float32).elements(Float.self) }

    /// The elements of an integer tensor, row-major.
    public func integers() throws(TensorError) -> [Int64] { try to(.int64).elements(Int64.self) }

    /// The one element of a tensor that holds one.
    public func item() throws(TensorError) -> Double {
        var value = 0.0
        try Tensor.perform("item") { torch in withPointer { torch.pointee.item($0, &value) } }
        return value
    }

    /// The raw bytes, row-major, in the tensor's own type.
    public func bytes() throws(TensorError) -> [UInt8] {
        var result = [UInt8](repeating: 0, count: count * dtype.size)
        try Tensor.perform("copy out") { torch in
            result.withUnsafeMutableBytes { buffer in
                guard let base = buffer.baseAddress else { return 0 }
                return withPointer { torch.pointee.copy_out($0, base, buffer.count) }
            }
        }
        return result
    }

    private func elements<Element: TensorElement & Numeric>(_: Element.Type) throws(TensorError) -> [Element]
    {
        var result = [Element](repeating: 0, count: count)
        try Tensor.perform("copy out") { torch in
            result.withUnsafeMutableBytes { buffer in
                guard let base = buffer.baseAddress else { return 0 }
                return withPointer { torch.pointee.copy_out($0, base, buffer.count) }
            }
        }
        return result
    }

    /// Runs `body` with the float32 elements in place, without a copy when the tensor is a contiguous float32 on the CPU.
    public func withFloats<R>(_ body: (UnsafeBufferPointer<Float>) throws -> R) throws -> R {
        let plain = try to(.float32, on: .cpu).contiguous()
        var address: UnsafeRawPointer?
        try Tensor.perform("data") { torch in plain.withPointer { torch.pointee.data($0, &address) } }
        return try withExtendedLifetime(plain.handle) {
            let start = address?.assumingMemoryBound(to: Float.self)
            return try body(UnsafeBufferPointer(start: start, count: start == nil ? 0 : plain.count))
        }
    }
    /// A float32 tensor on the CPU whose elements `body` fills in place, in the order of rows; they start at 0.
    public static func filled(
        _ shape: [Int], _ body: (UnsafeMutableBufferPointer<Float>) throws -> Void
    ) throws -> Tensor {
        let tensor = try Tensor.full(shape, 0)
        // Nothing else holds the new memory.
        try tensor.withFloats { try body(UnsafeMutableBufferPointer(mutating: $0)) }
        return tensor
    }
}
