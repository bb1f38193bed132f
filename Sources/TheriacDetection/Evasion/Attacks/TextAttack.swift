public import TheriacOptions

/// A way to write a text so that people still read it and detectors do not.
///
/// Its properties are its settings. Source of the kinds: Kurita et al., *Towards Robust Toxic Content Classification*,
/// 2019 (arXiv:1912.06872).
public protocol TextAttack: Options {
    /// Its name in recipes and flags, in kebab-case.
    static var name: String { get }
    /// What it does, in one sentence.
    static var summary: String { get }
    /// Share of the targets that are attacked, 0...1; at least one of a text's targets always is.
    var rate: Double { get set }
    /// The text with some of its targets attacked. The same text and the same state of `random` give the same result.
    func attacked(_ text: AttackableText, random: inout some RandomNumberGenerator) -> String
}

/// Every attack. One line each.
public enum TextAttacks {
    public static let all: [any TextAttack.Type] = [
        ScrambleAttack.self, HomoglyphAttack.self, LeetspeakAttack.self, ZeroWidthAttack.self,
        CombiningAttack.self,
        SpacingAttack.self, RepetitionAttack.self, TypoAttack.self, StarsAttack.self, ReversalAttack.self,
        NeighbourAttack.self, DistractorAttack.self,
    ]

    /// The attack of that name with all defaults.
    /// - Throws: ``OptionsError`` with the nearest name.
    public static func named(_ name: String, path: String = "attack") throws(OptionsError) -> any TextAttack {
        guard let kind = all.first(where: { $0.name == name }) else {
            let names = all.map { $0.name }
            throw .unknownChoice(
                path: path, found: name, choices: names, suggestion: nearestName(to: name, among: names))
        }
        return kind.init()
    }
}

extension TextAttack {
    /// What every attack reads; one with settings of its own reads those as well.
    public mutating func read(_ fields: inout OptionFields) throws(OptionsError) {
        try fields.read("rate", into: &rate, in: 0...1)
    }

    /// The attacked text, the same for the same seed and text, whatever else is attacked.
    public func attacked(_ text: AttackableText, seed: UInt64) -> String {
        var hash = WordHash.start
        for byte in Self.name.utf8 { hash = WordHash.step(hash, byte) }
        for byte in text.text.utf8 { hash = WordHash.step(hash, byte) }
        var random = SplitMix(seed: FeatureHash.mix(seed &+ 0x5DEE_CE66) ^ hash)
        return attacked(text, random: &random)
    }
}

/// An attack that rewrites one word at a time.
protocol WordAttack: TextAttack {
    /// The word in disguise; the word itself when it cannot be disguised. `context` knows the vocabulary.
    func disguised(_ word: String, _ context: AttackableText, random: inout some RandomNumberGenerator)
        -> String
}

extension WordAttack {
    public func attacked(_ text: AttackableText, random: inout some RandomNumberGenerator) -> String {
        let chosen = text.chosen(rate: rate, random: &random)
        guard !chosen.isEmpty else { return text.text }
        var result = ""
        var place = text.text.startIndex
        for range in chosen {
            result += text.text[place..<range.lowerBound]
            result += disguised(String(text.text[range]), text, random: &random)
            place = range.upperBound
        }
        result += text.text[place...]
        return result
    }
}
