/// WiC: whether a word means the same in two sentences.
public struct WordInContext: ZeroShotTask {
    public let card = TaskCard(
        name: "wic", file: "zero-shot/wic-valid.jsonl", version: "1.0",
        reference: "Pilehvar and Camacho-Collados, WiC, NAACL 2019",
        differences: ["500 of the 638 validation questions."])

    public init() {}

    public func question(_ row: TaskRow) throws(TaskRow.Problem) -> TaskQuestion? {
        let (first, second) = (try row.text("sentence1"), try row.text("sentence2"))
        let scalars = Array(first.unicodeScalars)
        let start = try row.place("start1", in: 0..<scalars.count)
        let end = try row.place("end1", in: start..<(scalars.count + 1))
        var word = ""
        word.unicodeScalars.append(contentsOf: scalars[start..<end])
        return .choices(
            after: """
                Sentence 1: \(first)
                Sentence 2: \(second)
                Question: Is the word '\(word)' used in the same way in the two sentences above?
                Answer:
                """, ["no", "yes"], right: [try row.flag("label") ? 1 : 0])
    }
}
