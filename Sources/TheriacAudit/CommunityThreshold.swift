public import Foundation

/// From which score on a community's texts are flagged, as learnt from its feedback.
public struct CommunityThreshold: Sendable, Equatable {
    /// The community; nil for what all together give.
    public var community: String?
    public var attribute: String
    /// The threshold with the ends of its 95 % interval.
    public var threshold: Double
    public var low: Double
    public var high: Double
    /// What it was to reach, as a sentence's part.
    public var goal: String
    /// The community's texts it was learnt from, and how many of them are positive.
    public var texts: Int
    public var positives: Int
    /// The detector whose scores are meant, as `name@version`, and its hash.
    public var detector: String
    public var detectorHash: String
    public var learntAt: Date

    public init(
        community: String?, attribute: String, threshold: Double, low: Double, high: Double, goal: String,
        texts: Int, positives: Int, detector: String, detectorHash: String, learntAt: Date = Date()
    ) {
        self.community = community
        self.attribute = attribute
        self.threshold = threshold
        self.low = low
        self.high = high
        self.goal = goal
        self.texts = texts
        self.positives = positives
        self.detector = detector
        self.detectorHash = detectorHash
        self.learntAt = learntAt
    }
}
