/// ARC: science questions of school examinations.
public struct ARC: ZeroShotTask {
    public enum Part: String, Sendable { case easy, challenge }

    public let card: TaskCard
    public let metrics: [any TaskMetric] = [ChoiceAccuracy(), NormalizedAccuracy()]
    private let part: Part

    public init(_ part: Part) {
        self.part = part
        card = TaskCard(
            name: "arc_\(part.rawValue)", group: "arc", file: "zero-shot/arc.jsonl", version: "1.0",
            reference: "Clark et al., Think you have Solved Question Answering?, 2018",
            differences: ["Questions with four choices only."])
    }

    public func question(_ row: TaskRow) throws(TaskRow.Problem) -> TaskQuestion? {
        guard try row.text("set") == part.rawValue, try row.text("split") == "test" else { return nil }
        let choices = try row.texts("choices")
        return .choices(
            after: "Question: \(try row.text("question"))\nAnswer:", choices,
            right: [try row.place("label", in: choices.indices)])
    }
}
