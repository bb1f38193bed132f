internal import CTheriacTorch

/// An n-dimensional array in libtorch's memory.
///
/// Copies share storage. Only the operations that say "in place" write to it.
public struct Tensor {
    let handle: TensorHandle

    init(handle: TensorHandle) { self.handle = handle }
}

@available(
    *, unavailable,
    message: "Tensors stay with the thread that runs the models; return arrays or scores instead."
)
extension Tensor: Sendable {}

/// Owns one handle of the shim.
final class TensorHandle {
    let pointer: OpaquePointer
    private let torch: UnsafePointer<tt_api>

    init(adopting pointer: OpaquePointer, _ torch: UnsafePointer<tt_api>) {
        self.pointer = pointer
        self.torch = torch
    }

    deinit { torch.pointee.free(pointer) }
}

extension Tensor {
    typealias Out = UnsafeMutablePointer<OpaquePointer?>

    /// Runs one call of the shim that makes a tensor.
    static func make(
        _ op: StaticString, _ call: (UnsafePointer<tt_api>, Out) -> tt_status
    ) throws(TensorError) -> Tensor {
        let torch = try Torch.api()
        var result: OpaquePointer?
        try Torch.check(op, call(torch, &result), torch)
        guard let result else { throw .operationFailed(op: "\(op)", reason: "no result") }
        return Tensor(handle: TensorHandle(adopting: result, torch))
    }

    /// Runs one call of the shim that makes nothing.
    static func perform(_ op: StaticString, _ call: (UnsafePointer<tt_api>) -> tt_status) throws(TensorError)
    {
        let torch = try Torch.api()
        try Torch.check(op, call(torch), torch)
    }

    /// Runs `body` with the raw handle, which stays alive meanwhile.
    func withPointer<R>(_ body: (OpaquePointer) -> R) -> R {
        withExtendedLifetime(handle) { body(handle.pointer) }
    }

    /// Runs `body` with the raw handles of `tensors`, which stay alive meanwhile.
    static func withPointers<R>(
        _ tensors: [Tensor], _ body: (UnsafePointer<OpaquePointer>) -> R
    ) -> R {
        withExtendedLifetime(tensors) {
            let pointers = tensors.map { $0.handle.pointer }
            // An empty array's base address is unspecified; libtorch then reads nothing.
            // swift-format-ignore: NeverForceUnwrap
            return pointers.withUnsafeBufferPointer { body($0.baseAddress ?? UnsafePointer(bitPattern: 8)!) }
        }
    }
}

extension Tensor {
    public var rank: Int {
        (try? Torch.api()).map { torch in withPointer { Int(torch.pointee.rank($0)) } } ?? 0
    }

    /// Sizes, outermost first.
    public var shape: [Int] { (0..<rank).map { size($0) } }

    /// The size of one dimension; negative ones count from the last.
    public func size(_ dimension: Int) -> Int {
        guard let torch = try? Torch.api() else { return 0 }
        let index = dimension < 0 ? dimension + rank : dimension
        precondition(index >= 0 && index < rank, "dimension \(dimension) of a tensor of rank \(rank)")
        return withPointer { Int(torch.pointee.size($0, Int32(index))) }
    }

    public var count: Int { shape.reduce(1, *) }

    public var dtype: DType {
        guard let torch = try? Torch.api() else { return .float32 }
        return withPointer { DType(rawValue: torch.pointee.dtype($0)) } ?? .float32
    }

    public var device: Device {
        guard let torch = try? Torch.api() else { return .cpu }
        return withPointer { Device(code: torch.pointee.device($0)) }
    }
}
