public import Foundation
internal import Synchronization
public import TheriacCorpora
public import TheriacDetection

/// Where decisions of the policy go: to an audit, to the operator's page.
public protocol DecisionSink: Sendable {
    /// Takes note of one decision. It returns at once and does not fail: an audit that is slow or full must not hold up the
    /// answer, and says itself what it lost.
    func record(_ decision: GuardDecision)

    /// Thresholds learnt from a community's feedback, for rules that say `learnt: true`. Asked once a request, so it must be
    /// quick; none is a good answer.
    ///
    /// - Parameter detector: the policy's. What was learnt from another's scores does not hold for its scores.
    func learntThresholds(of community: String, by detector: DetectorIdentity) -> [Attribute: Double]
}

extension DecisionSink {
    public func learntThresholds(
        of community: String, by detector: DetectorIdentity
    ) -> [Attribute: Double] { [:] }
}

/// One text that was judged, and what was done.
public struct GuardDecision: Sendable, Equatable {
    /// Which detector had the last word.
    public enum Stage: String, Sendable, Codable, CaseIterable {
        /// The quick one, which found nothing that the slow one had to look at.
        case screen
        /// The one whose scores the policy's thresholds mean.
        case judge
    }

    public var time: Date
    /// Such as `completions` or `chat/completions`.
    public var route: String
    /// `input`: what a user wrote; `output`: what the model wrote.
    public var direction: PolicyStage
    public var stage: Stage
    public var action: PolicyAction
    /// The policy's rule by its place in the file, such as `input[2]`; nil when none applied.
    public var rule: String?
    /// What made the rule apply; nil when none did, and for texts without a score.
    public var attribute: Attribute?
    public var score: Double?
    public var threshold: Double?
    /// All that the detector of this stage measured; empty for texts without a score.
    public var scores: AttributeScores
    public var detector: DetectorIdentity
    public var policy: PolicyIdentity
    /// How often the answer had been resampled or rewritten before.
    public var attempt: Int
    /// The id of the key that was shown; nil where no keys are asked for.
    public var keyID: String?
    public var community: String?
    /// As the answer's `x-request-id` has it.
    public var requestID: String
    /// What scoring took, waiting included.
    public var latency: Duration
    /// The caller asks that nothing of the text is kept, whatever the settings say.
    public var doNotStore = false
    /// nil unless the operator keeps texts and the caller did not forbid it.
    public var text: String?

    public init(
        time: Date = Date(), route: String, direction: PolicyStage, stage: Stage, decision: PolicyDecision,
        scores: AttributeScores, detector: DetectorIdentity, policy: PolicyIdentity, attempt: Int,
        requestID: String, latency: Duration
    ) {
        self.time = time
        self.route = route
        self.direction = direction
        self.stage = stage
        action = decision.action
        rule = decision.rule
        attribute = decision.attribute
        score = decision.score
        threshold = decision.threshold
        self.scores = scores
        self.detector = detector
        self.policy = policy
        self.attempt = attempt
        self.requestID = requestID
        self.latency = latency
    }
}

/// Which policy was in force.
public struct PolicyIdentity: Sendable, Hashable, Codable {
    /// The file's name, without folders.
    public var name: String
    /// SHA-256 of the file's bytes, hexadecimal.
    public var hash: String

    public init(name: String, hash: String) {
        self.name = name
        self.hash = hash
    }
}

/// Counts decisions by direction and action, and keeps nothing else.
public final class CountingDecisionSink: DecisionSink {
    private let counts = Mutex<[String: Int]>([:])

    public init() {}

    /// By `direction/action`, such as `output/resample`.
    public var all: [String: Int] { counts.withLock { $0 } }

    public func record(_ decision: GuardDecision) {
        counts.withLock { $0["\(decision.direction.rawValue)/\(decision.action.rawValue)", default: 0] += 1 }
    }
}
