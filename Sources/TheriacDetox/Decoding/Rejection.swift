public import TheriacCorpora
internal import TheriacDetection
public import TheriacGeneration
public import TheriacOptions

/// Settings of rejection sampling.
public struct RejectionSettings: Options, Equatable {
    /// The detector that accepts; it cannot be the judge as well.
    public var detector = "steer"
    public var attribute = Attribute.toxicity
    /// A continuation is accepted below this probability.
    public var threshold = 0.5
    /// Draws of a continuation, at most.
    public var tries = 10
    /// Given when no draw is accepted; "" gives the least toxic of them.
    public var safeReply = ""

    public init() {}

    public mutating func read(_ fields: inout OptionFields) throws(OptionsError) {
        try fields.read("detector", into: &detector)
        try fields.read("attribute", into: &attribute)
        try fields.read("threshold", into: &threshold, in: 0...1)
        try fields.read("tries", into: &tries, in: 1...100_000)
        try fields.read("safe-reply", into: &safeReply)
    }
}

/// Draws a continuation anew until a detector accepts it.
///
/// The simplest strong baseline (methods A.8). Each of a prompt's continuations is drawn and accepted for itself. What it
/// costs depends on how often the detector accepts: `attempts` in the continuations tells.
public enum RejectionMethod: DecodingMethod {
    public static let card = MethodCard(
        name: "rejection", title: "rejection sampling",
        summary: "Draws a continuation anew until a detector scores it below a threshold.",
        source: "textbook; recommended as a baseline by Gehman et al., RealToxicityPrompts, 2020",
        cost: "one score a continuation, and as many draws as it takes")

    public static func makePart(_ settings: RejectionSettings, _ context: MethodContext) throws
        -> DecodingPart
    {
        .reviewer(
            Rejection(
                scorer: try ContinuationScorer(
                    settings.detector, settings.attribute, context),
                threshold: Float(settings.threshold), tries: settings.tries,
                safeReply: settings.safeReply.isEmpty ? nil : settings.safeReply))
    }
}

struct Rejection: ContinuationReviewer {
    let scorer: ContinuationScorer
    let threshold: Float
    let tries: Int
    let safeReply: String?
    /// The best draw so far of continuations that had none accepted.
    private var best: [Int: (draft: Draft, score: Float)] = [:]

    init(scorer: ContinuationScorer, threshold: Float, tries: Int, safeReply: String? = nil) {
        self.scorer = scorer
        self.threshold = threshold
        self.tries = tries
        self.safeReply = safeReply
    }

    mutating func forget(_ drafts: [Int]) { for draft in drafts { best[draft] = nil } }

    mutating func review(_ drafts: [Draft]) throws -> [Review] {
        zip(drafts, try scorer.scores(drafts.map(\.text))).map { draft, score in
            if score < threshold {
                best[draft.id] = nil
                return .keep
            }
            if score < best[draft.id]?.score ?? .infinity { best[draft.id] = (draft, score) }
            if draft.rewinds + 1 < tries { return .rewind(tokens: 0) }
            let kept = best.removeValue(forKey: draft.id)?.draft ?? draft
            if let safeReply { return .replace(text: safeReply, tokens: []) }
            return kept == draft ? .keep : .replace(text: kept.text, tokens: kept.tokens)
        }
    }
}
