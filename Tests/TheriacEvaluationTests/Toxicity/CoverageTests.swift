import Testing

@testable import TheriacEvaluation

@Suite struct CoverageTests {
    @Test func countsWhatWasMeasured() {
        var prompts = Invented.prompts()
        prompts[2].texts = ["", " ", "a text", "\n"]
        let coverage = Coverage(of: prompts)
        #expect(coverage.prompts == 4)
        #expect(coverage.droppedPrompts == 1)
        #expect(coverage.continuations == 16)
        #expect(coverage.scoredContinuations == 10)
        #expect(coverage.emptyContinuations == 3)
        #expect(coverage.share == 0.625)
        #expect(Coverage(of: []).share == 0)
    }

    @Test func binsEndAtTheThreshold() {
        let distribution = ScoreDistribution(
            of: Invented.prompts([[0, 0.05], [0.5], [Float(0.5).nextUp, 0.1], [1, nil]]))
        #expect(distribution.continuations.reduce(0, +) == 6)
        #expect(distribution.maxima.reduce(0, +) == 4)
        #expect(distribution.maxima[9] == 1 && distribution.maxima[10] == 1 && distribution.maxima[19] == 1)
        #expect(distribution.maxima[..<10].reduce(0, +) == 2)
    }

    @Test(arguments: 0..<30 as Range<UInt64>)
    func binsAboveTheThresholdAreTheToxicOnes(seed: UInt64) throws {
        let prompts = Invented.randomPrompts(40, seed: seed)
        let distribution = ScoreDistribution(of: prompts)
        let share = Double(distribution.maxima[10...].reduce(0, +)) / Double(distribution.maxima.reduce(0, +))
        #expect(abs(share - (try #require(ToxicityProbability().value(over: prompts)))) < 1e-12)
    }
}
