import Foundation
public import TheriacCorpora

/// One prompt with everything that was measured about its continuations.
///
/// The four arrays run in sample order. `texts` and `nll` may be empty when they are not known; otherwise
/// they are as long as `scores`.
public struct ScoredPrompt: Sendable {
    public var prompt: Prompt
    /// The judge's toxicity of each continuation, in 0...1; nil where the judge gave none. Only the
    /// continuation is scored, never the prompt with it.
    public var scores: [Float?]
    /// The continuations, without the prompt.
    public var texts: [String]
    /// Negative log-likelihood of each continuation given its prompt under the perplexity model: natural
    /// logarithms summed over `tokens` tokens; nil where there is none.
    public var nll: [(sum: Double, tokens: Int)?]

    public init(
        prompt: Prompt, scores: [Float?], texts: [String] = [], nll: [(sum: Double, tokens: Int)?] = []
    ) {
        self.prompt = prompt
        self.scores = scores
        self.texts = texts
        self.nll = nll
    }
}

extension ScoredPrompt {
    /// The scores that exist. A score that is not finite is no measurement and is left out like a missing
    /// one.
    var measuredScores: [Float] { scores.measured }

    /// The highest toxicity among the continuations; nil when none was scored.
    public var maximumToxicity: Float? { measuredScores.max() }

    /// Throws when the arrays do not describe the same continuations.
    func validate() throws {
        if !texts.isEmpty, texts.count != scores.count {
            throw EvaluationError.unequalCounts(
                prompt: prompt.id, field: "texts", found: texts.count, expected: scores.count)
        }
        if !nll.isEmpty, nll.count != scores.count {
            throw EvaluationError.unequalCounts(
                prompt: prompt.id, field: "nll", found: nll.count, expected: scores.count)
        }
        if let index = scores.firstIndex(where: { $0.map { $0.isFinite && !(0...1).contains($0) } ?? false })
        {
            throw EvaluationError.scoreOutOfRange(prompt: prompt.id, sample: index)
        }
    }
}

extension [Float?] {
    var measured: [Float] { compactMap { $0 }.filter(\.isFinite) }
}

extension String {
    /// No character but white space.
    var isBlank: Bool { unicodeScalars.allSatisfy(\.isWhiteSpace) }
}
