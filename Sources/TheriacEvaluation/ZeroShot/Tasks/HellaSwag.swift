import Foundation

/// HellaSwag: which of four endings a description of an everyday scene has.
public struct HellaSwag: ZeroShotTask {
    public let card = TaskCard(
        name: "hellaswag", file: "zero-shot/hellaswag-valid.jsonl", version: "1.0",
        reference: "Zellers et al., HellaSwag, ACL 2019",
        differences: [
            "2,500 random ones of the 10,042 validation questions.",
            "The file joins the two parts of a context; the second, whose first letter the harness makes a capital, is "
                + "taken to be a last sentence that begins with a small letter.",
        ])
    public let metrics: [any TaskMetric] = [ChoiceAccuracy(), NormalizedAccuracy()]

    public init() {}

    public func question(_ row: TaskRow) throws(TaskRow.Problem) -> TaskQuestion? {
        let endings = try row.texts("endings").map(Self.cleaned)
        let context = Self.capitalizingLastSentence(Self.cleaned(try row.text("context")))
        return .choices(after: context, endings, right: [try row.place("label", in: endings.indices)])
    }

    /// Without the marks of the set's wikiHow part.
    static func cleaned(_ text: String) -> String {
        text.trimmingCharacters(in: .whitespacesAndNewlines)
            .replacingOccurrences(of: " [title]", with: ". ")
            .replacing(#/\[[^\]\n]*\]/#, with: "")
            .replacingOccurrences(of: "  ", with: " ")
    }

    /// `…the mat. the Boy` → `…the mat. The boy`, as Python's `capitalize` leaves it.
    static func capitalizingLastSentence(_ text: String) -> String {
        guard let stop = text.ranges(of: #/[.!?]["')]*\ /#).last?.upperBound, stop < text.endIndex,
            text[stop].isLowercase
        else { return text }
        return text[..<stop] + text[stop].uppercased() + text[text.index(after: stop)...].lowercased()
    }
}
