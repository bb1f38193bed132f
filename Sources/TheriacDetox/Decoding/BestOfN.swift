public import TheriacCorpora
internal import TheriacDetection
public import TheriacGeneration
public import TheriacOptions

/// Settings of best-of-n.
public struct BestOfNSettings: Options, Equatable {
    /// The detector that ranks; it cannot be the judge as well.
    public var detector = "steer"
    public var attribute = Attribute.toxicity
    /// Drafts of each continuation.
    public var count = 4
    /// How much the mean log-likelihood of a draft's tokens, in nats, counts beside its toxicity: 0 ranks by toxicity
    /// alone.
    public var fluency = 0.0

    public init() {}

    public mutating func read(_ fields: inout OptionFields) throws(OptionsError) {
        try fields.read("detector", into: &detector)
        try fields.read("attribute", into: &attribute)
        try fields.read("count", into: &count, in: 1...10_000)
        try fields.read("fluency", into: &fluency, in: 0...1000)
    }
}

/// Draws each continuation several times and keeps the least toxic draft, or the best by toxicity and fluency together.
///
/// Every one of a prompt's continuations is a choice among drafts of its own; choosing among a prompt's continuations
/// would make all measures over samples mean something else (methods A.8). The divergence from plain drawing is at most
/// ln n − (n − 1)/n nats.
public enum BestOfNMethod: DecodingMethod {
    public static let card = MethodCard(
        name: "best-of-n", title: "best of n",
        summary: "Draws each continuation n times and keeps the one a detector finds least toxic.",
        source: "textbook; as used by Tang et al., CMD, 2024, and in re-ranking by Dale et al., EMNLP 2021",
        cost: "n times plain generation, and n scores a continuation")

    public static func makePart(_ settings: BestOfNSettings, _ context: MethodContext) throws -> DecodingPart
    {
        .reviewer(
            BestOfN(
                scorer: try ContinuationScorer(
                    settings.detector, settings.attribute, context),
                candidates: settings.count, fluency: settings.fluency))
    }
}

struct BestOfN: ContinuationReviewer {
    let scorer: ContinuationScorer
    let candidates: Int
    let fluency: Double

    var wantsLikelihood: Bool { fluency > 0 }

    func choose(_ drafts: [Draft]) throws -> Int {
        let scores = try scorer.scores(drafts.map(\.text))
        let ranks = zip(drafts, scores).map { draft, score in
            fluency * draft.logLikelihood / Double(max(draft.tokens.count, 1)) - Double(score)
        }
        // The first of equals, so that the order of drafts decides and not chance.
        return ranks.indices.reduce(0) { ranks[$1] > ranks[$0] ? $1 : $0 }
    }
}
