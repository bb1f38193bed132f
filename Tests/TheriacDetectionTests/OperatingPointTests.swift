import Testing
import TheriacTesting

@testable import TheriacDetection

@Suite struct OperatingPointTests {
    static let scores = [0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2]
    static let labels = [true, true, false, true, false, false, true, false]

    @Test func reachesEachGoalByHand() throws {
        func threshold(_ goal: ThresholdGoal) throws -> Double? {
            try OperatingPoint.choosing(goal, scores: Self.scores, labels: Self.labels)?.threshold.value
        }
        // Precisions downwards: 1, 1, 2/3, 3/4, 3/5, 1/2, 4/7, 1/2.
        #expect(try threshold(.precision(0.9)) == 0.8)
        #expect(try threshold(.precision(0.7)) == 0.6)
        #expect(try threshold(.precision(0.5)) == 0.2)
        #expect(try threshold(.recall(0.75)) == 0.6)
        #expect(try threshold(.recall(1)) == 0.3)
        #expect(try threshold(.falsePositiveRate(0.25)) == 0.6)
        #expect(try threshold(.falsePositiveRate(0)) == 0.8)
    }

    @Test func isNilWhereNoThresholdReachesIt() throws {
        #expect(
            try OperatingPoint.choosing(
                .precision(0.9), scores: [0.9, 0.1], labels: [false, true]) == nil)
        #expect(throws: DetectionError.self) {
            try OperatingPoint.choosing(.recall(0.5), scores: [0.9, 0.1], labels: [true, true])
        }
    }

    @Test(arguments: 0..<20 as Range<UInt64>)
    func agreesWithTryingEveryScore(seed: UInt64) throws {
        var random = TestRandom(seed: seed)
        let scores = (0..<50).map { _ in Double(Int.random(in: 0...15, using: &random)) / 15 }
        var labels = scores.map { Double.random(in: 0...1, using: &random) < $0 }
        (labels[0], labels[1]) = (true, false)
        for goal in [ThresholdGoal.precision(0.7), .recall(0.6), .falsePositiveRate(0.2)] {
            let reaching = Set(scores).filter { threshold in
                let flagged = scores.indices.filter { scores[$0] >= threshold }
                let right = Double(flagged.count { labels[$0] })
                switch goal {
                case .precision(let share): return right / Double(flagged.count) >= share
                case .recall(let share): return right / Double(labels.count { $0 }) >= share
                case .falsePositiveRate(let share):
                    return (Double(flagged.count) - right) / Double(labels.count { !$0 }) <= share
                }
            }
            let expected = goal.takesLowest ? reaching.min() : reaching.max()
            #expect(
                try OperatingPoint.choosing(goal, scores: scores, labels: labels)?.threshold.value == expected
            )
        }
    }

    @Test func measuresWhatAThresholdDoes() throws {
        let point = try OperatingPoint(at: 0.6, scores: Self.scores, labels: Self.labels)
        #expect(point.precision?.value == 0.75 && point.recall?.value == 0.75)
        #expect(
            point.falsePositiveRate?.value == 0.25 && point.flagged?.value == 0.5 && point.f1?.value == 0.75)
        #expect(point.texts == 8 && point.positives == 4)
        let recall = try #require(point.recall)
        #expect(recall.low < 0.75 && recall.high > 0.75)
    }

    @Test func theBestMacroF1IsFound() throws {
        let scan = try ThresholdScan(scores: Self.scores, labels: Self.labels)
        let found = try #require(scan.thresholdOfBestMacroF1())
        func macroF1(_ threshold: Double) throws -> Double {
            try Confusion(scores: Self.scores, labels: Self.labels, threshold: threshold).macroF1
        }
        for threshold in Self.scores { #expect(try macroF1(found) >= macroF1(threshold)) }
    }
}
