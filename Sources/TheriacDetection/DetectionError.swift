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
    /// The checkpoint that a detector's adapter belongs to is nowhere.
    case noBase(String)
    /// Windows too short for the special tokens and the overlap.
    case windows(window: Int, overlap: Int, special: Int)
    /// A classifier whose labels say nothing of what they mean.
    case unknownLabels([String], folder: String)
    /// A mapping of labels that does not fit.
    case labelMapping(file: String, reason: String)
    /// Token scores of a detector that has none.
    case noSpanHead(detector: String)
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
        case .noBase(let name):
            "The base model '\(name)' is not there. 'make setup' fetches it into .models; or let THERIAC_MODELS name the "
                + "folder that holds '\(name)'."
        case .windows(let window, let overlap, let special):
            "Windows of \(window) tokens, \(special) of them special, cannot overlap by \(overlap). Choose longer windows or "
                + "a shorter overlap."
        case .unknownLabels(let labels, let folder):
            "The labels of the classifier in '\(folder)' (\(labels.prefix(4).joined(separator: ", "))) do not say what they "
                + "mean. Write \(LabelMapping.file) beside its config.json, for example 'labels: { \(labels.last ?? "LABEL_1"): "
                + "toxicity }'; labels it leaves out are not scored."
        case .labelMapping(let file, let reason): "'\(file)' cannot be used: \(reason)."
        case .noSpanHead(let detector):
            "\(detector) has no span head, so it cannot score single tokens. Train one with 'span-head: true'."
        case .metric(let name, let reason): "\(name) is not defined here: \(reason)."
        }
    }
}
