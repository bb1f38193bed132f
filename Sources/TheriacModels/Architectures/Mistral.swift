// Mistral: Llama with a window.
// Source: Jiang et al., *Mistral 7B*, 2023.

public import TheriacOptions
internal import TheriacTensors

public final class Mistral: RotaryDecoder, Architecture {
    public static let modelType = "mistral"
    public static let className = "MistralForCausalLM"
    public static let headPrefix = "model."
    public static let adapterTargets = ["q_proj", "v_proj"]
    public static let storesLinearsTransposed = false

    public init(_ fields: inout OptionFields, _ store: ParameterStore) throws {
        var config = RotaryDecoderConfiguration()
        (config.inner, config.keyValueHeads, config.context) = (14336, 8, 131_072)
        try config.readSizes(&fields)
        let window = try config.readWindow(&fields, default: 4096)
        let isLocal = try config.readLayerTypes(&fields) ?? []
        // transformers would give all layers the window whatever `layer_types` says.
        guard Set(isLocal).count <= 1 else {
            throw ModelError.unsupportedSetting(
                "layer_types of mistral with windows in some layers", reason: "all have one, or none")
        }
        try config.setWindows(
            [Bool](repeating: window != nil && isLocal.first ?? true, count: config.layers), window: window)
        try config.readRotation(&fields)
        try super.init(config, store)
    }
}
