// Llama 1 to 3, and the many that keep its layout.
// Sources: Touvron et al., *LLaMA*, 2023 and *Llama 2*, 2023; Dubey et al., *The Llama 3 Herd of Models*, 2024.

public import TheriacOptions
internal import TheriacTensors

public final class Llama: RotaryDecoder, Architecture {
    public static let modelType = "llama"
    public static let className = "LlamaForCausalLM"
    public static let headPrefix = "model."
    public static let adapterTargets = ["q_proj", "v_proj"]
    public static let storesLinearsTransposed = false

    public init(_ fields: inout OptionFields, _ store: ParameterStore) throws {
        var config = RotaryDecoderConfiguration()
        try config.readSizes(&fields)
        var bias = false
        try fields.read("attention_bias", into: &bias)
        (config.inputBias, config.outputBias) = (bias, bias)
        try fields.read("mlp_bias", into: &config.innerBias)
        try config.readRotation(&fields)
        try super.init(config, store)
    }
}
