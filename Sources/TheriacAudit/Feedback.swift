public import Foundation
import TheriacFiles

/// What a person says of a text: the scores it should have, or a report that something is wrong with it.
public struct Feedback: Sendable, Equatable {
    public enum Kind: String, Sendable, CaseIterable, Codable {
        /// Scores a person would give (Perspective's `comments:suggestscore`).
        case suggestion
        /// A user's report of a comment, a prompt or an answer.
        case flag
    }

    /// What a flag is about.
    public enum Subject: String, Sendable, CaseIterable, Codable { case comment, input, output }

    public enum Status: String, Sendable, CaseIterable, Codable { case open, accepted, rejected }

    /// A score for a stretch of the text. Places are UTF-16 code units, as on Perspective's wire.
    public struct Span: Sendable, Equatable, Codable {
        public var attribute: String
        public var begin: Int
        public var end: Int
        public var value: Double

        public init(attribute: String, begin: Int, end: Int, value: Double) {
            self.attribute = attribute
            self.begin = begin
            self.end = end
            self.value = value
        }
    }

    /// Row in the store; 0 before it is stored.
    public var id: Int64 = 0
    public var kind: Kind
    public var time: Date
    /// nil when it was not to be stored.
    public var text: String?
    /// SHA-256 of the text's UTF-8; nil when it was not to be stored.
    public var textHash: String?
    /// What stood before the text, oldest first.
    public var context: [String] = []
    public var languages: [String] = []
    /// The value each attribute should have, 0...1. Names as given: unknown ones are kept.
    public var suggested: [String: Double]
    public var spans: [Span] = []
    public var subject: Subject = .comment
    /// Why a user reports it, in the user's words or as a code.
    public var reason: String?
    /// What the active detector said of the text.
    public var scores: [String: Double] = [:]
    /// The active detector, as `name@version`, and its hash.
    public var detector: String?
    public var detectorHash: String?
    public var community: String?
    public var session: String?
    public var clientToken: String?
    /// The key the request came with.
    public var keyID: Int64?
    public var status = Status.open
    public var reviewer: String?
    public var note: String?
    public var reviewedAt: Date?

    /// - Parameters:
    ///   - suggested: by attribute, 0...1; for a flag what its sender claims, empty for "this is toxic".
    ///   - doNotStore: keeps neither the text nor its hash.
    public init(
        _ kind: Kind, text: String, suggested: [String: Double] = [:], time: Date = Date(),
        doNotStore: Bool = false
    ) {
        self.kind = kind
        self.time = time
        self.suggested = suggested
        self.text = doNotStore ? nil : text
        textHash = doNotStore ? nil : Self.hash(of: text)
    }

    init(kind: Kind, time: Date, suggested: [String: Double]) {
        self.kind = kind
        self.time = time
        self.suggested = suggested
    }

    /// The name under which the store knows a text.
    public static func hash(of text: String) -> String { sha256(of: Array(text.utf8)) }

    /// Refuses what makes no sense to keep.
    func check() throws(AuditError) {
        guard kind == .flag || !suggested.isEmpty || !spans.isEmpty else {
            throw .invalid(what: "suggestion", reason: "it gives no score")
        }
        for (name, word) in [("community", community), ("session", session), ("client token", clientToken)]
        where word?.utf8.contains(0) == true {
            throw .invalid(what: kind.rawValue, reason: "its \(name) holds a null character")
        }
        for (name, value) in suggested.sorted(by: { $0.key < $1.key }) where !(0...1).contains(value) {
            throw .invalid(
                what: kind.rawValue, reason: "the score of '\(name.prefix(60))' is not in 0...1")
        }
        for span in spans where !(0...1).contains(span.value) || span.begin < 0 || span.end < span.begin {
            throw .invalid(
                what: kind.rawValue,
                reason: "a span of '\(span.attribute.prefix(60))' has no place, or a score outside 0...1")
        }
    }
}

/// Which feedback is meant. Everything that is nil does not matter.
public struct FeedbackFilter: Sendable, Equatable {
    public var kind: Feedback.Kind?
    public var status: Feedback.Status?
    public var community: String?
    public var keyID: Int64?
    public var since: Date?
    public var until: Date?
    /// What may be learnt from; nil for all.
    public var trust: FeedbackTrust?

    public init(
        kind: Feedback.Kind? = nil, status: Feedback.Status? = nil, community: String? = nil,
        keyID: Int64? = nil, since: Date? = nil, until: Date? = nil, trust: FeedbackTrust? = nil
    ) {
        self.kind = kind
        self.status = status
        self.community = community
        self.keyID = keyID
        self.since = since
        self.until = until
        self.trust = trust
    }
}

/// Which feedback may be learnt from.
public enum FeedbackTrust: String, Sendable, CaseIterable {
    /// What a reviewer accepted.
    case accepted
    /// What a reviewer accepted, and suggestions that nobody rejected: for communities whose moderators are the ones
    /// who suggest. Flags count only when accepted.
    case unrejected
}
