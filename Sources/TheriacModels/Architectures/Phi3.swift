// Phi-3 and Phi-4-mini: Llama with fused projections and longrope.
// Source: Abdin et al., *Phi-3 Technical Report*, 2024.

public import TheriacOptions
internal import TheriacTensors

public final class Phi3: RotaryDecoder, Architecture {
    public static let modelType = "phi3"
    public static let className = "Phi3ForCausalLM"
    public static let headPrefix = "model."
    /// PEFT has no default for this family; this is what its defaults for others amount to.
    public static let adapterTargets = ["qkv_proj"]
    public static let storesLinearsTransposed = false

    public init(_ fields: inout OptionFields, _ store: ParameterStore) throws {
        var config = RotaryDecoderConfiguration()
        (config.vocabulary, config.width, config.inner, config.context) = (32064, 3072, 8192, 4096)
        config.epsilon = 1e-5
        config.isFused = true
        try config.readSizes(&fields)
        let window = try config.readWindow(&fields, default: nil)
        try config.setWindows([Bool](repeating: window != nil, count: config.layers), window: window)
        // Early files call longrope `su`, and some `yarn`.
        try config.readRotation(
            &fields, aliases: ["su": .longrope, "yarn": .longrope], allowsShare: true)
        try super.init(config, store)
    }
}
