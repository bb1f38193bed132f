/// RTE: whether a sentence follows from another.
public struct RTE: ZeroShotTask {
    public let card = TaskCard(
        name: "sglue_rte", group: "rte", file: "zero-shot/rte-valid.jsonl", version: "0.0",
        reference: "Dagan et al., 2005; Wang et al., SuperGLUE, NeurIPS 2019")

    public init() {}

    public func question(_ row: TaskRow) throws(TaskRow.Problem) -> TaskQuestion? {
        .choices(
            after:
                "\(try row.text("premise"))\nQuestion: \(try row.text("hypothesis")) True or False?\nAnswer:",
            ["True", "False"], right: [try row.place(of: "label", among: ["entailment", "not_entailment"])])
    }
}
