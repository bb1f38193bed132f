// Qwen2 and Qwen2.5: Llama with biases at queries, keys and values, and windows in the upper layers when asked for.
// Source: Yang et al., *Qwen2 Technical Report*, 2024.

public import TheriacOptions
internal import TheriacTensors

public final class Qwen2: RotaryDecoder, Architecture {
    public static let modelType = "qwen2"
    public static let className = "Qwen2ForCausalLM"
    public static let headPrefix = "model."
    public static let adapterTargets = ["q_proj", "v_proj"]
    public static let storesLinearsTransposed = false

    public init(_ fields: inout OptionFields, _ store: ParameterStore) throws {
        var config = RotaryDecoderConfiguration()
        (config.vocabulary, config.inner, config.context) = (151_936, 22016, 32768)
        config.inputBias = true
        try config.readSizes(&fields)
        try config.readUpperWindows(&fields)
        try config.readRotation(&fields)
        try super.init(config, store)
    }
}

extension RotaryDecoderConfiguration {
    /// Qwen's `use_sliding_window`, `sliding_window`, `max_window_layers` and `layer_types`.
    mutating func readUpperWindows(_ fields: inout OptionFields) throws {
        var areOn = false
        try fields.read("use_sliding_window", into: &areOn)
        let given = try readWindow(&fields, default: 4096)
        let window = areOn ? given : nil
        var first = 28
        try fields.read("max_window_layers", into: &first, in: 0...10_000)
        let usual = (0..<layers).map { window != nil && $0 >= first }
        try setWindows(readLayerTypes(&fields) ?? usual, window: window)
    }
}
