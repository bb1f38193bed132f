/// PIQA: which of two ways reaches an everyday goal.
public struct PIQA: ZeroShotTask {
    public let card = TaskCard(
        name: "piqa", file: "zero-shot/piqa-valid.jsonl", version: "1.0",
        reference: "Bisk et al., PIQA, AAAI 2020")
    public let metrics: [any TaskMetric] = [ChoiceAccuracy(), NormalizedAccuracy()]

    public init() {}

    public func question(_ row: TaskRow) throws(TaskRow.Problem) -> TaskQuestion? {
        .choices(
            after: "Question: \(try row.text("goal"))\nAnswer:",
            [try row.text("sol1"), try row.text("sol2")], right: [try row.place("label", in: 0..<2)])
    }
}
