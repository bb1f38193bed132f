// Qwen3 (dense): Qwen2 without its biases, with norms of queries and keys.
// Source: Yang et al., *Qwen3 Technical Report*, 2025.

public import TheriacOptions
internal import TheriacTensors

public final class Qwen3: RotaryDecoder, Architecture {
    public static let modelType = "qwen3"
    public static let className = "Qwen3ForCausalLM"
    public static let headPrefix = "model."
    public static let adapterTargets = ["q_proj", "v_proj"]
    public static let storesLinearsTransposed = false

    public init(_ fields: inout OptionFields, _ store: ParameterStore) throws {
        var config = RotaryDecoderConfiguration()
        (config.vocabulary, config.inner, config.context) = (151_936, 22016, 32768)
        config.headWidth = 128
        config.normsHeads = true
        try config.readSizes(&fields)
        var bias = false
        try fields.read("attention_bias", into: &bias)
        (config.inputBias, config.outputBias) = (bias, bias)
        try config.readUpperWindows(&fields)
        try config.readRotation(&fields)
        try super.init(config, store)
    }
}
