public import TheriacOptions
public import TheriacTensors

/// A type of weights or activations, as recipes name it.
public enum Precision: String, OptionReadable, CaseIterable, Sendable {
    case fp32, bf16

    public var dtype: DType { self == .fp32 ? .float32 : .bfloat16 }
}
