// Gemma 3 with eyes, of which only the text part is read: enough for whoever writes text only.
// Source: Gemma Team, *Gemma 3 Technical Report*, 2025.

public import TheriacOptions
internal import TheriacTensors

public final class Gemma3Multimodal: RotaryDecoder, Architecture {
    public static let modelType = "gemma3"
    public static let className = "Gemma3ForConditionalGeneration"
    public static let headPrefix = "language_model."
    public static let adapterTargets = ["q_proj", "v_proj"]
    public static let storesLinearsTransposed = false

    public init(_ fields: inout OptionFields, _ store: ParameterStore) throws {
        guard var text = try fields.fields("text_config") else {
            throw ModelError.unsupportedSetting(
                "gemma3 without text_config", reason: "a model of text alone is called gemma3_text")
        }
        text.allowUnknown()
        var config = try RotaryDecoderConfiguration.gemma3(&text)
        config.path = ModulePath(stored: "language_model.model", named: "model.language_model")
        try super.init(config, store)
    }
}
