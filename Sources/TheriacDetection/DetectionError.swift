/// What can be wrong with a detector, its training or a metric's input.
public enum DetectionError: Error, Equatable, CustomStringConvertible {
    /// A folder that is not a detector's.
    case notADetector(folder: String, reason: String)
    /// `detector.json` names a kind that nobody reads.
    case unknownKind(String, folder: String, known: [String])
    /// A file of the folder is not the one that `detector.json` describes.
    case hashMismatch(file: String, expected: String, found: String)
    /// A file of the folder has the wrong content.
    case damaged(file: String, reason: String)
    /// A word list that cannot be used.
    case wordList(reason: String)
    /// A recipe that asks for something that cannot be done.
    case recipe(reason: String)
    /// Scores or labels that a metric is not defined for.
    case metric(name: String, reason: String)

    public var description: String {
        switch self {
        case .notADetector(let folder, let reason):
            "'\(folder)' is not a detector: \(reason)."
        case .unknownKind(let kind, let folder, let known):
            "The detector in '\(folder)' is of the kind '\(kind)', which is not known. "
                + "Known: \(known.joined(separator: ", "))."
        case .hashMismatch(let file, let expected, let found):
            "'\(file)' has the SHA-256 \(found.prefix(12))…, but detector.json was written for "
                + "\(expected.prefix(12))…. The detector is damaged or mixed from two; copy it again or train it anew."
        case .damaged(let file, let reason):
            "'\(file)' is damaged: \(reason). Copy the detector again or train it anew."
        case .wordList(let reason): "The word list cannot be used: \(reason)."
        case .recipe(let reason): "The detector's recipe cannot be followed: \(reason)."
        case .metric(let name, let reason): "\(name) is not defined here: \(reason)."
        }
    }
}
