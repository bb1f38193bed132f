/// BLiMP: of two sentences that differ in one point of grammar, the right one should be likelier.
public struct BLiMP: ZeroShotTask {
    public let card = TaskCard(
        name: "blimp", file: "zero-shot/blimp.jsonl", version: "1.0",
        reference: "Warstadt et al., BLiMP, TACL 2020",
        differences: [
            "200 random pairs of each of the 67 paradigms, and one accuracy over all, which is the mean over paradigms."
        ])

    public init() {}

    public func question(_ row: TaskRow) throws(TaskRow.Problem) -> TaskQuestion? {
        .choices(after: "", [try row.text("good"), try row.text("bad")], right: [0])
    }
}
