/// WSC273: which of two nouns a pronoun stands for, judged by the text after the pronoun.
public struct WinogradSchemas: ZeroShotTask {
    public let card = TaskCard(
        name: "wsc273", file: "zero-shot/wsc273.jsonl", version: "1.0",
        reference: "Levesque, Davis, Morgenstern, The Winograd Schema Challenge, KR 2012",
        differences: [
            "The file has a blank in place of the pronoun, so a possessive pronoun cannot be told and no 's is added."
        ])

    public init() {}

    /// Two blanks stand before the ending, as in the harness.
    public func question(_ row: TaskRow) throws(TaskRow.Problem) -> TaskQuestion? {
        let sentence = try row.text("sentence")
        let choices = try row.texts("choices")
        guard let blank = sentence.firstIndex(of: "_") else {
            throw TaskRow.Problem(reason: "the sentence has no blank '_'")
        }
        let before = sentence[..<blank]
        let beginsSentence = before.isEmpty || before.hasSuffix(". ")
        let options = choices.map { beginsSentence ? $0 : Self.withSmallFirstWord($0) }
        return .contexts(
            options.map { before + $0 }, before: String(sentence[sentence.index(after: blank)...]),
            right: try row.place("label", in: options.indices))
    }

    private static let capitalized: Set<Substring> = [
        "A", "An", "The", "She", "He", "It", "They", "My", "His", "Her", "Their",
    ]

    /// `The councilmen` → `the councilmen`; names keep their capitals.
    static func withSmallFirstWord(_ text: String) -> String {
        let word = text.prefix { $0 != " " }
        return capitalized.contains(word) ? word.lowercased() + text[word.endIndex...] : text
    }
}
