public import TheriacOptions
public import TheriacTensors

/// How a transformer detector reads texts. Part of its identity.
public struct TransformerSettings: Options, Codable, Equatable {
    /// How the scores of a long text's windows become one.
    public enum Pooling: String, OptionReadable, CaseIterable, Codable {
        /// The highest: a text is as toxic as its worst window.
        case maximum
    }

    /// The type of weights, activations and products.
    public enum Precision: String, OptionReadable, CaseIterable, Codable {
        case fp32, bf16

        public var dtype: DType { self == .fp32 ? .float32 : .bfloat16 }
    }

    /// Most tokens of a window, special ones included; 0 for as many as the model takes.
    public var window = 0
    /// Tokens that two neighbouring windows share, at least.
    public var overlap = 32
    public var pooling = Pooling.maximum
    public var precision = Precision.fp32
    /// Read emoji as their names, for a vocabulary that has none.
    public var namesEmoji = false

    public init() {}

    enum CodingKeys: String, CodingKey {
        case window, overlap, pooling, precision
        case namesEmoji = "names-emoji"
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        window = try container.decode(Int.self, forKey: .window)
        overlap = try container.decode(Int.self, forKey: .overlap)
        pooling = try container.decode(Pooling.self, forKey: .pooling)
        precision = try container.decode(Precision.self, forKey: .precision)
        namesEmoji = try container.decodeIfPresent(Bool.self, forKey: .namesEmoji) ?? false
    }

    public mutating func read(_ fields: inout OptionFields) throws(OptionsError) {
        try fields.read("window", into: &window, in: 0...1_000_000)
        try fields.read("overlap", into: &overlap, in: 0...1_000_000)
        try fields.read("pooling", into: &pooling)
        try fields.read("precision", into: &precision)
        try fields.read("names-emoji", into: &namesEmoji)
    }

    /// The window for a model that takes `context` tokens.
    func window(context: Int) -> Int { window == 0 ? context : min(window, context) }
}
