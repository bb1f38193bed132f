import TheriacFiles

/// RACE (high school): the last question of an article, after the others with their answers.
public struct RACE: ZeroShotTask {
    public let card = TaskCard(
        name: "race", file: "zero-shot/race-high.jsonl", version: "3.0",
        reference: "Lai et al., RACE, EMNLP 2017",
        differences: ["`problems` is a list of objects, not a text that holds one."])

    public init() {}

    public func question(_ row: TaskRow) throws(TaskRow.Problem) -> TaskQuestion? {
        let problems = (row.value["problems"]?.elements ?? []).map(TaskRow.init)
        guard let last = problems.last else { throw TaskRow.Problem(reason: "it has no 'problems'") }
        var text = "Article: \(try row.text("article"))\n\n"
        for problem in problems.dropLast() {
            let question = try problem.text("question")
            let (options, right) = try Self.options(problem)
            // A question that is a sentence with a blank at its end is completed by its answer.
            text +=
                question.hasSuffix("  _  .")
                ? "\(question.dropLast(5))\(options[right])\n"
                : "Question: \(question)\nAnswer: \(options[right])\n"
        }
        let (options, right) = try Self.options(last)
        return .choices(after: text + (try last.text("question")), options, right: [right])
    }

    private static func options(_ problem: TaskRow) throws(TaskRow.Problem) -> ([String], right: Int) {
        let options = try problem.texts("options")
        let right = try problem.place(of: "answer", among: ["A", "B", "C", "D"])
        guard right < options.count else {
            throw TaskRow.Problem(reason: "a question has fewer options than its answer says")
        }
        return (options, right)
    }
}
