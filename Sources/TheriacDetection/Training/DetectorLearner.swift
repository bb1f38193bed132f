import Foundation
public import TheriacCorpora
public import TheriacOptions

/// A kind of detector that can be trained. Its properties are its settings, which it reads from the top level of the
/// recipe, beside the keys that all kinds share.
protocol DetectorLearner: Options {
    /// `kind` in a recipe.
    static var kind: String { get }
    /// Draws whatever of the data is drawn.
    var seed: UInt64 { get }
    /// What is learnt, in the order of the logits.
    var heads: [DetectorHead] { get }
    /// Learns from the training texts, looking at the validation texts for when to stop.
    ///
    /// - Parameter workspace: a folder for checkpoints.
    /// - Returns: nil when it stopped before the end, as `limit` said, to go on another time.
    func learn(
        _ recipe: DetectorRecipe, _ data: TrainingData, workspace: URL, limit: Int?,
        progress: (DetectorTraining.Progress) -> Void
    ) throws -> (any LearntDetector)?
    /// What the detector is, for its card: one or two sentences.
    var introduction: String { get }
    /// Lines about its limits, for its card.
    var limits: [String] { get }
}

/// Every kind of detector that a recipe can train. One line each.
enum DetectorLearners {
    static let all: [any DetectorLearner.Type] = [LinearLearner.self, TransformerLearner.self]

    static func named(_ kind: String, path: String) throws(OptionsError) -> any DetectorLearner.Type {
        let kinds = all.map { $0.kind }
        guard let found = all.first(where: { $0.kind == kind }) else {
            throw .unknownChoice(
                path: path, found: kind, choices: kinds, suggestion: nearestName(to: kind, among: kinds))
        }
        return found
    }
}

/// What came out of a training, before and after calibration.
protocol LearntDetector {
    /// One for each head.
    var calibration: [Calibration] { get set }
    /// Held-out losses, in the order they were measured.
    var validationLosses: [Double] { get }
    /// Logits before calibration, one for each head; nil for a text without anything to score.
    func logits(of texts: [String]) throws -> [[Double]?]
    /// Writes the detector's files into an existing folder.
    /// - Returns: the identity it has now.
    func write(_ recipe: DetectorRecipe, trainingHash: String, to folder: URL) throws -> DetectorIdentity
}

/// One output of a detector.
public struct DetectorHead: Sendable, Hashable {
    /// An attribute's name, or a set's own label such as `olid/TIN`.
    public var label: String
    /// The attribute it scores; nil for a label that is none.
    public var attribute: Attribute?

    public init(label: String, attribute: Attribute? = nil) {
        self.label = label
        self.attribute = attribute ?? Attribute(rawValue: label)
    }

    /// The seven attributes.
    public static let attributes = Attribute.allCases.map { DetectorHead(label: $0.rawValue) }

    /// What a text says about it; nil when the label is unknown.
    func label(of text: LabelledText) -> Float? {
        Attribute(rawValue: label).map { text.labels[$0] } ?? text.native[label]
    }
}

extension DetectorHead: OptionReadable {
    /// A label's name, or `{ label: olid/OFF, attribute: toxicity }`.
    public static func read(
        _ value: OptionValue, path: String, source: String
    ) throws(OptionsError) -> DetectorHead {
        var head: DetectorHead
        if case .object = value {
            var fields = try OptionFields(value, path: path, source: source)
            head = DetectorHead(label: try fields.require("label"))
            var name: String?
            try fields.read("attribute", into: &name)
            if let name {
                head.attribute = try Attribute.named(name, path: fields.pathOf("attribute"))
            }
            try fields.finish()
        } else {
            head = DetectorHead(label: try String.read(value, path: path, source: source))
        }
        if head.attribute == nil, !head.label.contains("/") {
            throw .refused(
                path: path,
                reason: "'\(head.label)' is neither an attribute nor a set's own label such as olid/OFF")
        }
        return head
    }

    public var option: OptionValue {
        guard let attribute, attribute.rawValue != label else { return .string(label) }
        return .object(["label": .string(label), "attribute": .string(attribute.rawValue)])
    }
}

extension Attribute {
    /// The attribute of that name in a setting.
    static func named(_ name: String, path: String) throws(OptionsError) -> Attribute {
        guard let attribute = Attribute(rawValue: name) else {
            let names = allCases.map(\.rawValue)
            throw .unknownChoice(
                path: path, found: name, choices: names, suggestion: nearestName(to: name, among: names))
        }
        return attribute
    }
}
