public import Foundation
internal import Synchronization
public import TheriacDetection

/// Where suggested scores go.
public protocol FeedbackSink: Sendable {
    /// Keeps one suggestion. The caller is answered when this returns: what was accepted must not be lost afterwards.
    ///
    /// - Throws: anything; the caller then hears that the server failed and can send it again.
    func accept(_ suggestion: SuggestedScores) async throws
}

/// What somebody thinks a text should have scored.
public struct SuggestedScores: Sendable, Equatable {
    /// nil unless the operator keeps texts and the caller did not forbid it.
    public var text: String?
    /// SHA-256 of the text's UTF-8, hexadecimal.
    public var textHash: String
    public var scores: [SuggestedScore]
    /// As the caller named them; may be empty.
    public var languages: [String]
    public var communityID: String?
    public var sessionID: String?
    /// The caller's name for the suggestion: deletion asks for it.
    public var clientToken: String?
    public var time: Date
    public var doNotStore: Bool
    /// Which key sent it, by the key's id; nil where no keys are asked for.
    public var keyID: String?
    /// What scored texts at that time.
    public var detector: DetectorIdentity

    public init(
        text: String?, textHash: String, scores: [SuggestedScore], languages: [String], communityID: String?,
        sessionID: String?, clientToken: String?, time: Date, doNotStore: Bool, keyID: String?,
        detector: DetectorIdentity
    ) {
        self.text = text
        self.textHash = textHash
        self.scores = scores
        self.languages = languages
        self.communityID = communityID
        self.sessionID = sessionID
        self.clientToken = clientToken
        self.time = time
        self.doNotStore = doNotStore
        self.keyID = keyID
        self.detector = detector
    }
}

/// One attribute of a suggestion.
public struct SuggestedScore: Sendable, Equatable {
    /// A stretch of the text, in UTF-16 code units.
    public struct Span: Sendable, Equatable {
        public var begin: Int
        public var end: Int
        public var value: Float

        public init(begin: Int, end: Int, value: Float) {
            self.begin = begin
            self.end = end
            self.value = value
        }
    }

    /// As the caller wrote it; it need not be one that is scored.
    public var attribute: String
    public var summary: Float?
    public var spans: [Span]

    public init(attribute: String, summary: Float? = nil, spans: [Span] = []) {
        self.attribute = attribute
        self.summary = summary
        self.spans = spans
    }
}

/// Answers, and keeps nothing but a count.
public final class CountingFeedbackSink: FeedbackSink {
    private let accepted = Mutex(0)

    public init() {}

    public var count: Int { accepted.withLock { $0 } }

    public func accept(_ suggestion: SuggestedScores) async { accepted.withLock { $0 += 1 } }
}
