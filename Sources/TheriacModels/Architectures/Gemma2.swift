// Gemma 2: norms around every branch, windows in every other layer, soft caps on scores and logits.
// Source: Gemma Team, *Gemma 2: Improving Open Language Models at a Practical Size*, 2024.

public import TheriacOptions
internal import TheriacTensors

public final class Gemma2: RotaryDecoder, Architecture {
    public static let modelType = "gemma2"
    public static let className = "Gemma2ForCausalLM"
    public static let headPrefix = "model."
    public static let adapterTargets = ["q_proj", "v_proj"]
    public static let storesLinearsTransposed = false

    public init(_ fields: inout OptionFields, _ store: ParameterStore) throws {
        var config = RotaryDecoderConfiguration()
        (config.vocabulary, config.context) = (256_000, 8192)
        (config.attentionCap, config.finalCap) = (50, 30)
        try config.readGemma(&fields)
        let window = try config.readWindow(&fields, default: 4096)
        let usual = (0..<config.layers).map { $0 % 2 == 0 }
        try config.setWindows(config.readLayerTypes(&fields) ?? usual, window: window)
        try config.readRotation(&fields)
        try super.init(config, store)
    }
}

extension RotaryDecoderConfiguration {
    /// What Gemma 2 and 3 share.
    mutating func readGemma(_ fields: inout OptionFields) throws {
        (width, inner, layers, heads) = (2304, 9216, 26, 8)
        (keyValueHeads, headWidth, isTied) = (4, 256, true)
        (activation, scoreWidth) = (.geluTanh, 256)
        (normOffset, normsBranches, scalesEmbeddings) = (1, true, true)
        try readSizes(&fields, activationName: "hidden_activation")
        var bias = false
        try fields.read("attention_bias", into: &bias)
        (inputBias, outputBias) = (bias, bias)
        try fields.read("query_pre_attn_scalar", into: &scoreWidth, in: 1e-6...1e9)
        try fields.read("attn_logit_softcapping", into: &attentionCap, in: 1e-6...1e9)
        try fields.read("final_logit_softcapping", into: &finalCap, in: 1e-6...1e9)
        var isBidirectional: Bool?
        try fields.read("use_bidirectional_attention", into: &isBidirectional)
        if isBidirectional ?? false {
            throw ModelError.unsupportedSetting(
                "use_bidirectional_attention", reason: "a model that writes looks back only")
        }
    }
}
