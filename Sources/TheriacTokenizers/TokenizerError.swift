/// What can be wrong with the files of a tokenizer.
///
/// Messages name the file and the place in it; tokens of the vocabulary are named by id or position.
@nonexhaustive
public enum TokenizerError: Error, Equatable, CustomStringConvertible {
    /// The folder holds neither `tokenizer.json` nor `vocab.json` with `merges.txt`.
    case noTokenizer(folder: String)
    /// A file that exists cannot be read.
    case unreadable(file: String, reason: String)
    /// The text of a file breaks the rules of its format, `byte` bytes from its start.
    case malformed(file: String, byte: Int, reason: String)
    /// A field is missing, of the wrong type or out of range.
    case invalidField(file: String, field: String, reason: String)
    /// A component or setting that the format knows and Theriac does not have.
    case unsupported(file: String, field: String, value: String, supported: [String])
    /// The tokens and their ids do not form a vocabulary.
    case invalidVocabulary(file: String, reason: String)
    /// A merge rule cannot be used; `position` counts rules from 0.
    case invalidMerge(file: String, position: Int, reason: String)
    /// A chat template cannot be parsed.
    case malformedTemplate(line: Int, reason: String)
    /// A chat template cannot be rendered for these messages.
    case templateFailed(line: Int, reason: String)
    /// A chat template refuses the messages, with a message of its own.
    case refusedByTemplate(line: Int, message: String)

    public var description: String {
        switch self {
        case .noTokenizer(let folder):
            "\(folder) has no tokenizer: it needs tokenizer.json, or vocab.json and merges.txt."
        case .unreadable(let file, let reason):
            "\(file) cannot be read: \(reason)."
        case .malformed(let file, let byte, let reason):
            "\(file) is not well formed at byte \(byte): \(reason). Was it copied completely?"
        case .invalidField(let file, let field, let reason):
            "\(file): '\(field)' \(reason)."
        case .unsupported(let file, let field, let value, let supported):
            "\(file): '\(field)' is \(value), which is not supported. Supported: "
                + "\(supported.isEmpty ? "none" : supported.joined(separator: ", "))."
        case .invalidVocabulary(let file, let reason):
            "\(file): the vocabulary cannot be used: \(reason)."
        case .invalidMerge(let file, let position, let reason):
            "\(file): merge rule \(position) cannot be used: \(reason)."
        case .malformedTemplate(let line, let reason):
            "The chat template cannot be read, line \(line): \(reason)."
        case .templateFailed(let line, let reason):
            "The chat template cannot be rendered, line \(line): \(reason)."
        case .refusedByTemplate(let line, let message):
            "The chat template refuses these messages, line \(line): \(message)"
        }
    }
}
