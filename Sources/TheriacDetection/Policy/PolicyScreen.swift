public import TheriacCorpora
public import TheriacOptions

/// A quick detector that looks first, so that the slow one is asked only where that one is unsure or finds something.
///
/// ```yaml
/// detector: judge
/// screen: { detector: steer, below: 0.1 }
/// ```
///
/// A text all of whose scores by the first stay below `below` passes, and the second is not asked. The first never has the
/// last word on anything but that: where its own scores would make a rule apply, the second is asked all the same.
///
/// Source: the order of string matcher and classifiers in Xu et al., *Recipes for Safety in Open-domain Chatbots*, 2020.
public struct PolicyScreen: Options, Equatable {
    /// The quick detector, possibly pinned.
    public var detector = "steer"
    /// Texts with a score from here on are shown to the policy's detector. There is no default: it depends on both.
    public var below: Double = 0

    public init() {}

    public init(detector: String, below: Double) {
        self.detector = detector
        self.below = below
    }

    public mutating func read(_ fields: inout OptionFields) throws(OptionsError) {
        try fields.read("detector", into: &detector)
        below = try fields.require("below")
        try fields.read("below", into: &below, in: 0...1)
    }

    /// Whether the quick detector found so little that the slow one need not be asked. A text without a score is never
    /// clear.
    func clears(_ verdict: Verdict) -> Bool {
        guard case .scored(let scores) = verdict, !scores.isEmpty else { return false }
        return scores.values.allSatisfy { $0 < Float(below) }
    }
}

extension Policy {
    /// What the quick detector's verdict settles on its own: that the text passes.
    ///
    /// - Returns: nil when the policy's detector has to be asked, and always when there is no screen.
    public func screened(
        _ stage: PolicyStage, _ verdict: Verdict, for subject: PolicySubject = .anyone, attempt: Int = 0,
        learnt: [Attribute: Double] = [:], canRewrite: Bool = true
    ) -> PolicyDecision? {
        guard let screen, screen.clears(verdict) else { return nil }
        let decision = decision(
            stage, verdict, for: subject, attempt: attempt, learnt: learnt, canRewrite: canRewrite)
        return decision.action == .pass ? decision : nil
    }
}
