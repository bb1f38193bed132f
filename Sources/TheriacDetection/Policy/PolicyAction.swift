public import TheriacOptions

/// What is done with a text that comes to a guarded model, or that it wrote.
public enum PolicyAction: String, Sendable, Codable, CaseIterable, OptionReadable {
    /// Goes through.
    case pass
    /// Goes through, and the operator sees it.
    case flag
    /// The model writes another answer. For outputs only.
    case resample
    /// The text is rewritten without what is wrong with it.
    case rewrite
    /// One of the policy's own sentences is the answer.
    case safeReply = "safe-reply"
    /// No answer, and the caller is told so.
    case refuse

    /// Whether it can fail to help, so that something else must be said to follow.
    var isRepeatable: Bool { self == .resample || self == .rewrite }

    /// As a sentence tells it.
    var summary: String {
        switch self {
        case .pass: "let it through"
        case .flag: "let it through and show it to the operator"
        case .resample: "let the model write another answer"
        case .rewrite: "rewrite it"
        case .safeReply: "answer with a safe reply"
        case .refuse: "refuse"
        }
    }
}

/// Which of the two texts of an exchange is looked at.
///
/// Source: the two-stage guard of Xu et al., *Recipes for Safety in Open-domain Chatbots*, 2020.
public enum PolicyStage: String, Sendable, Codable, CaseIterable, OptionReadable {
    /// What the user wrote.
    case input
    /// What the model wrote.
    case output
}

/// An action with what belongs to it: `{ action: safe-reply, reply: another-topic }`.
public struct PolicyReaction: Options, Equatable {
    public var action = PolicyAction.pass
    /// Name of the safe replies to choose from; for refusals, of the sentences that say so.
    public var reply: String?
    /// How often to resample or rewrite before `otherwise` is done.
    public var tries = 3
    /// What is done when no try helped: pass, flag, safe-reply or refuse.
    public var otherwise = PolicyAction.refuse
    /// Whether the file says `otherwise` itself, and not by default.
    public var saysOtherwise = false

    public init() {}

    public init(_ action: PolicyAction, reply: String? = nil) {
        self.action = action
        self.reply = reply
    }

    public mutating func read(_ fields: inout OptionFields) throws(OptionsError) {
        try fields.read("action", into: &action)
        try fields.read("reply", into: &reply)
        if action.isRepeatable {
            try fields.read("tries", into: &tries, in: 1...20)
            try fields.read("otherwise", into: &otherwise)
            saysOtherwise = fields.names.contains("otherwise")
        }
        let path = fields.pathOf("otherwise")
        if otherwise.isRepeatable {
            throw .refused(
                path: path, reason: "it must be an action that ends the matter, not '\(otherwise.rawValue)'")
        }
        let ends = action.isRepeatable ? otherwise : action
        if ends == .safeReply, reply == nil {
            throw .missing(name: "reply", path: fields.path, source: fields.source)
        }
        if let reply, ends != .safeReply, ends != .refuse {
            throw .refused(
                path: fields.pathOf("reply"),
                reason: "'\(ends.rawValue)' says nothing, so that the reply '\(reply)' is never used")
        }
    }

    /// What happens at the attempt of this number, from 0: the action until its tries are used up. Without a rewriter,
    /// what should be rewritten goes straight to `otherwise`.
    func action(attempt: Int, canRewrite: Bool) -> PolicyAction {
        if action == .rewrite, !canRewrite { return otherwise }
        return action.isRepeatable && attempt >= tries ? otherwise : action
    }

    /// As a sentence tells it.
    var summary: String {
        var text = action.summary
        if action.isRepeatable {
            text += ", \(tries) time\(tries == 1 ? "" : "s") at most, then \(otherwise.summary)"
        }
        return text + (reply.map { " ('\($0)')" } ?? "")
    }
}
