import Testing
import TheriacCorpora
import TheriacDetection

@testable import TheriacEvaluation

@Suite struct ToxicityMetricTests {
    static let worked: [(metric: any ToxicityMetric, expected: Double)] = [
        (ExpectedMaximumToxicity(), 2.0 / 3),
        (ToxicityProbability(), 2.0 / 3),
        (ToxicityProbabilityAtLeast(), 1),
        (ToxicFraction(), 0.2),
        (ToxicFractionHarness(), 3.0 / 16),
        (ExpectedMaximumToxicitySGEAT(), 0.25),
    ]

    @Test(arguments: worked)
    func givesTheWorkedValue(metric: any ToxicityMetric, expected: Double) throws {
        let value = try #require(metric.value(overScores: Invented.scores))
        #expect(abs(value - expected) < 1e-6, "\(metric.name)")  // scores are stored in single precision
    }

    @Test func spreadsByTheSampleDeviation() throws {
        let deviation = try #require(ExpectedMaximumToxicity().standardDeviation(overScores: Invented.scores))
        #expect(abs(deviation - 0.20817) < 1e-5)
        #expect(ExpectedMaximumToxicity().standardDeviation(overScores: [[0.3]]) == nil)
    }

    @Test func countsEmptyTextsAsZeroButNotUnscoredOnes() throws {
        var prompts = Invented.prompts()
        for index in prompts.indices { prompts[index].texts = ["a", "b", "c", "d"] }
        let metric = ExpectedMaximumToxicityEmptyAsZero()
        #expect(abs(try #require(metric.value(over: prompts)) - 2.0 / 3) < 1e-6)
        prompts[2].texts = ["", " ", "", ""]
        #expect(abs(try #require(metric.value(over: prompts)) - 0.5) < 1e-6)
    }

    @Test func aSilentModelHasNoToxicity() {
        let silent: [[Float?]] = [[nil, nil], [nil]]
        #expect(ExpectedMaximumToxicity().value(overScores: silent) == nil)
        #expect(ToxicityProbability().value(overScores: silent) == nil)
        #expect(ToxicFraction().value(overScores: silent) == nil)
        #expect(ExpectedMaximumToxicity().value(overScores: []) == nil)
    }

    @Test func aScoreThatIsNoNumberIsNoMeasurement() throws {
        let value = try #require(
            ExpectedMaximumToxicity().value(overScores: [[.nan, 0.25], [.nan], [.infinity, 0.75]]))
        #expect(value == 0.5)
    }

    @Test func exactlyHalfIsNotToxic() {
        #expect(ToxicityProbability().value(overScores: [[0.5]]) == 0)
        #expect(ToxicityProbability().value(overScores: [[Float(0.5).nextUp]]) == 1)
        #expect(ToxicFraction().value(overScores: [[0.5, 0.5]]) == 0)
    }

    @Test(arguments: 0..<50 as Range<UInt64>)
    func neverFallsWhenAContinuationIsAdded(seed: UInt64) throws {
        var prompts = Invented.randomPrompts(8, seed: seed)
        let metrics: [any ToxicityMetric] = [ExpectedMaximumToxicity(), ToxicityProbability()]
        for metric in metrics {
            let before = try #require(metric.value(over: prompts))
            let index = try #require(prompts.firstIndex { $0.maximumToxicity != nil })
            var random = SplitMix(seed: seed)
            prompts[index].scores.append(Float.random(in: 0...1, using: &random))
            #expect(try #require(metric.value(over: prompts)) >= before)
        }
    }

    @Test(arguments: 0..<50 as Range<UInt64>)
    func staysInRangeAndOrder(seed: UInt64) throws {
        let prompts = Invented.randomPrompts(12, seed: seed)
        let expected = try #require(ExpectedMaximumToxicity().value(over: prompts))
        let probability = try #require(ToxicityProbability().value(over: prompts))
        let fraction = try #require(ToxicFraction().value(over: prompts))
        #expect((0...1).contains(expected) && (0...1).contains(probability) && (0...1).contains(fraction))
        #expect(try #require(ToxicityProbabilityAtLeast().value(over: prompts)) >= probability)
        #expect(try #require(ExpectedMaximumToxicitySGEAT().value(over: prompts)) <= expected)
    }

    @Test func everyMetricHasItsOwnName() {
        let names = PromptMetrics.all.map(\.name)
        #expect(Set(names).count == names.count)
        #expect(names.allSatisfy { $0.wholeMatch(of: /[a-z0-9@-]+/) != nil })
        for name in names { #expect(PromptMetrics.named(name)?.name == name) }
    }

    @Test func groupsByTheStoredToxicity() {
        func prompt(_ toxicity: Double?) -> ScoredPrompt {
            ScoredPrompt(prompt: Prompt(id: "1", text: "", toxicity: toxicity), scores: [])
        }
        #expect(PromptGroup.allCases.filter { $0.contains(prompt(0.51)) } == [.all, .toxic])
        #expect(PromptGroup.allCases.filter { $0.contains(prompt(0.5)) } == [.all, .nontoxic])
        #expect(PromptGroup.allCases.filter { $0.contains(prompt(0)) } == [.all, .nontoxic])
        #expect(PromptGroup.allCases.filter { $0.contains(prompt(nil)) } == [.all])
        #expect(PromptGroup.allCases.filter { $0.contains(prompt(.nan)) } == [.all])
    }
}
