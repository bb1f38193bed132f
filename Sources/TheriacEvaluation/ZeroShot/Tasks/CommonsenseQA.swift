import Foundation

/// CommonsenseQA: five choices; the model names a letter.
public struct CommonsenseQA: ZeroShotTask {
    public let card = TaskCard(
        name: "commonsense_qa", file: "zero-shot/commonsenseqa-valid.jsonl", version: "Yaml",
        reference: "Talmor et al., CommonsenseQA, NAACL 2019")

    public init() {}

    public func question(_ row: TaskRow) throws(TaskRow.Problem) -> TaskQuestion? {
        let letters = ["A", "B", "C", "D", "E"]
        let choices = try row.texts("choices")
        guard choices.count == letters.count else {
            throw TaskRow.Problem(reason: "it has \(choices.count) choices and not 5")
        }
        let question = try row.text("question").trimmingCharacters(in: .whitespacesAndNewlines)
        let lines = zip(letters, choices).map { "\($0). \($1)\n" }.joined()
        return .choices(
            after: "Question: \(question)\n\(lines)Answer:", letters,
            right: [try row.place("label", in: letters.indices)])
    }
}
