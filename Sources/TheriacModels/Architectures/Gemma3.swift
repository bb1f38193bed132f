// Gemma 3, its text part: Gemma 2 with norms of queries and keys in place of the caps, and five layers with a window
// and a rotation of their own for each that sees all.
// Source: Gemma Team, *Gemma 3 Technical Report*, 2025.

public import TheriacOptions
internal import TheriacTensors

public final class Gemma3: RotaryDecoder, Architecture {
    public static let modelType = "gemma3_text"
    public static let className = "Gemma3ForCausalLM"
    public static let headPrefix = "model."
    public static let adapterTargets = ["q_proj", "v_proj"]
    public static let storesLinearsTransposed = false

    public init(_ fields: inout OptionFields, _ store: ParameterStore) throws {
        try super.init(.gemma3(&fields), store)
    }
}

extension RotaryDecoderConfiguration {
    /// Gemma 3's text part.
    static func gemma3(_ fields: inout OptionFields) throws -> Self {
        var config = Self()
        (config.vocabulary, config.context) = (262_208, 131_072)
        config.normsHeads = true
        try config.readGemma(&fields)
        let window = try config.readWindow(&fields, default: 4096)
        var every = 6
        try fields.read("sliding_window_pattern", into: &every, in: 1...10_000)
        let usual = (0..<config.layers).map { ($0 + 1) % every != 0 }
        let isLocal = try config.readLayerTypes(&fields) ?? usual
        try config.setWindows(isLocal, window: window)
        let ofAll = try config.rotation(.init(&fields, theta: 1_000_000), name: "rotation of all")
        let ofWindow = try config.rotation(.local(&fields), name: "rotation of the window")
        // Its context is that of the stretched positions already.
        config.rotations = isLocal.map { $0 ? ofWindow : ofAll }
        return config
    }
}

extension RotarySettings {
    /// Those of layers with a window: `sliding_attention` of transformers 5, or `rope_local_base_freq` of 4, which
    /// `rope_scaling` does not stretch.
    fileprivate static func local(_ fields: inout OptionFields) throws -> Self {
        var theta = 10_000.0
        try fields.read("rope_local_base_freq", into: &theta, in: 1...1e12)
        guard let group = try fields.fields("rope_parameters"), group.names.contains("sliding_attention")
        else { return Self(theta: theta) }
        var only = try OptionFields(
            .object(["rope_parameters": fields.value("rope_parameters") ?? .null]), path: fields.path,
            source: fields.source)
        return try Self(&only, theta: theta, layerType: "sliding_attention")
    }
}
