import Foundation

/// WinoGrande: which of two nouns a blank stands for, judged by the text after the blank.
public struct WinoGrande: ZeroShotTask {
    public let card = TaskCard(
        name: "winogrande", file: "zero-shot/winogrande-dev.jsonl", version: "1.0",
        reference: "Sakaguchi et al., WinoGrande, AAAI 2020")

    public init() {}

    public func question(_ row: TaskRow) throws(TaskRow.Problem) -> TaskQuestion? {
        let sentence = try row.text("sentence")
        guard let blank = sentence.firstIndex(of: "_") else {
            throw TaskRow.Problem(reason: "the sentence has no blank '_'")
        }
        let options = [try row.text("option1"), try row.text("option2")]
        let ending = sentence[sentence.index(after: blank)...].trimmingCharacters(in: .whitespacesAndNewlines)
        return .contexts(
            options.map { sentence[..<blank] + $0 }, before: ending,
            right: try row.place(of: "answer", among: ["1", "2"]))
    }
}
