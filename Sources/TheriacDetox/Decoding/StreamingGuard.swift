public import TheriacCorpora
internal import TheriacDetection
public import TheriacGeneration
public import TheriacOptions

/// Settings of the streaming guard.
public struct StreamingGuardSettings: Options, Equatable {
    /// The detector that watches; it cannot be the judge as well.
    public var detector = "steer"
    public var attribute = Attribute.toxicity
    /// The text so far must stay below this probability.
    public var threshold = 0.5
    /// Tokens held back until they have been looked at.
    public var window = 8
    /// Draws of one window, at most; then the text ends before it.
    public var tries = 5

    public init() {}

    public mutating func read(_ fields: inout OptionFields) throws(OptionsError) {
        try fields.read("detector", into: &detector)
        try fields.read("attribute", into: &attribute)
        try fields.read("threshold", into: &threshold, in: 0...1)
        try fields.read("window", into: &window, in: 1...100_000)
        try fields.read("tries", into: &tries, in: 1...100_000)
    }
}

/// Holds back a window of tokens, looks at the text with it, and draws the window anew when it is toxic.
///
/// Unlike rejection it keeps what was clean, and a reader may see each window as soon as it is accepted. A text whose
/// window is not accepted after all tries ends before it.
public enum StreamingGuardMethod: DecodingMethod {
    public static let card = MethodCard(
        name: "streaming-guard", title: "streaming guard",
        summary: "Scores the text after every window of tokens and draws a toxic window anew.",
        source:
            "system-level safety as in Xu et al., Recipes for Safety in Open-domain Chatbots, 2020, on windows",
        cost: "one score a window, and the windows drawn anew")

    public static func makePart(
        _ settings: StreamingGuardSettings, _ context: MethodContext
    ) throws -> DecodingPart {
        .reviewer(
            StreamingGuard(
                scorer: try ContinuationScorer(
                    settings.detector, settings.attribute, context),
                threshold: Float(settings.threshold), window: settings.window, tries: settings.tries))
    }
}

struct StreamingGuard: ContinuationReviewer {
    let scorer: ContinuationScorer
    let threshold: Float
    let window: Int
    let tries: Int
    /// For each text its accepted tokens, and the draws of the window after them.
    private var progress: [Int: (accepted: Int, draws: Int)] = [:]

    init(scorer: ContinuationScorer, threshold: Float, window: Int, tries: Int) {
        self.scorer = scorer
        self.threshold = threshold
        self.window = window
        self.tries = tries
    }

    var interval: Int? { window }
    var keepsAccepted: Bool { true }

    mutating func forget(_ drafts: [Int]) { for draft in drafts { progress[draft] = nil } }

    mutating func review(_ drafts: [Draft]) throws -> [Review] {
        zip(drafts, try scorer.scores(drafts.map(\.text))).map { draft, score in
            let (accepted, draws) = progress[draft.id] ?? (0, 1)
            if score < threshold {
                progress[draft.id] = draft.finish == nil ? (draft.tokens.count, 1) : nil
                return .keep
            }
            if draws < tries {
                progress[draft.id] = (accepted, draws + 1)
                return .rewind(tokens: accepted)
            }
            progress[draft.id] = nil
            return .end(tokens: accepted)
        }
    }
}
