import Foundation
import TheriacCorpora
import TheriacOptions

/// Short texts of our own with their labels: single texts, and templates filled with words.
///
/// Labelled sets hold few texts of three words, and in those few "you are" mostly goes before an insult. These
/// texts say the same beginnings with friendly, plain and rude words, so that the detector learns the word.
struct ShortTexts {
    struct Labelled: Equatable {
        var text: String
        var labels: [Attribute: Float]
        /// How much the text counts beside the others.
        var weight: Float = 1
    }

    private(set) var texts: [Labelled] = []
    /// Texts for tests, which are not among `texts`: innocent ones and insulting ones.
    let heldOut: (innocent: [String], insulting: [String])

    /// Reads a file and fills its templates; the same file and seed give the same texts.
    /// - Throws: ``OptionsError`` or ``DetectionError/recipe(reason:)`` naming the place in the file.
    init(file: URL, seed: UInt64) throws {
        try self.init(ShortTextFile(OptionValue(yamlFile: file), source: file.lastPathComponent), seed: seed)
    }

    init(_ file: ShortTextFile, seed: UInt64) throws {
        heldOut = (file.heldOut.innocent, file.heldOut.insulting)
        var random = SplitMix(seed: seed)
        for group in file.groups {
            let labels = try Self.labels(group)
            for template in group.templates {
                for text in try Self.fill(template, file.words, draws: group.draws, using: &random) {
                    texts.append(Labelled(text: text, labels: labels, weight: group.weight))
                }
            }
            texts += group.texts.map { Labelled(text: $0, labels: labels, weight: group.weight) }
        }
        let names = Set((heldOut.innocent + heldOut.insulting).map { TextPart.name(of: $0) })
        texts.removeAll { names.contains(TextPart.name(of: $0.text)) }
    }

    private static func labels(_ group: ShortTextFile.Group) throws -> [Attribute: Float] {
        var labels: [Attribute: Float] = [:]
        for (name, value) in group.labels {
            guard let attribute = Attribute(rawValue: name), (0...1).contains(value) else {
                throw DetectionError.recipe(
                    reason: "short texts: '\(name)' is not an attribute with a label in 0...1")
            }
            labels[attribute] = value
        }
        return labels
    }

    /// Different texts of one template, `draws` at most.
    private static func fill(
        _ template: String, _ words: [String: [String]], draws: Int, using random: inout SplitMix
    ) throws -> [String] {
        // Odd places hold the names of the slots.
        let pieces = template.split(omittingEmptySubsequences: false) { $0 == "{" || $0 == "}" }.map(
            String.init)
        let choices = try pieces.enumerated().map { place, piece in
            guard place % 2 == 1 else { return [piece] }
            guard let list = words[piece], !list.isEmpty else {
                throw DetectionError.recipe(reason: "short texts: there is no list of words '\(piece)'")
            }
            return list
        }
        let combinations = choices.reduce(1) { min($0 * $1.count, 1 << 20) }
        var seen = Set<String>()
        var filled: [String] = []
        // Twice as many tries as texts wanted: a draw may repeat.
        for attempt in 0..<(combinations <= draws ? combinations : 2 * draws) where filled.count < draws {
            var rest = attempt
            let text = choices.map { list in
                let index =
                    combinations <= draws ? rest % list.count : Int(random.next() % UInt64(list.count))
                rest /= list.count
                return list[index]
            }
            .joined()
            if seen.insert(text).inserted { filled.append(withArticles(text)) }
        }
        return filled
    }

    /// "a old" becomes "an old".
    private static func withArticles(_ text: String) -> String {
        let words = text.split(separator: " ", omittingEmptySubsequences: false)
        return words.enumerated().map { place, word in
            guard word == "a" || word == "A", place + 1 < words.count, let next = words[place + 1].first,
                "aeiouAEIO".contains(next)
            else { return String(word) }
            return word + "n"
        }
        .joined(separator: " ")
    }
}

/// What a file of short texts holds.
struct ShortTextFile: Options {
    struct Group: Options {
        /// By name of the attribute, 0...1.
        var labels: [String: Float] = [:]
        var texts: [String] = []
        /// Texts with slots, `{name}`, for a word of the list of that name.
        var templates: [String] = []
        /// Texts made of one template at most.
        var draws = 100
        /// How much each text counts beside those of other groups.
        var weight: Float = 1

        mutating func read(_ fields: inout OptionFields) throws(OptionsError) {
            labels = try fields.require("labels")
            try fields.read("texts", into: &texts)
            try fields.read("templates", into: &templates)
            try fields.read("draws", into: &draws, in: 1...100_000)
            try fields.read("weight", into: &weight, in: 0...1000)
        }
    }

    struct HeldOut: Options {
        var innocent: [String] = []
        var insulting: [String] = []

        mutating func read(_ fields: inout OptionFields) throws(OptionsError) {
            try fields.read("innocent", into: &innocent)
            try fields.read("insulting", into: &insulting)
        }
    }

    /// Lists that fill slots, by name.
    var words: [String: [String]] = [:]
    var groups: [Group] = []
    /// Texts that are never trained on.
    var heldOut = HeldOut()

    mutating func read(_ fields: inout OptionFields) throws(OptionsError) {
        try fields.read("words", into: &words)
        groups = try fields.require("groups")
        try fields.read("held-out", into: &heldOut)
    }
}
