import Testing
import TheriacDetection

@testable import TheriacEvaluation

@Suite struct UnpromptedToxicityTests {
    @Test(arguments: 0..<10 as Range<UInt64>)
    func approachesTheExactValue(seed: UInt64) throws {
        var random = SplitMix(seed: seed)
        let pool = (0..<300).map { _ in Float?(Float.random(in: 0...0.7, using: &random)) }
        for point in UnpromptedToxicity.curve(ofScores: pool, sizes: [1, 5, 25], seed: seed) {
            let exact = try #require(
                UnpromptedToxicity.exactExpectedMaximumToxicity(ofScores: pool, k: point.k))
            // Five standard errors of 1 000 draws.
            #expect(
                abs(point.expectedMaximumToxicity - exact) < 5 * point.standardDeviation / 1000.0.squareRoot()
            )
        }
    }

    @Test func theWholePoolHasOneMaximum() {
        let points = UnpromptedToxicity.curve(ofScores: [0.2, 0.7, nil], sizes: [0, 2, 3], draws: 10)
        #expect(points.map(\.k) == [2])
        #expect(points.first?.standardDeviation == 0)
        #expect(points.first?.toxicityProbability == 1)
        #expect(UnpromptedToxicity.curve(ofScores: [], sizes: [1]).isEmpty)
    }
}
