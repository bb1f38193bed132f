/// What can be wrong with a checkpoint or an adapter.
public enum ModelError: Error, Equatable, CustomStringConvertible {
    case noSuchFolder(String)
    case missingFile(String, folder: String)
    case unknownArchitecture(String, known: [String])
    case missingWeight(String, folder: String)
    case wrongShape(weight: String, found: [Int], expected: [Int])
    case unsupportedType(weight: String, type: String)
    case notFinite(weight: String)
    case unsupportedSetting(String, reason: String)
    case adapterMismatch(String)
    case tooLong(tokens: Int, limit: Int)
    case tokenOutOfRange(Int, vocabulary: Int)
    case emptySequence(row: Int)
    case mustReadAnew(beyond: Int)

    public var description: String {
        switch self {
        case .noSuchFolder(let folder):
            "There is no model folder '\(folder)'. Give the folder that holds config.json."
        case .missingFile(let file, let folder):
            file.hasPrefix("adapter_")
                ? "\(folder) has no \(file). An adapter folder holds adapter_config.json and adapter_model.safetensors."
                : "\(folder) has no \(file). A model folder holds config.json, model.safetensors (or shards with their "
                    + "index) and tokenizer.json."
        case .unknownArchitecture(let name, let known):
            "Architecture '\(name)' is not supported. Known: \(known.joined(separator: ", "))."
        case .missingWeight(let name, let folder):
            "\(folder) has no weight '\(name)'. The checkpoint is incomplete, or config.json belongs to another one."
        case .wrongShape(let weight, let found, let expected):
            "Weight '\(weight)' has shape \(found); config.json says \(expected). The files belong to different models."
        case .unsupportedType(let weight, let type):
            "Weight '\(weight)' is stored as \(type), which is not supported. Convert the checkpoint to F32, F16 or BF16."
        case .notFinite(let weight):
            "Weight '\(weight)' holds values that are not finite numbers. The checkpoint is damaged or its training diverged."
        case .unsupportedSetting(let name, let reason):
            "\(name) is not supported: \(reason)."
        case .adapterMismatch(let reason):
            "The adapter does not fit the model: \(reason)."
        case .tooLong(let tokens, let limit):
            "\(tokens) tokens do not fit the model's context of \(limit)."
        case .tokenOutOfRange(let token, let vocabulary):
            "Token \(token) is outside the model's vocabulary of \(vocabulary). Does the tokenizer belong to the model?"
        case .mustReadAnew(let limit):
            "A sequence grew beyond \(limit) tokens, where the model's positions change. Read it again from its first token."
        case .emptySequence(let row):
            "Sequence \(row) of the batch has no tokens. Give every text its special tokens at least."
        }
    }
}
