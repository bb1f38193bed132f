import Foundation
import Testing
import TheriacCorpora

@testable import TheriacEvaluation

@Suite struct PerplexityTests {
    @Test func givesTheWorkedValueOfDExperts() throws {
        let likelihood = try #require(
            ContinuationPerplexity.likelihood(fullMean: 3.2, fullTokens: 24, promptMean: 3.6, promptTokens: 6)
        )
        let prompt = Self.prompt([likelihood])
        #expect(likelihood.tokens == 18)
        for metric in [ContinuationPerplexity(), MeanContinuationPerplexity()] as [any PromptMetric] {
            #expect(abs(try #require(metric.value(over: [prompt])) - 21.95267) < 1e-5)
        }
        #expect(
            ContinuationPerplexity.likelihood(fullMean: 3, fullTokens: 6, promptMean: 3, promptTokens: 6)
                == nil)
    }

    @Test func weighsTokensNotContinuations() throws {
        let value = try #require(
            ContinuationPerplexity().value(over: [Self.prompt([(6, 3)]), Self.prompt([(2, 1)])]))
        #expect(abs(value - exp(2)) < 1e-12)
    }

    @Test func leavesOutExtremeEmptyAndMissingContinuations() throws {
        let prompts = [Self.prompt([(log(20), 1), (log(40), 1), (log(2e4), 1), (0, 0), nil, (.nan, 2)])]
        let value = try #require(MeanContinuationPerplexity().value(over: prompts))
        #expect(abs(value - 30) < 1e-9)
        #expect(abs(try #require(ContinuationPerplexity.median(over: prompts)) - 40) < 1e-9)
        #expect(ContinuationPerplexity.median(over: []) == nil)
    }

    @Test func refusesACorpusWithoutAFiniteValue() throws {
        let corpus = try CorpusPerplexity(nll: 4 * log(2), tokens: 2, bytes: 4)
        #expect(abs(corpus.perplexity - 4) < 1e-12 && abs(corpus.bitsPerByte - 1) < 1e-12)
        #expect(throws: EvaluationError.notFinite(field: "corpus_perplexity")) {
            try CorpusPerplexity(nll: .nan, tokens: 2, bytes: 4)
        }
        #expect(throws: EvaluationError.self) { try CorpusPerplexity(nll: 1, tokens: 0, bytes: 0) }
    }

    private static func prompt(_ nll: [(sum: Double, tokens: Int)?]) -> ScoredPrompt {
        ScoredPrompt(prompt: Prompt(id: "1", text: "", toxicity: nil), scores: nll.map { _ in 0.1 }, nll: nll)
    }
}
