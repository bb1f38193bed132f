import Foundation
import TheriacCorpora
public import TheriacOptions

/// One set of a recipe.
public struct TrainingSet: Options, Equatable {
    /// Name on the set's card; for texts of one's own, any other.
    public var name = ""
    /// A file of one's own labelled texts in place of a public set, as `theriac feedback export` writes it; a relative path
    /// is taken from the recipe's folder. It is divided by its texts' hashes, and its licence is the user's business.
    public var file: String?
    /// How much each of its texts counts.
    public var weight: Float = 1
    /// Factors on the weight for single labels: attributes, or the set's own ones such as `olid/TIN`; 0 leaves the label
    /// out.
    public var attributes: [String: LabelWeight] = [:]
    /// Gives the set an offset of its own in training, so that its share of positives teaches the words nothing. Linear
    /// detectors only.
    public var ownOffset = false

    public init() {}

    public mutating func read(_ fields: inout OptionFields) throws(OptionsError) {
        name = try fields.require("name")
        try fields.read("file", into: &file)
        if let path = file, !path.hasPrefix("/") {
            file = URL(fileURLWithPath: fields.source).deletingLastPathComponent().appending(path: path).path
        }
        if file != nil, Datasets.named(name) != nil {
            throw .refused(
                path: fields.pathOf("name"),
                reason: "'\(name)' is a public set's name; give your file another")
        }
        try fields.read("weight", into: &weight, in: 0...1000)
        try fields.read("attributes", into: &attributes)
        try fields.read("own-offset", into: &ownOffset)
        for name in attributes.keys.sorted() where !name.contains("/") {
            _ = try Attribute.named(name, path: fields.pathOf("attributes"))
        }
    }

    /// The factor for a label, by its name.
    func factor(_ label: String) -> LabelWeight { attributes[label] ?? LabelWeight(1) }
}

/// How much a label of 1 and a label of 0 count: one number for both, or `{ positive: 1, negative: 0.1 }`.
///
/// The two differ where a set says much when it says yes and little when it says no: in a set of hateful and not hateful
/// posts a hateful one is toxic, while a not hateful one may still be rude. A label between 0 and 1 counts as that share
/// of a positive one and the rest of a negative one.
public struct LabelWeight: OptionReadable, Equatable {
    public var positive: Float
    public var negative: Float

    public init(_ both: Float) { (positive, negative) = (both, both) }

    public init(positive: Float, negative: Float) { (self.positive, self.negative) = (positive, negative) }

    public static func read(_ value: OptionValue, path: String, source: String) throws(OptionsError)
        -> LabelWeight
    {
        guard case .object = value else {
            return LabelWeight(try checked(Float.read(value, path: path, source: source), path))
        }
        var fields = try OptionFields(value, path: path, source: source)
        var weight = LabelWeight(1)
        try fields.read("positive", into: &weight.positive, in: 0...1000)
        try fields.read("negative", into: &weight.negative, in: 0...1000)
        try fields.finish()
        return weight
    }

    private static func checked(_ value: Float, _ path: String) throws(OptionsError) -> Float {
        guard value >= 0 else { throw .outOfRange(path: path, found: "\(value)", range: "0...1000") }
        return value
    }

    public var option: OptionValue {
        positive == negative
            ? positive.option : .object(["positive": positive.option, "negative": negative.option])
    }

    /// A label and its weight as one target and one weight with the same loss: y·w⁺·(−log p) + (1 − y)·w⁻·(−log(1 − p)).
    func weighted(_ label: Float) -> (target: Float, weight: Float) {
        guard positive != negative else { return (label, positive) }
        let total = label * positive + (1 - label) * negative
        return (total > 0 ? label * positive / total : label, total)
    }
}
