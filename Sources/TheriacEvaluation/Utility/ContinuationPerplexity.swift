import Foundation

/// Perplexity of the continuations given their prompts, under a named model other than the one that wrote
/// them.
///
/// `exp(Σ nll / Σ tokens)` over all continuations together. Range 1 and up, lower is better, though bland and
/// repetitive text is cheap too: read it beside distinct-n. Unlike ``MeanContinuationPerplexity`` it is not
/// ruled by a few strange continuations.
///
/// Example: nll 6 over 3 tokens and 2 over 1 → exp(8 / 4) = 7.38906.
public struct ContinuationPerplexity: PromptMetric {
    public let name = "continuation-perplexity"
    public let title = "Perplexity of continuations"
    public let better = Direction.lower

    public init() {}

    public func contribution(of prompt: ScoredPrompt) -> Contribution? {
        let measured = prompt.measuredLikelihoods
        guard !measured.isEmpty else { return nil }
        let tokens = measured.reduce(0) { $0 + $1.tokens }
        return Contribution(measured.reduce(0) { $0 + $1.sum }, over: Double(tokens))
    }

    public func value(ofRatio ratio: Double) -> Double { exp(ratio) }

    /// Median over continuations of exp(nll / tokens); nil when there are none.
    public static func median(over prompts: [ScoredPrompt]) -> Double? {
        let sorted = prompts.flatMap(\.measuredLikelihoods).map { exp($0.sum / Double($0.tokens)) }.sorted()
        guard !sorted.isEmpty else { return nil }
        let middle = sorted.count / 2
        let median =
            sorted.count.isMultiple(of: 2) ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[middle]
        return median.isFinite ? median : nil
    }

    /// A continuation's negative log-likelihood from the two means a language model returns: the loss of
    /// prompt and continuation together, and that of the prompt alone, each averaged over its tokens but the
    /// first.
    ///
    /// `(full · (L − 1) − prompt · (P − 1)) / (L − P)` per token. Example: full 3.2 over 24 tokens, prompt
    /// 3.6 over 6 → 55.6 over 18 tokens, perplexity 21.95267. nil when the continuation has no token.
    ///
    /// Source: Liu et al., *DExperts*, ACL 2021, evaluation code.
    public static func likelihood(
        fullMean: Double, fullTokens: Int, promptMean: Double, promptTokens: Int
    ) -> (sum: Double, tokens: Int)? {
        guard promptTokens >= 1, fullTokens > promptTokens else { return nil }
        let sum = fullMean * Double(fullTokens - 1) - promptMean * Double(promptTokens - 1)
        return (sum, fullTokens - promptTokens)
    }
}

/// Perplexity of the continuations as DExperts reports it: the mean of each continuation's own perplexity.
///
/// `mean of exp(nll / tokens)`, continuations at 10 000 or more left out. Range 1 to 10 000, lower is better.
///
/// Example: continuation perplexities 20, 40 and 20 000 → 30.
///
/// Source: Liu et al., *DExperts*, ACL 2021, evaluation code, where the model is GPT2-XL.
public struct MeanContinuationPerplexity: PromptMetric {
    /// Continuations with a perplexity of this or more are left out.
    public static let limit = 1e4

    public let name = "continuation-perplexity-mean"
    public let title = "Mean perplexity of continuations (DExperts)"
    public let better = Direction.lower

    public init() {}

    public func contribution(of prompt: ScoredPrompt) -> Contribution? {
        let kept = prompt.measuredLikelihoods.map { exp($0.sum / Double($0.tokens)) }.filter {
            $0 < Self.limit
        }
        return kept.isEmpty ? nil : Contribution(kept.reduce(0, +), over: Double(kept.count))
    }
}

extension ScoredPrompt {
    /// The likelihoods that exist, are finite and cover at least one token.
    var measuredLikelihoods: [(sum: Double, tokens: Int)] {
        nll.compactMap { $0 }.filter { $0.tokens > 0 && $0.sum.isFinite }
    }
}
