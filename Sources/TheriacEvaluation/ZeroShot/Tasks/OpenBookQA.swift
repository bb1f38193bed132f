/// OpenBookQA: elementary science questions, without the book.
public struct OpenBookQA: ZeroShotTask {
    public let card = TaskCard(
        name: "openbookqa", file: "zero-shot/openbookqa.jsonl", version: "1.0",
        reference: "Mihaylov et al., Can a Suit of Armor Conduct Electricity?, EMNLP 2018")
    public let metrics: [any TaskMetric] = [ChoiceAccuracy(), NormalizedAccuracy()]

    public init() {}

    public func question(_ row: TaskRow) throws(TaskRow.Problem) -> TaskQuestion? {
        guard try row.text("split") == "test" else { return nil }
        let choices = try row.texts("choices")
        return .choices(
            after: try row.text("question"), choices, right: [try row.place("label", in: choices.indices)])
    }
}
