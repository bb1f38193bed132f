public import TheriacOptions

/// A family of checkpoints: how `config.json` names it, and how to make its model.
public protocol Architecture: CausalLanguageModel, AdapterHost, SendableMetatype {
    /// `model_type` in `config.json`.
    static var modelType: String { get }
    /// The class in transformers, for `architectures` in `config.json`.
    static var className: String { get }
    /// What precedes weight names when a checkpoint was saved with its head; older files lack it.
    static var headPrefix: String { get }
    /// Takes its weights, in a fixed order, from `store`.
    init(_ fields: inout OptionFields, _ store: ParameterStore) throws
    /// Linear layers an adapter changes when it is not told which, by the ends of their paths.
    static var adapterTargets: [String] { get }
    /// The checkpoint stores its linear layers as `[in, out]`.
    static var storesLinearsTransposed: Bool { get }
}

/// Every architecture in the package. One line each.
public enum Architectures {
    public static let all: [any Architecture.Type] = [
        GPT2.self,
        GPTNeoX.self,
        GPTJ.self,
        OPT.self,
        Llama.self,
        Mistral.self,
        Qwen2.self,
        Qwen3.self,
        Gemma2.self,
        Gemma3.self,
        Gemma3Multimodal.self,
        Phi3.self,
    ]

    /// The architecture of a `config.json`.
    static func named(_ modelType: String) throws -> any Architecture.Type {
        guard let found = all.first(where: { $0.modelType == modelType }) else {
            throw ModelError.unknownArchitecture(modelType, known: all.map { $0.modelType })
        }
        return found
    }
}

extension Architectures {
    /// A model with fresh weights.
    ///
    /// - Parameters:
    ///   - configuration: as in `config.json`, with `model_type`; vocabulary and end of text are filled in.
    /// - Returns: the model, float32, and the complete configuration.
    public static func fresh(
        _ configuration: OptionValue, vocabulary: Int, endOfText: Int, seed: UInt64
    ) throws -> (model: any Architecture, configuration: OptionValue) {
        guard case .object(var members) = configuration, case .string(let modelType)? = members["model_type"]
        else {
            throw ModelError.unsupportedSetting(
                "config without model_type", reason: "name one, for example gpt2")
        }
        let architecture = try named(modelType)
        if members["vocab_size"] == nil { members["vocab_size"] = .integer(vocabulary) }
        members["architectures"] = .list([.string(architecture.className)])
        members["bos_token_id"] = .integer(endOfText)
        members["eos_token_id"] = .integer(endOfText)
        var fields = try OptionFields(.object(members), path: "config", source: "config")
        fields.allowUnknown()
        return (try architecture.init(&fields, ParameterStore(freshWithSeed: seed)), .object(members))
    }
}
