import Foundation

/// COPA: which of two sentences is the cause or the effect of another.
public struct COPA: ZeroShotTask {
    public let card = TaskCard(
        name: "copa", file: "zero-shot/copa.jsonl", version: "1.0",
        reference: "Roemmele et al., Choice of Plausible Alternatives, AAAI Spring Symposium 2011",
        differences: ["50 of the 100 validation questions."])

    public init() {}

    /// Two blanks stand before a choice, as in the harness.
    public func question(_ row: TaskRow) throws(TaskRow.Problem) -> TaskQuestion? {
        guard try row.text("split") == "valid" else { return nil }
        let connector = ["because", "therefore"][try row.place(of: "question", among: ["cause", "effect"])]
        let premise = try row.text("premise").trimmingCharacters(in: .whitespacesAndNewlines).dropLast()
        let choices = [try row.text("choice1"), try row.text("choice2")].map {
            " " + $0.prefix(1).lowercased() + $0.dropFirst()
        }
        return .choices(
            after: "\(premise) \(connector)", choices, right: [try row.place("label", in: 0..<2)])
    }
}
