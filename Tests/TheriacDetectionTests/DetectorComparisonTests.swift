import Foundation
import Testing
import TheriacCorpora
import TheriacTesting

@testable import TheriacDetection

@Suite struct DetectorComparisonTests {
    private func side(_ name: String, _ scores: [Float?]) -> ScoredSide {
        ScoredSide(name: name, identity: nil, scores: scores.map { $0.map { [.toxicity: $0] } })
    }

    @Test func countsWhatBothHaveScored() throws {
        let comparison = try DetectorComparison(
            side("a", [0.9, 0.2, nil, 0.6, 0.1]), side("b", [0.8, 0.7, 0.3, 0.6, 0.2]), texts: "invented",
            ids: ["p", "q", "r", "s", "t"], thresholds: [0.5], largest: 2)
        #expect(comparison.first.unscored == 1 && comparison.second.unscored == 0 && comparison.count == 5)
        let toxicity = try #require(comparison.attributes.first)
        #expect(comparison.attributes.count == 1 && toxicity.texts == 4)
        expectClose(try #require(toxicity.meanAbsoluteDifference).value, 0.175, absolute: 1e-6)
        let table = try #require(toxicity.agreements.first).table
        #expect(table.both == 2 && table.onlyFirst == 0 && table.onlySecond == 1 && table.neither == 1)
        #expect(toxicity.largestDifferences.first?.id == "q" && toxicity.largestDifferences.count == 2)
        expectClose(toxicity.firstMean, 0.45, absolute: 1e-6)
        // Too few for any map: said, not hidden.
        #expect(toxicity.firstToSecond.maps.isEmpty && toxicity.firstToSecond.unfitted.count == 2)
    }

    @Test func aBridgeMendsADetectorThatIsTooSure() throws {
        var random = TestRandom(seed: 8)
        let logits = (0..<2400).map { _ in Double.random(in: -5...5, using: &random) }
        func sigmoid(_ x: Double) -> Double { 1 / (1 + exp(-x)) }
        let first = logits.map { sigmoid(2 * $0 + 0.5) }
        let second = logits.map { sigmoid($0 + Double.random(in: -0.3...0.3, using: &random)) }
        let bridge = try ScoreBridge(from: first, to: second)
        #expect(bridge.maps.map(\.method) == ["platt", "isotonic"] && bridge.unfitted.isEmpty)
        #expect(bridge.fittedTexts + bridge.checkedTexts == 2400)
        for map in bridge.maps {
            #expect(map.after.expectedError < bridge.before.expectedError / 4, "\(map.method)")
            #expect(map.after.meanAbsoluteDifference < bridge.before.meanAbsoluteDifference / 2)
        }
    }

    @Test func goesThroughJSON() throws {
        let comparison = try DetectorComparison(
            side("a", [0.9, 0.2, 0.6]), side("b", [0.8, 0.7, 0.3]), texts: "invented", ids: ["p", "q", "r"])
        let data = try JSONEncoder().encode(comparison)
        #expect(!String(decoding: data, as: UTF8.self).contains("\"pairs\""))
        let read = try JSONDecoder().decode(DetectorComparison.self, from: data)
        #expect(read.attributes.first?.spearman == comparison.attributes.first?.spearman)
    }

    @Test func agreementOfThree() throws {
        let sides = [
            side("a", [0.9, 0.9, 0.1, 0.4]), side("b", [0.8, 0.7, 0.2, 0.6]),
            side("c", [0.7, 0.2, 0.3, nil]),
        ]
        let agreement = try DetectorAgreement(
            of: sides, ids: ["p", "q", "r", "s"], attribute: .toxicity, disputes: 2)
        #expect(agreement.texts == 3 && agreement.unscored == 1 && agreement.pairs.count == 3)
        // Flags (1,1,1), (1,1,0), (0,0,0): P = 1, 1/3, 1; share of yes 5/9.
        let chance = 25.0 / 81 + 16.0 / 81
        expectClose(
            try #require(agreement.fleissKappa).value, (7.0 / 9 - chance) / (1 - chance), absolute: 1e-12)
        #expect(agreement.pairs[0].kappa?.value == 1 && agreement.pairs[1].table.onlyFirst == 1)
        #expect(agreement.disputed.count == 2 && agreement.disputed.first?.id == "q")
        #expect(throws: DetectionError.self) {
            try DetectorAgreement(of: sides, ids: ["p", "q", "r", "s"], attribute: .threat)
        }
    }

    @Test func figuresCountLabelledTextsAlone() throws {
        let scores: [Float?] = [0.9, 0.8, 0.7, 0.2, nil, 0.1]
        let labels: [AttributeScores] = [
            [.toxicity: 1], [.toxicity: 0.5], [.toxicity: 0], [.toxicity: 0], [.toxicity: 1], [.insult: 1],
        ]
        let validation = (
            side: side("d", [0.75, 0.72]), labels: [[.toxicity: 1], [.toxicity: 0]] as [AttributeScores]
        )
        let figures = try #require(
            try DetectorFigures(
                of: side("d", scores), labels: labels, set: "s", part: "test", attribute: .toxicity,
                validation: validation))
        #expect(figures.texts == 4 && figures.positives == 2 && figures.unscored == 1)
        #expect(figures.areaUnderROC?.value == 1 && figures.averagePrecision?.value == 1)
        // At 0.5 one of two negatives is flagged: F1 of 0.8 and 0.6667.
        expectClose(try #require(figures.macroF1).value, (0.8 + 2.0 / 3) / 2, absolute: 1e-12)
        #expect(figures.chosenThreshold == 0.75 && figures.macroF1AtChosen?.value == 1)
        expectClose(
            try #require(figures.brierScore).value, (0.01 + 0.04 + 0.49 + 0.04) / 4, absolute: 1e-6)
        #expect(
            try DetectorFigures(
                of: side("d", scores), labels: labels, set: "s", part: "test", attribute: .threat) == nil)
    }
}
