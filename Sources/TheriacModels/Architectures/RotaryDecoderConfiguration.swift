import TheriacOptions

/// What distinguishes the rotary families from each other: sizes, and the few places where their mathematics differ.
///
/// A family sets its defaults, reads the fields that all have, and then its own.
struct RotaryDecoderConfiguration {
    var vocabulary = 32000
    var width = 4096
    var inner = 11008
    var layers = 32
    var heads = 32
    /// Where the configuration has none, as many as heads.
    var keyValueHeads: Int?
    /// Where the configuration has none, the width divided by heads.
    var headWidth: Int?
    var context = 2048
    var epsilon = 1e-6
    var activation = HiddenActivation.silu
    var isTied = false
    /// Standard deviation of fresh weights.
    var deviation = 0.02

    var inputBias = false  // of the projections to queries, keys and values
    var outputBias = false
    var innerBias = false
    /// Queries and keys are normed before they are turned (Qwen3, Gemma 3).
    var normsHeads = false
    /// What is added to the weights of norms.
    var normOffset = 0.0
    /// What a branch gives is normed before it is added (Gemma).
    var normsBranches = false
    /// Queries, keys and values are one weight, and so are gate and up (Phi-3).
    var isFused = false
    /// Embeddings are multiplied by √width, rounded to the type of activations (Gemma).
    var scalesEmbeddings = false
    /// What scores are scaled by, to the power of −½; the width of a head where nil.
    var scoreWidth: Double?
    var attentionCap: Double?
    var finalCap: Double?
    /// By layer: the most tokens seen, itself included; nil for all. Empty for all in every layer.
    var windows: [Int?] = []
    /// By layer; one for all where it has one element.
    var rotations: [Rotary] = []
    /// Where the decoder is, in the file and in the Hugging Face class.
    var path = ModulePath(stored: "model", named: "model")

    /// Reads what all families call the same.
    ///
    /// - Parameter activationName: the field of the activation.
    mutating func readSizes(
        _ fields: inout OptionFields, activationName: String = "hidden_act"
    ) throws {
        try fields.read("vocab_size", into: &vocabulary, in: 1...10_000_000)
        try fields.read("hidden_size", into: &width, in: 1...1_000_000)
        try fields.read("intermediate_size", into: &inner, in: 1...10_000_000)
        try fields.read("num_hidden_layers", into: &layers, in: 1...10_000)
        try fields.read("num_attention_heads", into: &heads, in: 1...100_000)
        try fields.read("num_key_value_heads", into: &keyValueHeads, in: 1...100_000)
        try fields.read("head_dim", into: &headWidth, in: 1...100_000)
        try fields.read("max_position_embeddings", into: &context, in: 1...100_000_000)
        try fields.read("rms_norm_eps", into: &epsilon, in: 0...1)
        try fields.read(activationName, into: &activation)
        try fields.read("tie_word_embeddings", into: &isTied)
        try fields.read("initializer_range", into: &deviation, in: 0...1)
        guard headWidth != nil || width % heads == 0 else {
            throw ModelError.unsupportedSetting(
                "hidden_size \(width) with num_attention_heads \(heads)",
                reason: "without head_dim, heads must divide the width")
        }
        guard heads % sharedHeads == 0 else {
            throw ModelError.unsupportedSetting(
                "num_attention_heads \(heads) with num_key_value_heads \(sharedHeads)",
                reason: "those of keys and values must divide those of queries")
        }
    }

    var widthOfHead: Int { headWidth ?? width / heads }
    var sharedHeads: Int { keyValueHeads ?? heads }

    /// `rope_parameters` of all layers.
    ///
    /// - Parameter allowsShare: the family may turn a part of each head only.
    mutating func readRotation(
        _ fields: inout OptionFields, aliases: [String: RotarySettings.Kind] = [:],
        allowsShare: Bool = false
    ) throws {
        let settings = try RotarySettings(&fields, theta: 10_000, aliases: aliases)
        guard allowsShare || settings.share == 1 else {
            throw ModelError.unsupportedSetting(
                "partial_rotary_factor \(settings.share)", reason: "this family turns whole heads")
        }
        rotations = [try rotation(settings)]
        context = rotations[0].frequencies.context
    }

    func rotation(_ settings: RotarySettings, name: String = "rotation") throws -> Rotary {
        let turned = Int(Double(widthOfHead) * settings.share)
        guard turned > 0, turned % 2 == 0 else {
            throw ModelError.unsupportedSetting(
                "head_dim \(widthOfHead) turned to \(settings.share)",
                reason: "rotary positions turn pairs, and so an even number of elements")
        }
        return Rotary(
            frequencies: try RotaryFrequencies(settings, width: turned, context: context), name: name)
    }

    /// `layer_types`, where the configuration has them.
    ///
    /// - Returns: by layer, whether it looks at a window only.
    func readLayerTypes(_ fields: inout OptionFields) throws -> [Bool]? {
        var types: [String]?
        try fields.read("layer_types", into: &types)
        guard let types else { return nil }
        if let unknown = types.first(where: { $0 != "full_attention" && $0 != "sliding_attention" }) {
            throw ModelError.unsupportedSetting(
                "layer_types \(unknown)", reason: "full_attention and sliding_attention are")
        }
        guard types.count == layers else {
            throw ModelError.unsupportedSetting(
                "layer_types", reason: "it names \(types.count) layers of \(layers)")
        }
        return types.map { $0 == "sliding_attention" }
    }

    /// Windows of the layers that have one.
    mutating func setWindows(_ isLocal: [Bool], window: Int?) throws {
        guard let window else {
            guard !isLocal.contains(true) else {
                throw ModelError.unsupportedSetting(
                    "layer_types sliding_attention", reason: "sliding_window says no window")
            }
            return
        }
        windows = isLocal.map { $0 ? window : nil }
    }

    /// `sliding_window`, nil for none.
    func readWindow(_ fields: inout OptionFields, default usual: Int?) throws -> Int? {
        var window = usual
        try fields.read("sliding_window", into: &window, in: 1...100_000_000)
        return window
    }
}
