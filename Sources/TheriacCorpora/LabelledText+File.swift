extension LabelledText {
    /// Reads labelled texts of one's own from a ``ScoredTextFile``; their splits are left open. Lines without a text are
    /// reported, and so are bad ones.
    /// - Parameter dataset: the name they go by.
    public static func reading(file: String, dataset: String) throws -> Reading<LabelledText> {
        let scored = try ScoredTextFile.read(path: file)
        var reading = Reading<LabelledText>(problems: scored.problems)
        for (place, line) in scored.elements.enumerated() {
            guard let text = line.text else {
                reading.problems.append(LineProblem(line: place + 1, reason: "there is no field 'text'"))
                continue
            }
            reading.elements.append(
                LabelledText(id: line.id, text: text, labels: line.scores, dataset: dataset, split: nil))
        }
        return reading
    }
}
