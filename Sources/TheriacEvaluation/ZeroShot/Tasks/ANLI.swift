/// ANLI: whether a sentence follows from another, with questions that models of the day got wrong.
public struct ANLI: ZeroShotTask {
    public let card: TaskCard

    /// - Parameter round: 1, 2 or 3.
    public init(round: Int) {
        card = TaskCard(
            name: "anli_r\(round)", group: "anli", file: "zero-shot/anli-r\(round).jsonl", version: "1.0",
            reference: "Nie et al., Adversarial NLI, ACL 2020")
    }

    /// `label` is 0 for entailment, 1 for neutral, 2 for contradiction, as the set is published.
    public func question(_ row: TaskRow) throws(TaskRow.Problem) -> TaskQuestion? {
        let hypothesis = try row.text("hypothesis")
        return .choices(
            after: "\(try row.text("premise"))\nQuestion: \(hypothesis) True, False, or Neither?\nAnswer:",
            ["True", "Neither", "False"], right: [try row.place("label", in: 0..<3)])
    }
}
