/// BoolQ: a yes/no question about a passage.
public struct BoolQ: ZeroShotTask {
    public let card = TaskCard(
        name: "boolq", file: "zero-shot/boolq-valid.jsonl", version: "2.0",
        reference: "Clark et al., BoolQ, NAACL 2019",
        differences: ["2,000 random ones of the 3,270 validation questions."])

    public init() {}

    public func question(_ row: TaskRow) throws(TaskRow.Problem) -> TaskQuestion? {
        .choices(
            after: "\(try row.text("passage"))\nQuestion: \(try row.text("question"))?\nAnswer:",
            ["no", "yes"],
            right: [try row.flag("label") ? 1 : 0])
    }
}
