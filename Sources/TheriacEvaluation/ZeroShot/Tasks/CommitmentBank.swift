/// CommitmentBank: whether a speaker is committed to a clause.
public struct CommitmentBank: ZeroShotTask {
    public let card = TaskCard(
        name: "cb", file: "zero-shot/cb-valid.jsonl", version: "1.0",
        reference: "de Marneffe et al., 2019; Wang et al., SuperGLUE, NeurIPS 2019")
    public let metrics: [any TaskMetric] = [ChoiceAccuracy(), MacroF1(classes: 3)]

    public init() {}

    public func question(_ row: TaskRow) throws(TaskRow.Problem) -> TaskQuestion? {
        let hypothesis = try row.text("hypothesis")
        return .choices(
            after: "\(try row.text("premise"))\nQuestion: \(hypothesis). True, False, or Neither?\nAnswer:",
            ["True", "False", "Neither"],
            right: [try row.place(of: "label", among: ["entailment", "contradiction", "neutral"])])
    }
}
