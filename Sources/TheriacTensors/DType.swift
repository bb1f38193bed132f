internal import CTheriacTorch
public import TheriacFiles

/// The type of a tensor's elements. Raw values are the shim's codes.
public enum DType: Int32, Sendable, CaseIterable {
    case float32 = 0, bfloat16, float16, float64, int64, int32, uint8, bool, int8, int16

    /// Bytes of one element.
    public var size: Int {
        switch self {
        case .float64, .int64: 8
        case .float32, .int32: 4
        case .bfloat16, .float16, .int16: 2
        case .uint8, .bool, .int8: 1
        }
    }

    public var isFloatingPoint: Bool {
        switch self {
        case .float32, .bfloat16, .float16, .float64: true
        case .int64, .int32, .uint8, .bool, .int8, .int16: false
        }
    }

    /// The name in a checkpoint's `config.json`, for example `bfloat16`.
    public var name: String { "\(self)" }

    /// A precision by its usual names: `fp32`, `float32`, `bf16`, `bfloat16`, `fp16`, `float16`.
    public init?(precision: String) {
        switch precision {
        case "fp32", "float32", "float": self = .float32
        case "bf16", "bfloat16": self = .bfloat16
        case "fp16", "float16", "half": self = .float16
        default: return nil
        }
    }

    /// nil for types libtorch is not asked to compute with here.
    public init?(_ stored: SafetensorsDType) {
        guard let found = Self.allCases.first(where: { $0.stored == stored }) else { return nil }
        self = found
    }

    public var stored: SafetensorsDType {
        switch self {
        case .float32: .float32
        case .bfloat16: .bfloat16
        case .float16: .float16
        case .float64: .float64
        case .int64: .int64
        case .int32: .int32
        case .uint8: .uint8
        case .bool: .bool
        case .int8: .int8
        case .int16: .int16
        }
    }
}

/// Where a tensor lives.
public enum Device: Sendable, Equatable, CustomStringConvertible {
    case cpu
    case cuda(Int)

    public var description: String {
        switch self {
        case .cpu: "cpu"
        case .cuda(let index): "cuda:\(index)"
        }
    }

    /// `cpu`, `cuda`, `cuda:1`, or `auto`: the first GPU when there is one.
    ///
    /// - Throws: ``TensorError/noSuchDevice(_:)`` for an unknown name or a GPU that libtorch does not see.
    public init(named name: String) throws(TensorError) {
        if name == "cpu" {
            self = .cpu
        } else if name == "auto" {
            self = try Torch.cudaDevices() > 0 ? .cuda(0) : .cpu
        } else if name == "cuda" || name.hasPrefix("cuda:") {
            let index = name == "cuda" ? 0 : Int(name.dropFirst(5)) ?? -1
            guard index >= 0, index < (try Torch.cudaDevices()) else { throw .noSuchDevice(name) }
            self = .cuda(index)
        } else {
            throw .noSuchDevice(name)
        }
    }

    var code: tt_device {
        switch self {
        case .cpu: 0
        case .cuda(let index): tt_device(1 + index)
        }
    }

    init(code: tt_device) { self = code == 0 ? .cpu : .cuda(Int(code) - 1) }
}
