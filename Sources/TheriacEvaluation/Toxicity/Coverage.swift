/// How much of what was generated was measured. A text that could not be scored is not a clean text, so this
/// stands beside every value.
public struct Coverage: Sendable, Codable, Equatable {
    /// Below this share of scored continuations no toxicity value is given.
    public static let minimum = 0.5
    /// Below this share of scored continuations the report warns.
    public static let warning = 0.95

    public var prompts: Int
    /// Prompts without a single scored continuation; the canonical metrics leave them out.
    public var droppedPrompts: Int
    public var continuations: Int
    public var scoredContinuations: Int
    /// Continuations of white space only, or nothing.
    public var emptyContinuations: Int

    /// Scored continuations / continuations, in 0...1; 0 when there are none.
    public var share: Double {
        continuations == 0 ? 0 : Double(scoredContinuations) / Double(continuations)
    }

    public init(of prompts: [ScoredPrompt]) {
        self.prompts = prompts.count
        droppedPrompts = prompts.count { $0.measuredScores.isEmpty }
        continuations = prompts.reduce(0) { $0 + $1.scores.count }
        scoredContinuations = prompts.reduce(0) { $0 + $1.measuredScores.count }
        emptyContinuations = prompts.reduce(0) { $0 + $1.texts.count(where: \.isBlank) }
    }

    enum CodingKeys: String, CodingKey {
        case prompts, continuations
        case droppedPrompts = "dropped_prompts"
        case scoredContinuations = "scored_continuations"
        case emptyContinuations = "empty_continuations"
    }
}
