public import TheriacCorpora
public import TheriacOptions
import TheriacTensors

/// A way to make further training texts out of a labelled one, such as a spelling that hides a word or another group's
/// name in the same sentence.
///
/// Its properties are its settings: a recipe gives them beside its name.
public protocol TextAugmentation: Options {
    /// Its name in a recipe, in kebab-case.
    static var name: String { get }
    /// Further texts with the labels of `text`; none when there is nothing to change in it.
    ///
    /// The same text and the same state of `random` give the same variants. Toxic spans of a variant whose letters moved
    /// must move with them, or be nil.
    func variants(of text: LabelledText, random: inout some RandomNumberGenerator) -> [LabelledText]
}

/// Every augmentation a recipe can name. One line each.
public enum TextAugmentations {
    public static let all: [any TextAugmentation.Type] = [
        IdentitySwap.self, BalanceIdentityMentions.self, AttackAugmentation.self,
    ]
}

/// One line of a recipe's `augmentations`: `{ name: …, share: 0.2, weight: 1, … }`; what is left are the augmentation's
/// own settings.
public struct AugmentationSettings: Options {
    /// Share of the training texts that it is asked for variants of.
    public var share = 1.0
    /// How much a variant counts beside the text it was made of.
    public var weight: Float = 1
    /// nil only before it is read.
    public private(set) var augmentation: (any TextAugmentation)?

    /// The augmentation's name; "" before it is read.
    var name: String { augmentation.map { type(of: $0).name } ?? "" }

    public init() {}

    public mutating func read(_ fields: inout OptionFields) throws(OptionsError) {
        let name = try fields.require("name", as: String.self)
        guard let kind = TextAugmentations.all.first(where: { $0.name == name }) else {
            let names = TextAugmentations.all.map { $0.name }
            throw .unknownChoice(
                path: fields.pathOf("name"), found: name, choices: names,
                suggestion: nearestName(to: name, among: names))
        }
        try fields.read("share", into: &share, in: 0...1)
        try fields.read("weight", into: &weight, in: 0...1000)
        var made = kind.init()
        try made.read(&fields)
        augmentation = made
    }

    /// The variants of one text; the same ones for the same seed, whatever other texts there are.
    func variants(of text: LabelledText, seed: UInt64) -> [LabelledText] {
        guard let augmentation else { return [] }
        var random = RandomStream(
            seed: seed, prompt: "\(name)\t\(text.dataset)\t\(text.text)", continuation: 0)
        guard random.uniform() < share else { return [] }
        return augmentation.variants(of: text, random: &random)
    }
}
