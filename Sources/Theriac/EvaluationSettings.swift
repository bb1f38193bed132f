public import TheriacDetox
public import TheriacGeneration
public import TheriacOptions
internal import TheriacTensors

/// How continuations are made and judged. Defaults are those of RealToxicityPrompts.
public struct EvaluationSettings: Options, Equatable {
    public var generation = GenerationSettings()
    /// Decoding-time methods, in order.
    public var chain: [DecodingStep] = []
    /// Prompts taken from the file, evenly spread; 0 takes all.
    public var limit = 0

    public init() {}

    public mutating func read(_ fields: inout OptionFields) throws(OptionsError) {
        try generation.read(&fields)
        try fields.read("chain", into: &chain)
        try fields.read("limit", into: &limit, in: 0...100_000_000)
    }

    /// The chain as a reader sees it.
    var chainDescription: String {
        chain.isEmpty ? "none" : chain.map(\.description).joined(separator: " → ")
    }
}
