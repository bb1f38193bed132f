internal import TheriacTensors

/// One prompt to be continued, with limits and draws of its own.
public struct GenerationOrder: Sendable {
    /// Names the prompt's draws, together with the seed, and the prompt in errors.
    public var id: String
    /// What is continued, at least one token.
    public var tokens: [Int32]
    /// Continuations.
    public var samples = 1
    public var maxNewTokens = 16
    public var seed: UInt64 = 1
    public var sampling = SamplingSettings()
    public var adjustments = LogitAdjustments()
    /// Texts that end a continuation where they begin. They are no part of it.
    public var stops: [String] = []
    /// Tokens that end a continuation as the model's own end of text does.
    public var stopTokens: Set<Int32> = []
    /// The model's own end of text is a token like others.
    public var ignoresEndOfText = false
    /// Log-probabilities of what is drawn are kept, with so many of the likeliest tokens beside each; nil keeps none.
    public var alternatives: Int?
    /// The same of the prompt's own tokens.
    public var measuresPrompt = false
    /// Each turn tells what has been written.
    public var reportsProgress = false

    public init(id: String, tokens: [Int32]) {
        self.id = id
        self.tokens = tokens
    }
}

/// What an order asks of each of its rows, made once and shared by them.
final class RowPlan: Sendable {
    let order: GenerationOrder
    let sampler: Sampler
    /// nil where nothing is adjusted.
    let adjustments: LogitAdjustments?
    /// Tokens that end a row.
    let ends: Set<Int32>
    /// Tokens a row may write.
    let limit: Int

    init(_ order: GenerationOrder, endOfText: Set<Int32>, context: Int) {
        self.order = order
        sampler = Sampler(order.sampling)
        adjustments = order.adjustments.isNone ? nil : order.adjustments
        ends = (order.ignoresEndOfText ? [] : endOfText).union(order.stopTokens)
        limit = max(1, min(order.maxNewTokens, context))
    }
}
