/// What a task is, for readers and results.
public struct TaskCard: Sendable {
    /// As lm-evaluation-harness calls it: a key of the results.
    public var name: String
    /// A name that asks for this task and its siblings; its own when it has none.
    public var group: String
    /// Where its rows are, below the data folder. JSON lines.
    public var file: String
    /// The version of the harness's task that it follows.
    public var version: String
    /// Publication.
    public var reference: String
    /// How its prompts or rows differ from the harness's; empty when they do not.
    public var differences: [String]

    public init(
        name: String, group: String? = nil, file: String, version: String, reference: String,
        differences: [String] = []
    ) {
        self.name = name
        self.group = group ?? name
        self.file = file
        self.version = version
        self.reference = reference
        self.differences = differences
    }
}

/// A task that a language model does without training or examples: it is asked how likely each answer is.
///
/// Prompts, choices and measures are those of lm-evaluation-harness 0.4.13; a card names every difference.
///
/// Source: Gao et al., *The Language Model Evaluation Harness*, 2024 (Zenodo 12608602).
public protocol ZeroShotTask: Sendable {
    var card: TaskCard { get }
    /// What is measured, the main measure first.
    var metrics: [any TaskMetric] { get }
    /// The question in a row; nil for a row of another part of the set.
    func question(_ row: TaskRow) throws(TaskRow.Problem) -> TaskQuestion?
}

extension ZeroShotTask {
    public var metrics: [any TaskMetric] { [ChoiceAccuracy()] }
}
