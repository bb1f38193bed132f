public import TheriacCorpora

/// What a policy says of one text, and why.
public struct PolicyDecision: Sendable, Equatable, Codable {
    public var stage: PolicyStage
    public var action: PolicyAction
    /// The rule that was followed, by its place in the file: `input[1]`, `overrides[0].output[2]`, `unscored.input`. nil when
    /// none applied.
    public var rule: String?
    /// What made it apply; nil when none did, and for texts without a score.
    public var attribute: Attribute?
    public var score: Double?
    public var threshold: Double?
    /// The sentences to choose an answer from: of safe replies, and of refusals that have any.
    public var replies: [String] = []

    /// The sentence to answer with; nil when the action has none. The same number gives the same sentence.
    public func reply(choice: UInt64) -> String? {
        replies.isEmpty ? nil : replies[Int(choice % UInt64(replies.count))]
    }

    /// Why, for logs and tables; it holds no text.
    public var reason: String {
        guard let rule else { return "no rule applies" }
        guard let attribute, let score, let threshold else { return "no score (\(rule))" }
        func short(_ value: Double) -> String { "\((value * 1000).rounded() / 1000)" }
        return "\(attribute.rawValue) \(short(score)) from \(short(threshold)) (\(rule))"
    }
}

extension Policy {
    /// What is to be done with a text, as a function of its scores alone.
    ///
    /// - Parameters:
    ///   - stage: whether a user or the model wrote it.
    ///   - verdict: what the detector says of it. An attribute without a score makes no rule apply.
    ///   - subject: who asks.
    ///   - attempt: how often this answer was already resampled or rewritten: when the tries are used up, the decision is
    ///     the rule's `otherwise`.
    ///   - learnt: the community's own thresholds, for rules that say `learnt: true`.
    ///   - canRewrite: whether somebody can rewrite texts; without, `rewrite` becomes the rule's `otherwise`.
    public func decision(
        _ stage: PolicyStage, _ verdict: Verdict, for subject: PolicySubject = .anyone, attempt: Int = 0,
        learnt: [Attribute: Double] = [:], canRewrite: Bool = true
    ) -> PolicyDecision {
        let place = overrides.firstIndex { $0.applies(to: subject) }
        let own = place.map { (path: "overrides[\($0)].", rules: overrides[$0].rules) }
        switch verdict {
        case .unscored:
            let path = own?.rules.unscored[stage] == nil ? "" : own?.path ?? ""
            let reaction = own?.rules.unscored[stage] ?? rules.unscored[stage] ?? PolicyReaction(.flag)
            return decision(
                stage, reaction, rule: "\(path)unscored.\(stage.rawValue)", attempt: attempt,
                canRewrite: canRewrite)
        case .scored(let scores):
            let path = own?.rules[stage] == nil ? "" : own?.path ?? ""
            for (index, rule) in (own?.rules[stage] ?? rules[stage] ?? []).enumerated() {
                guard let match = rule.match(scores, learnt: learnt) else { continue }
                var decision = decision(
                    stage, rule.reaction, rule: "\(path)\(stage.rawValue)[\(index)]", attempt: attempt,
                    canRewrite: canRewrite)
                (decision.attribute, decision.score, decision.threshold) = match
                return decision
            }
            return PolicyDecision(stage: stage, action: .pass)
        }
    }

    private func decision(
        _ stage: PolicyStage, _ reaction: PolicyReaction, rule: String, attempt: Int, canRewrite: Bool
    ) -> PolicyDecision {
        let action = reaction.action(attempt: attempt, canRewrite: canRewrite)
        let replies = reaction.reply.flatMap { safeReplies[$0] } ?? []
        return PolicyDecision(
            stage: stage, action: action, rule: rule,
            replies: action == .safeReply || action == .refuse ? replies : [])
    }
}
