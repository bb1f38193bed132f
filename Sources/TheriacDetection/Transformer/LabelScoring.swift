/// A detector with outputs that are no attributes, such as the levels of a set's own taxonomy.
public protocol LabelScoring: Detector {
    /// Names of its outputs: attributes, or labels such as `olid/TIN`.
    var labels: [String] { get }
    /// Probabilities by label, for each text in order; nil for a text that cannot be scored.
    func labelScores(for texts: [String]) throws -> [[String: Float]?]
}
