import Foundation
import TheriacFiles

/// The Winograd schemas of SuperGLUE: whether a pronoun stands for a noun, as a yes/no question.
public struct WinogradSuperGLUE: ZeroShotTask {
    public let card = TaskCard(
        name: "wsc", file: "zero-shot/wsc-valid.jsonl", version: "1.0",
        reference: "Levesque, Davis, Morgenstern, KR 2012; Wang et al., SuperGLUE, NeurIPS 2019")

    public init() {}

    public func question(_ row: TaskRow) throws(TaskRow.Problem) -> TaskQuestion? {
        let target = TaskRow(row.value["target"] ?? .null)
        let (noun, pronoun) = (try target.text("span1_text"), try target.text("span2_text"))
        let text = try row.text("text")
        let words = text.split(whereSeparator: \.isWhitespace)
        let before = words.prefix(try target.place("span2_index", in: 0..<max(1, words.count)))
            .joined(separator: " ")
        var after = ""
        after.unicodeScalars.append(
            contentsOf: text.unicodeScalars.dropFirst(
                before.unicodeScalars.count + pronoun.unicodeScalars.count + 1))
        let passage = Self.detokenized("\(before) *\(pronoun)*\(after)")
        return .choices(
            after: """
                Passage: \(passage)
                Question: In the passage above, does the pronoun "*\(pronoun)*" refer to "*\(noun)*"?
                Answer:
                """, ["no", "yes"], right: [try row.flag("label") ? 1 : 0])
    }

    /// Without the blanks that tokenized text has around punctuation.
    static func detokenized(_ text: String) -> String {
        [(" n't", "n't"), (" )", ")"), ("( ", "("), ("\" ", "\""), (" \"", "\"")]
            .reduce(text) { $0.replacingOccurrences(of: $1.0, with: $1.1) }
            .replacing(#/\ (['.,])/#) { $0.output.1 }
    }
}
