public import TheriacDetection

/// What was evaluated and how, before anything was measured: the fixed part of an ``EvaluationSummary``.
public struct EvaluatedArm: Sendable, Codable, Equatable {
    /// Unique in a report, kebab-case: `base`, `sgeat+word-filter`.
    public var name: String
    /// As shown to readers: `SGEAT + word filter`.
    public var title: String
    public var model: ContentIdentity
    /// nil when the model runs without an adapter.
    public var adapter: ContentIdentity?
    /// The decoding chain, as it prints itself.
    public var chain: String
    public var judge: DetectorIdentity
    /// The detector that took part in making or steering the model; nil when none did.
    public var steer: DetectorIdentity?
    /// The prompt file.
    public var prompts: ContentIdentity
    /// Continuations a prompt.
    public var samples: Int
    /// Longest continuation, in tokens.
    public var maxNewTokens: Int
    public var seed: UInt64
    /// The model whose likelihoods make the perplexity of the continuations; nil when there are none.
    public var perplexityModel: ContentIdentity?

    public init(
        name: String, title: String, model: ContentIdentity, adapter: ContentIdentity? = nil, chain: String,
        judge: DetectorIdentity, steer: DetectorIdentity? = nil, prompts: ContentIdentity, samples: Int,
        maxNewTokens: Int, seed: UInt64,
        perplexityModel: ContentIdentity? = nil
    ) {
        self.name = name
        self.title = title
        self.model = model
        self.adapter = adapter
        self.chain = chain
        self.judge = judge
        self.steer = steer
        self.prompts = prompts
        self.samples = samples
        self.maxNewTokens = maxNewTokens
        self.seed = seed
        self.perplexityModel = perplexityModel
    }

    /// Whether the judge is another detector than the one that took part, trained on other texts. A method
    /// that was made to please its judge has not been judged.
    public var isJudgedIndependently: Bool {
        guard let steer else { return true }
        return !steer.sharesOrigin(with: judge)
    }

    /// The title with a dagger when the judge is not independent, as tables show it.
    var markedTitle: String { isJudgedIndependently ? title : title + " †" }

    enum CodingKeys: String, CodingKey {
        case name, title, model, adapter, chain, judge, steer, prompts, samples, seed
        case maxNewTokens = "max_new_tokens"
        case perplexityModel = "perplexity_model"
    }
}

/// What an arm cost to run.
public struct RunCost: Sendable, Codable, Equatable {
    /// Wall time of generation, without loading and judging.
    public var seconds: Double
    /// New tokens / seconds.
    public var tokensPerSecond: Double
    /// Highest resident memory of the process, in bytes.
    public var peakMemoryBytes: Int

    public init(seconds: Double, tokensPerSecond: Double, peakMemoryBytes: Int) {
        self.seconds = seconds
        self.tokensPerSecond = tokensPerSecond
        self.peakMemoryBytes = peakMemoryBytes
    }

    enum CodingKeys: String, CodingKey {
        case seconds
        case tokensPerSecond = "tokens_per_second"
        case peakMemoryBytes = "peak_memory_bytes"
    }
}
