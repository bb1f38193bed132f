public import TheriacCorpora
public import TheriacOptions

/// Training texts under attack, with the labels they had, so that a detector learns to read disguises.
///
/// Of a toxic text the rude words are attacked, or words drawn at random where it has none; of every other text words
/// drawn at random. Both are attacked equally often unless set otherwise, so that odd spelling alone says nothing.
public struct AttackAugmentation: TextAugmentation {
    public static let name = "attack"
    /// Names of attacks; one is drawn for each text.
    public var attacks = TextAttacks.all.map { $0.name }
    /// Share of the toxic texts (toxicity of at least 0.5) and of the others that a variant is made of.
    public var toxicShare = 0.5
    public var cleanShare = 0.5
    /// Share of a text's targets that are attacked.
    public var rate = 0.7

    private var made: [any TextAttack] = []
    private var words: (vocabulary: EvasionVocabulary, neighbours: WordNeighbours)?

    public init() {}

    public mutating func read(_ fields: inout OptionFields) throws(OptionsError) {
        try fields.read("attacks", into: &attacks)
        try fields.read("toxic-share", into: &toxicShare, in: 0...1)
        try fields.read("clean-share", into: &cleanShare, in: 0...1)
        try fields.read("rate", into: &rate, in: 0...1)
        made = []
        for name in attacks {
            var attack = try TextAttacks.named(name, path: fields.pathOf("attacks"))
            attack.rate = rate
            made.append(attack)
        }
        guard !made.isEmpty else {
            throw .refused(path: fields.pathOf("attacks"), reason: "it names no attack")
        }
        do {
            words = try (EvasionVocabulary.shipped(), WordNeighbours.shipped())
        } catch {
            throw .refused(path: fields.pathOf("attacks"), reason: "\(error)")
        }
    }

    /// One variant at most; its toxic spans are nil, because letters move.
    public func variants(
        of text: LabelledText, random: inout some RandomNumberGenerator
    ) -> [LabelledText] {
        let isToxic = (text.labels[.toxicity] ?? 0) >= 0.5
        let draw = Double.random(in: 0..<1, using: &random)
        guard draw < (isToxic ? toxicShare : cleanShare), let words, !made.isEmpty else { return [] }
        let attack = made[Int.random(in: made.indices, using: &random)]
        var attackable = AttackableText(
            text.text, targets: [], neighbours: words.neighbours)
        if isToxic {
            attackable = AttackableText(text.text, vocabulary: words.vocabulary, neighbours: words.neighbours)
        }
        if attackable.targets.isEmpty {
            let all = AttackableText.words(of: text.text).filter { text.text.utf8[$0].count >= 3 }
            let drawn = all.filter { _ in Int.random(in: 0..<8, using: &random) == 0 }
            let targets = drawn.isEmpty ? all.randomElement(using: &random).map { [$0] } ?? [] : drawn
            attackable = AttackableText(text.text, targets: targets, neighbours: words.neighbours)
        }
        var variant = text
        variant.text = attack.attacked(attackable, random: &random)
        guard variant.text != text.text else { return [] }
        variant.id += ":\(type(of: attack).name)"
        variant.toxicSpans = nil
        return [variant]
    }
}
