public import TheriacCorpora
public import TheriacOptions

/// Counterfactual data augmentation: the same sentence about another group, with the same labels.
///
/// Each mention of a group is replaced by the word of a group of the same axis, in the same number, part of speech and
/// case; all mentions of one group become the same other group. Genders change places, pronouns included. A text without a
/// mention that can be swapped has no variants.
///
/// Texts labelled as identity attacks are left alone unless `attacks` is set: a stereotype does not travel, and an attack on
/// one group with another's name may be nonsense, or mild. (Garg et al. pair only nontoxic texts for the same reason.) "black",
/// "white", "old" and "young" are swapped only before a word for people. Pronouns are guessed: "her" before a word
/// that can begin a noun phrase is "his", else "him".
///
/// Sources: Garg, Perot, Limtiaco, Taly, Chi, Beutel, *Counterfactual Fairness in Text Classification through Robustness*,
/// AIES 2019; Zhao, Wang, Yatskar, Ordonez, Chang, *Gender Bias in Coreference Resolution*, NAACL 2018.
public struct IdentitySwap: TextAugmentation {
    public static let name = "identity-swap"

    /// Variants of one text at most.
    public var count = 1
    /// Also swaps in texts labelled identity_attack from 0.5 on.
    public var attacks = false

    public init() {}

    public mutating func read(_ fields: inout OptionFields) throws(OptionsError) {
        try fields.read("count", into: &count, in: 1...20)
        try fields.read("attacks", into: &attacks)
    }

    public func variants(of text: LabelledText, random: inout some RandomNumberGenerator) -> [LabelledText] {
        if !attacks, (text.labels[.identityAttack] ?? 0) >= 0.5 { return [] }
        let places = SwapPlace.all(in: text.text)
        guard !places.isEmpty else { return [] }
        var made: [LabelledText] = []
        for _ in 0..<count {
            var edits: [TextEdit] = []
            /// The group that takes a group's place, and the word that takes a word's.
            var chosen: [String: String] = [:]
            var words: [String: String] = [:]
            for place in places {
                let choices = place.choices
                let group = chosen[place.group]
                let old = text.text[place.range]
                let key = "\(place.group) \(old.lowercased())"
                let possible = choices.filter { group == nil || $0.group == group }
                let choice =
                    possible.first { $0.word == words[key] }
                    ?? (possible.isEmpty ? choices : possible).randomElement(using: &random)
                guard let choice else { continue }
                if group == nil { chosen[place.group] = choice.group }
                words[key] = choice.word
                edits.append(TextEdit(range: place.range, replacement: choice.word.cased(like: old)))
            }
            guard let variant = text.edited(edits), !made.contains(where: { $0.text == variant.text }) else {
                continue
            }
            made.append(variant)
        }
        return made
    }
}

/// A place in a text where another group's word can stand.
private struct SwapPlace {
    var group: String
    var range: Range<String.Index>
    /// Words that can stand there, with their groups.
    var choices: [(group: String, word: String)]

    static func all(in text: String) -> [SwapPlace] {
        let words = IdentityTerms.words(of: text)
        let mentions = IdentityTerms.mentions(in: text).compactMap { mention -> SwapPlace? in
            guard let group = IdentityTerms.named(mention.group) else { return nil }
            let place = SwapPlace(group: group.name, range: mention.range, choices: choices(mention, group))
            guard !place.choices.isEmpty else { return nil }
            return needsPeople.contains(text[mention.range].lowercased()) && !isBeforePeople(mention, words)
                ? nil : place
        }
        // Pronouns only beside a noun of that gender: elsewhere somebody's name may say otherwise.
        guard mentions.contains(where: { $0.group == "male" || $0.group == "female" }) else {
            return mentions
        }
        return (mentions + pronouns(in: words)).sorted { $0.range.lowerBound < $1.range.lowerBound }
    }

    private static func choices(
        _ mention: IdentityMention, _ group: IdentityGroup
    ) -> [(group: String, word: String)] {
        IdentityTerms.all.filter { $0.axis == group.axis && $0.name != group.name }.flatMap {
            other -> [(group: String, word: String)] in
            switch mention.form {
            case .one(let place): aligned(other, other.persons.map(\.one), place, group)
            case .many(let place): aligned(other, other.persons.map(\.many), place, group)
            case .adjective: other.adjectives.prefix(3).map { (other.name, $0) }
            case .other: []
            }
        }
    }

    /// For genders the word in the same place of the list, for other axes any.
    private static func aligned(
        _ other: IdentityGroup, _ words: [String], _ place: Int, _ group: IdentityGroup
    ) -> [(group: String, word: String)] {
        guard group.axis == .gender else { return words.map { (other.name, $0) } }
        return words.indices.contains(place) ? [(other.name, words[place])] : []
    }

    private static let needsPeople: Set = ["black", "white", "old", "older", "young", "younger", "blind"]

    private static let people: Set = [
        "people", "person", "man", "men", "woman", "women", "boy", "boys", "girl", "girls", "kid", "kids",
        "guy",
        "guys", "lady", "ladies", "folk", "folks", "child", "children", "community", "communities", "family",
        "families", "student", "students", "couple", "couples", "voters", "americans", "male", "female",
        "males",
        "females", "neighbour", "neighbours", "neighbor", "neighbors", "friend", "friends",
    ]

    private static func isBeforePeople(_ mention: IdentityMention, _ words: [IdentityTerms.Word]) -> Bool {
        guard let next = words.first(where: { $0.range.lowerBound >= mention.range.upperBound }) else {
            return false
        }
        return people.contains(next.lowered)
    }

    private static func pronouns(in words: [IdentityTerms.Word]) -> [SwapPlace] {
        words.indices.compactMap { place in
            let word = words[place]
            let next = place + 1 < words.count ? words[place + 1].lowered : ""
            let isMale = ["he", "him", "his", "himself"].contains(word.lowered)
            let swapped: String
            switch word.lowered {
            case "he": swapped = "she"
            case "she": swapped = "he"
            case "him": swapped = "her"
            case "himself": swapped = "herself"
            case "herself": swapped = "himself"
            case "hers": swapped = "his"
            case "his": swapped = endsPhrase(next) ? "hers" : "her"
            case "her": swapped = endsPhrase(next) ? "him" : "his"
            default: return nil
            }
            return SwapPlace(
                group: isMale ? "male" : "female", range: word.range,
                choices: [(isMale ? "female" : "male", swapped)])
        }
    }

    /// Words that no noun phrase goes on with.
    private static func endsPhrase(_ word: String) -> Bool {
        [
            "", "a", "an", "the", "to", "in", "on", "at", "for", "from", "with", "and", "or", "but", "that",
            "when",
            "if", "because", "is", "was", "are", "were", "as", "by", "of", "about", "up", "down", "out",
            "off", "so",
            "not", "again", "too", "he", "she", "they", "we", "i", "you", "it", "very", "how", "what", "why",
        ].contains(word)
    }
}

extension String {
    /// In the case of `model`: all capitals, a capital first, or as the list has it; a noun that is always written with a
    /// capital keeps it.
    fileprivate func cased(like model: Substring) -> String {
        let letters = model.filter(\.isLetter)
        if letters.count > 1, letters.allSatisfy(\.isUppercase) { return uppercased() }
        guard let first = letters.first, first.isUppercase, !contains(where: \.isUppercase) else {
            return self
        }
        // "Muslim woman" becomes "blind woman", but a capital at the beginning of a text stays.
        return prefix(1).uppercased() + dropFirst()
    }
}
