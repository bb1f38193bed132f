public import Foundation

/// One thing the server decided: for the audit, not for learning. It holds no text unless the store keeps texts and the
/// request allows it.
public struct Decision: Sendable, Equatable {
    /// Row in the store; 0 before it is stored.
    public var id: Int64 = 0
    public var time: Date
    /// Such as `comments:analyze` or `chat/completions`.
    public var route: String
    /// The detector, as `name@version`, and its hash.
    public var detector: String
    public var detectorHash: String
    /// By attribute; empty when the text could not be scored.
    public var scores: [String: Double]
    /// `score` where nothing was to be decided, else what the policy did: `pass`, `flag`, `refuse`, …
    public var action: String
    /// `input` or `output` of a guarded model; nil elsewhere.
    public var stage: String?
    /// The policy's rule, such as `input[2]`.
    public var rule: String?
    public var keyID: Int64?
    public var community: String?
    public var latency: Duration
    /// The text. It is stored only by an ``AuditStore`` that keeps texts.
    public var text: String?
    /// SHA-256 of the text.
    public var textHash: String?
    /// Keeps neither the text nor its hash, whatever the store is set to.
    public var doNotStore = false

    public init(
        route: String, detector: String, detectorHash: String, scores: [String: Double], action: String,
        latency: Duration, time: Date = Date()
    ) {
        self.time = time
        self.route = route
        self.detector = detector
        self.detectorHash = detectorHash
        self.scores = scores
        self.action = action
        self.latency = latency
    }
}

/// How often each score came up in a stretch of time.
public struct ScoreDistribution: Sendable, Equatable, Encodable {
    public var start: Date
    /// Ten bins of 0...1, each 0.1 wide; 1 falls into the last.
    public var counts: [Int]
}
