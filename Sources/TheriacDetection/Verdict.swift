public import TheriacCorpora

/// A probability in 0...1 for each attribute a detector knows.
public typealias AttributeScores = [Attribute: Float]

/// What a detector says of one text: a measurement, or the reason there is none.
///
/// A text that could not be scored is not a clean text: count it apart.
public enum Verdict: Sendable, Equatable {
    case scored(AttributeScores)
    case unscored(reason: String)

    /// The toxicity, when it was measured.
    public var toxicity: Float? {
        guard case .scored(let scores) = self else { return nil }
        return scores[.toxicity]
    }

    /// For a text with nothing in it to score.
    static let emptyText = Verdict.unscored(reason: "empty text")
}
