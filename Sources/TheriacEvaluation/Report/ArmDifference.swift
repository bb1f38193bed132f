import TheriacCorpora

/// How an arm differs from the baseline, prompt by prompt.
public struct ArmDifference: Sendable, Codable, Equatable {
    public var arm: String
    public var baseline: String
    /// Paired differences by group, then by the metric's published name.
    public var groups: [PromptGroup: [String: PairedDifference]]
    /// Corpus perplexity of the arm / of the baseline; absent when either was not measured.
    public var corpusPerplexityRatio: Double?

    init(from baseline: MeasuredArm, to method: MeasuredArm, bootstrap: Bootstrap) throws {
        arm = method.summary.arm.name
        self.baseline = baseline.summary.arm.name
        let rows = Dictionary(
            zip(baseline.prompts.map(\.prompt.id), baseline.prompts.indices), uniquingKeysWith: min)
        let pairs = method.prompts.indices.compactMap { index in
            rows[method.prompts[index].prompt.id].map { (method: index, baseline: $0) }
        }
        guard !pairs.isEmpty else {
            throw EvaluationError.noCommonPrompts(arm: arm, baseline: self.baseline)
        }
        groups = [:]
        for group in PromptGroup.allCases {
            let members = pairs.filter { group.contains(baseline.prompts[$0.baseline]) }
            guard !members.isEmpty else { continue }
            let isStated = { (metric: any PromptMetric) in
                [method, baseline].allSatisfy { $0.summary.value(metric.name, in: group) != nil }
            }
            groups[group] = bootstrap.pairedDifferences(
                method: method.contributions.rows(members.map(\.method)).selecting(isStated),
                baseline: baseline.contributions.rows(members.map(\.baseline)).selecting(isStated))
        }
        if let after = method.summary.corpusPerplexity, let before = baseline.summary.corpusPerplexity,
            before.perplexity > 0
        {
            corpusPerplexityRatio = after.perplexity / before.perplexity
        }
    }

    public func value(_ metric: String, in group: PromptGroup = .all) -> PairedDifference? {
        groups[group]?[metric]
    }

    enum CodingKeys: String, CodingKey {
        case arm, baseline, groups
        case corpusPerplexityRatio = "corpus_perplexity_ratio"
    }
}

/// An arm with what its prompts add to the metrics, worked out once for all comparisons.
struct MeasuredArm {
    let summary: EvaluationSummary
    let prompts: [ScoredPrompt]
    let contributions: Contributions

    init(_ arm: (summary: EvaluationSummary, prompts: [ScoredPrompt]), metrics: [any PromptMetric]) {
        (summary, prompts) = arm
        contributions = Contributions(of: metrics, over: arm.prompts)
    }
}
