/// What can be wrong with settings. Every message names the field by its dotted path and says what to write.
public enum OptionsError: Error, Equatable, CustomStringConvertible {
    /// The file or text is not YAML or JSON; `reason` has line and column.
    case syntax(source: String, reason: String)
    /// The file cannot be read.
    case unreadable(source: String, reason: String)
    /// A key that nothing reads. `suggestion` is the nearest key that is read.
    case unknown(name: String, path: String, suggestion: String?)
    /// A key that must be there.
    case missing(name: String, path: String, source: String)
    /// A value of the wrong kind.
    case wrongKind(path: String, found: String, expected: String)
    /// A number outside its range. `range` is written as in Swift.
    case outOfRange(path: String, found: String, range: String)
    /// A word that is none of the choices.
    case unknownChoice(path: String, found: String, choices: [String], suggestion: String?)
    /// A value that its own reader refuses, with the reader's reason.
    case refused(path: String, reason: String)

    public var description: String {
        switch self {
        case .syntax(let source, let reason):
            "\(source): \(reason)."
        case .unreadable(let source, let reason):
            "Cannot read '\(source)': \(reason)."
        case .unknown(let name, let path, let suggestion):
            "Unknown option '\(name)' in \(path.isEmpty ? "the top level" : path)."
                + (suggestion.map { " Did you mean '\($0)'?" } ?? "")
        case .missing(let name, let path, let source):
            "\(source): the option '\(name)' is missing in \(path.isEmpty ? "the top level" : path)."
        case .wrongKind(let path, let found, let expected):
            "\(path) is \(found); it must be \(expected)."
        case .outOfRange(let path, let found, let range):
            "\(path) is \(found); it must be in \(range)."
        case .unknownChoice(let path, let found, let choices, let suggestion):
            "\(path) is '\(found)'; it must be one of \(choices.joined(separator: ", "))."
                + (suggestion.map { " Did you mean '\($0)'?" } ?? "")
        case .refused(let path, let reason):
            "\(path): \(reason)."
        }
    }
}
