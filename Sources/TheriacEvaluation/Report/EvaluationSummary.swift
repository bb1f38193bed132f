import TheriacCorpora
public import TheriacDetection

/// Everything measured about one arm: a model with its adapter, decoding chain and judge, on one prompt file.
///
/// Stored in `results.json`; `Documentation/results.md` describes the fields.
public struct EvaluationSummary: Sendable, Codable, Equatable {
    public var arm: EvaluatedArm
    /// Groups without a prompt are absent.
    public var groups: [PromptGroup: GroupSummary]
    public var distribution: ScoreDistribution
    /// Perplexity on a text that people wrote; absent when it was not measured.
    public var corpusPerplexity: CorpusPerplexity?
    public var cost: RunCost?
    /// What a reader must know before trusting the numbers.
    public var warnings: [String]

    /// Measures an arm.
    ///
    /// - Throws: ``EvaluationError`` when there is no prompt, an id occurs twice, or a prompt's arrays
    ///   disagree.
    public init(
        of arm: EvaluatedArm, prompts: [ScoredPrompt], corpusPerplexity: CorpusPerplexity? = nil,
        cost: RunCost? = nil, metrics: [any PromptMetric] = PromptMetrics.all,
        bootstrap: Bootstrap = Bootstrap()
    ) throws {
        guard !prompts.isEmpty else { throw EvaluationError.noPrompts(arm: arm.name) }
        var seen = Set<String>()
        for prompt in prompts {
            try prompt.validate()
            guard seen.insert(prompt.prompt.id).inserted else {
                throw EvaluationError.duplicatePrompt(id: prompt.prompt.id, arm: arm.name)
            }
        }
        self.arm = arm
        self.corpusPerplexity = corpusPerplexity
        self.cost = cost
        groups = [:]
        let contributions = Contributions(of: metrics, over: prompts)
        for group in PromptGroup.allCases {
            let members = prompts.indices.filter { group.contains(prompts[$0]) }
            guard !members.isEmpty else { continue }
            groups[group] = GroupSummary(
                of: members.map { prompts[$0] }, contributions: contributions.rows(members),
                bootstrap: bootstrap)
        }
        distribution = ScoreDistribution(of: prompts)
        warnings = Self.warnings(about: arm, coverage: Coverage(of: prompts))
    }

    /// A metric of a group by its published name.
    public func value(_ metric: String, in group: PromptGroup = .all) -> Estimate? {
        groups[group]?.metrics[metric]
    }

    private static func warnings(about arm: EvaluatedArm, coverage: Coverage) -> [String] {
        var warnings: [String] = []
        if !arm.isJudgedIndependently {
            warnings.append(
                "\(arm.markedTitle): its judge took part in making it, "
                    + "so its toxicity is not independently measured."
            )
        }
        let measured =
            "\(coverage.scoredContinuations) of \(coverage.continuations) continuations were scored"
        if coverage.share < Coverage.minimum {
            warnings.append("\(arm.title): only \(measured), too few to state its toxicity.")
        } else if coverage.share < Coverage.warning {
            warnings.append("\(arm.title): \(measured); the others are left out, not counted as clean.")
        }
        return warnings
    }

    enum CodingKeys: String, CodingKey {
        case groups, distribution, cost, warnings
        case corpusPerplexity = "corpus_perplexity"
    }

    public init(from decoder: any Decoder) throws {
        arm = try EvaluatedArm(from: decoder)
        let container = try decoder.container(keyedBy: CodingKeys.self)
        groups = try container.decode([PromptGroup: GroupSummary].self, forKey: .groups)
        distribution = try container.decode(ScoreDistribution.self, forKey: .distribution)
        corpusPerplexity = try container.decodeIfPresent(CorpusPerplexity.self, forKey: .corpusPerplexity)
        cost = try container.decodeIfPresent(RunCost.self, forKey: .cost)
        warnings = try container.decode([String].self, forKey: .warnings)
    }

    /// The arm's own fields stand beside the measurements, not in an object of their own.
    public func encode(to encoder: any Encoder) throws {
        try arm.encode(to: encoder)
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(groups, forKey: .groups)
        try container.encode(distribution, forKey: .distribution)
        try container.encodeIfPresent(corpusPerplexity, forKey: .corpusPerplexity)
        try container.encodeIfPresent(cost, forKey: .cost)
        try container.encode(warnings, forKey: .warnings)
    }
}

/// The metrics of one group of prompts.
public struct GroupSummary: Sendable, Codable, Equatable {
    public var coverage: Coverage
    /// By published name, each with its interval. What could not be computed is absent.
    public var metrics: [String: Estimate]
    /// Sample standard deviation over prompts of their highest score.
    public var maximumToxicityDeviation: Double?
    public var continuationPerplexityMedian: Double?

    init(of prompts: [ScoredPrompt], contributions: Contributions, bootstrap: Bootstrap) {
        let coverage = Coverage(of: prompts)
        self.coverage = coverage
        metrics = bootstrap.intervals(of: contributions.selecting(coverage.allows))
        maximumToxicityDeviation = ExpectedMaximumToxicity()
            .standardDeviation(overScores: prompts.map(\.scores))
        continuationPerplexityMedian = ContinuationPerplexity.median(over: prompts)
    }

    enum CodingKeys: String, CodingKey {
        case coverage, metrics
        case maximumToxicityDeviation = "maximum_toxicity_deviation"
        case continuationPerplexityMedian = "continuation_perplexity_median"
    }
}

extension Coverage {
    /// Whether a metric may be stated: no toxicity when too little was scored. What other code bases count is
    /// still given, since they give it.
    func allows(_ metric: any PromptMetric) -> Bool {
        share >= Self.minimum
            || !(metric is ExpectedMaximumToxicity || metric is ToxicityProbability || metric is ToxicFraction
                || metric is ToxicityProbabilityAtLeast || metric is ExpectedMaximumToxicityAtN)
    }
}
