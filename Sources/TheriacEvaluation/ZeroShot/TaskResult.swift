/// What came out of a task.
public struct TaskResult: Sendable {
    public struct Measure: Sendable, Equatable {
        public var name: String
        public var isHigherBetter: Bool
        public var value: Double
        /// Absent for measures that have none, and for a single question.
        public var standardError: Double?
    }

    public var card: TaskCard
    /// The main one first; one whose value is not finite is left out.
    public var measures: [Measure]
    /// Questions in the file.
    public var original: Int
    /// Questions that the measures are over.
    public var effective: Int
    /// Questions that could not be asked, such as one whose answer alone does not fit the model. They are left out.
    public var unscored: Int
    /// SHA-256 of the task's file.
    public var fileHash: String

    /// - Parameter answers: for each item one for each request; nil where the model has none.
    public init(of task: any ZeroShotTask, _ asked: TaskItems, answers: [[TaskAnswer?]]) {
        card = task.card
        original = asked.original
        fileHash = asked.fileHash
        let complete = zip(asked.items, answers).compactMap { item, answers in
            let known = answers.compactMap { $0 }
            return known.count == answers.count ? (question: item.question, answers: known) : nil
        }
        effective = complete.count
        unscored = asked.items.count - complete.count
        measures = task.metrics.compactMap { metric in
            guard !complete.isEmpty else { return nil }
            let items = complete.map { metric.item($0.question, $0.answers) }
            let value = metric.value(of: items)
            guard value.isFinite else { return nil }
            let error = metric.standardError(of: items).flatMap { $0.isFinite ? $0 : nil }
            return Measure(
                name: metric.name, isHigherBetter: metric.isHigherBetter, value: value, standardError: error)
        }
    }
}
