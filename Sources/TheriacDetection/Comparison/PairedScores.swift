public import TheriacCorpora

/// What one scorer says of texts: scores by text, nil where it could not score.
public struct ScoredSide: Sendable {
    /// As tables name it.
    public let name: String
    /// nil for stored scores.
    public let identity: DetectorIdentity?
    public let scores: [AttributeScores?]

    public init(name: String, identity: DetectorIdentity?, scores: [AttributeScores?]) {
        self.name = name
        self.identity = identity
        self.scores = scores
    }

    /// Lets a detector score the texts.
    public init(_ detector: any Detector, texts: [String]) throws {
        self.init(
            name: detector.identity.name, identity: detector.identity,
            scores: try detector.verdicts(for: texts).map { verdict in
                guard case .scored(let scores) = verdict else { return nil }
                return scores
            })
    }

    /// The attributes that some text has a score for, in the usual order.
    public var attributes: [Attribute] {
        Attribute.allCases.filter { attribute in scores.contains { $0?[attribute] != nil } }
    }
}
