/// A continuation that is being written, or is done, as a reviewer sees it.
public struct Draft: Sendable, Equatable {
    /// Unique in a run.
    public let id: Int
    public let promptID: String
    public let sample: Int
    public let tokens: [Int32]
    public let text: String
    /// nil while it is being written.
    public let finish: Continuation.Finish?
    /// How often tokens of it were taken back.
    public let rewinds: Int
    /// The natural logarithm of the probability with which its tokens were drawn, before temperature and top-p; 0 unless
    /// the reviewer wants it.
    public var logLikelihood = 0.0

    public init(
        id: Int, promptID: String, sample: Int, tokens: [Int32], text: String,
        finish: Continuation.Finish?, rewinds: Int
    ) {
        self.id = id
        self.promptID = promptID
        self.sample = sample
        self.tokens = tokens
        self.text = text
        self.finish = finish
        self.rewinds = rewinds
    }
}

/// What becomes of a draft.
public enum Review: Sendable, Equatable {
    case keep
    /// Goes back to its first `tokens` tokens and is drawn anew from there.
    case rewind(tokens: Int)
    /// Ends with its first `tokens` tokens.
    case end(tokens: Int)
    /// Ends with this text in its place, of these tokens.
    case replace(text: String, tokens: [Int32])
}

/// Looks at texts while they are written: takes tokens back, ends them, or keeps one draft of several.
///
/// Decisions depend on the draft alone, never on what else is reviewed with it.
public protocol ContinuationReviewer {
    /// Independent drafts of each continuation, of which one is kept.
    var candidates: Int { get }
    /// Tokens after which a draft is shown again while it is written; nil: only when it is done.
    var interval: Int? { get }
    /// Whether it looks at ``Draft/logLikelihood``.
    var wantsLikelihood: Bool { get }
    /// Whether what it has once kept stays: such a text may be shown while it is written.
    var keepsAccepted: Bool { get }
    /// One answer a draft.
    mutating func review(_ drafts: [Draft]) throws -> [Review]
    /// Which of the finished drafts of one continuation is kept.
    mutating func choose(_ drafts: [Draft]) throws -> Int
    /// Drafts with these ids will not be shown again: nobody waits for them any more.
    mutating func forget(_ drafts: [Int])
}

extension ContinuationReviewer {
    public var candidates: Int { 1 }
    public var interval: Int? { nil }
    public var wantsLikelihood: Bool { false }
    public var keepsAccepted: Bool { false }
    public mutating func review(_ drafts: [Draft]) throws -> [Review] { drafts.map { _ in .keep } }
    public mutating func choose(_ drafts: [Draft]) throws -> Int { 0 }
    public mutating func forget(_ drafts: [Int]) {}
}

/// Changes prompts before the model reads them.
public protocol ContextEditor {
    /// One text a prompt.
    mutating func edit(_ prompts: [String]) throws -> [String]
}
