internal import TheriacCorpora

/// One of the thirteen categories of `/v1/moderations`, and how our attributes make it.
struct ModerationCategory: Sendable {
    /// How scores become one.
    indirect enum Rule: Sendable {
        case attribute(Attribute)
        case highest([Rule])
        case lowest([Rule])
        /// No detector here has a head for it.
        case unmeasured
    }

    let name: String
    let rule: Rule
    /// Left out of the answers of the older `text-moderation-*` models.
    var isRecent = false

    /// The score; nil when the detector cannot measure the category.
    func score(_ scores: [Attribute: Float]) -> Float? { Self.value(rule, scores) }

    /// Attributes the detector lacks do not take part in a maximum.
    private static func value(_ rule: Rule, _ scores: [Attribute: Float]) -> Float? {
        switch rule {
        case .attribute(let attribute): return scores[attribute]
        case .highest(let rules): return rules.compactMap { value($0, scores) }.max()
        case .lowest(let rules):
            let values = rules.compactMap { value($0, scores) }
            return values.count == rules.count ? values.min() : nil
        case .unmeasured: return nil
        }
    }

    /// Whether the rule holds when attributes count from their thresholds on; false where nothing was measured.
    func holds(_ scores: [Attribute: Float], from threshold: (Attribute) -> Float) -> Bool {
        score(scores) != nil && Self.holds(rule, scores, threshold)
    }

    private static func holds(
        _ rule: Rule, _ scores: [Attribute: Float], _ threshold: (Attribute) -> Float
    ) -> Bool {
        switch rule {
        case .attribute(let attribute): scores[attribute].map { $0 >= threshold(attribute) } ?? false
        case .highest(let rules): rules.contains { holds($0, scores, threshold) }
        case .lowest(let rules): rules.allSatisfy { holds($0, scores, threshold) }
        case .unmeasured: false
        }
    }

    private static let harassment = Rule.highest([.attribute(.insult), .attribute(.toxicity)])

    /// All, in the order of the answer.
    static let all: [ModerationCategory] = [
        .init(name: "harassment", rule: harassment),
        .init(name: "harassment/threatening", rule: .lowest([harassment, .attribute(.threat)])),
        .init(name: "hate", rule: .attribute(.identityAttack)),
        .init(name: "hate/threatening", rule: .lowest([.attribute(.identityAttack), .attribute(.threat)])),
        .init(name: "illicit", rule: .unmeasured, isRecent: true),
        .init(name: "illicit/violent", rule: .unmeasured, isRecent: true),
        .init(name: "self-harm", rule: .unmeasured),
        .init(name: "self-harm/intent", rule: .unmeasured),
        .init(name: "self-harm/instructions", rule: .unmeasured),
        .init(name: "sexual", rule: .attribute(.sexuallyExplicit)),
        .init(name: "sexual/minors", rule: .unmeasured),
        .init(name: "violence", rule: .attribute(.threat)),
        .init(name: "violence/graphic", rule: .unmeasured),
    ]
}
