import Foundation
import Testing

@testable import TheriacDetection

@Suite struct CommunityThresholdsTests {
    /// Scores of positives and negatives of a community.
    private func texts(_ community: String, _ positives: [Double], _ negatives: [Double]) -> [ReviewedScore] {
        positives.map { ReviewedScore(community: community, score: $0, isPositive: true) }
            + negatives.map { ReviewedScore(community: community, score: $0, isPositive: false) }
    }

    /// All: at 0.8 3 of 4 are positive, at 0.6 6 of 9. Community b: at 0.8 0 of 1, at 0.6 1 of 4.
    /// With m = 4 the precision of b is (0 + 3) / 5 = 0.6 at 0.8 and (1 + 8/3) / 8 = 0.4583 at 0.6; that of a is
    /// (3 + 3) / 7 = 0.857 and (5 + 8/3) / 9 = 0.852.
    @Test func shrinksByHand() throws {
        let data = texts("a", [0.8, 0.8, 0.8, 0.6, 0.6], []) + texts("b", [0.6], [0.8, 0.6, 0.6])
        let learnt = try CommunityThresholds(.precision(0.6), texts: data, strength: 4)
        #expect(learnt.global.threshold?.value == 0.6)
        #expect(learnt.communities.map(\.community) == ["a", "b"])
        #expect(learnt.communities.map(\.threshold?.value) == [0.6, 0.8])
        let rates = learnt.communities.compactMap(\.rate?.value)
        #expect(abs(rates[0] - 23.0 / 27) < 1e-12 && abs(rates[1] - 0.6) < 1e-12)
        let shares: [Double] = [5.0 / 9, 1.0 / 5]
        #expect(learnt.communities.map(\.ownShare) == shares)
        #expect(learnt.communities.map(\.texts) == [5, 4] && learnt.communities.map(\.positives) == [5, 1])
    }

    @Test func allTogetherIsTheUsualOperatingPoint() throws {
        var random = TestRandom(seed: 3)
        let data = (0..<200).map { _ -> ReviewedScore in
            let score = Double(Int.random(in: 0...40, using: &random)) / 40
            return ReviewedScore(
                community: "c\(Int.random(in: 0...3, using: &random))", score: score,
                isPositive: Double.random(in: 0...1, using: &random) < score)
        }
        for goal in [ThresholdGoal.precision(0.8), .recall(0.7), .falsePositiveRate(0.1)] {
            let usual = try OperatingPoint.choosing(
                goal, scores: data.map(\.score), labels: data.map(\.isPositive))
            let learnt = try CommunityThresholds(goal, texts: data)
            #expect(learnt.global.threshold?.value == usual?.threshold.value)
            // The interval of a threshold holds it.
            let estimate = try #require(learnt.global.threshold)
            #expect(estimate.low <= estimate.value && estimate.value <= estimate.high)
        }
    }

    /// The obvious loops over communities, thresholds and texts.
    @Test(arguments: 0..<20 as Range<UInt64>)
    func agreesWithTryingEveryThreshold(seed: UInt64) throws {
        var random = TestRandom(seed: seed)
        var data = texts("a", [0.5], [0.5])
        for _ in 0..<60 {
            let score = Double(Int.random(in: 0...12, using: &random)) / 12
            data.append(
                ReviewedScore(
                    community: "c\(Int.random(in: 0...4, using: &random))", score: score,
                    isPositive: Double.random(in: 0...1, using: &random) < score))
        }
        let m = 7.5
        for goal in [ThresholdGoal.precision(0.7), .recall(0.6), .falsePositiveRate(0.3)] {
            func rate(_ texts: [ReviewedScore], _ threshold: Double) -> (hits: Double, count: Double) {
                let flagged = texts.filter { $0.score >= threshold }
                switch goal {
                case .precision: return (Double(flagged.count { $0.isPositive }), Double(flagged.count))
                case .recall:
                    return (Double(flagged.count { $0.isPositive }), Double(texts.count { $0.isPositive }))
                case .falsePositiveRate:
                    return (Double(flagged.count { !$0.isPositive }), Double(texts.count { !$0.isPositive }))
                }
            }
            let learnt = try CommunityThresholds(goal, texts: data, strength: m, resamples: 5)
            for outcome in learnt.communities {
                let own = data.filter { $0.community == outcome.community }
                let reaching = Set(data.map(\.score)).filter { threshold in
                    let (k, n) = rate(own, threshold)
                    let (all, count) = rate(data, threshold)
                    let shrunk = (k + m * all / count) / (n + m)
                    switch goal {
                    case .precision(let share), .recall(let share): return shrunk >= share
                    case .falsePositiveRate(let share): return shrunk <= share
                    }
                }
                #expect(outcome.threshold?.value == (goal.takesLowest ? reaching.min() : reaching.max()))
            }
        }
    }

    /// One text moves a community little, a thousand move it all the way.
    @Test func littleFeedbackMovesLittle() throws {
        var random = TestRandom(seed: 5)
        var data: [ReviewedScore] = []
        for number in 0..<2000 {
            let score = Double.random(in: 0...1, using: &random)
            // Of community "strict" everything from 0.2 on is positive, of the others from 0.7 on.
            let community = number < 1000 ? "strict" : "c\(number % 10)"
            data.append(
                ReviewedScore(
                    community: community, score: score,
                    isPositive: score >= (community == "strict" ? 0.2 : 0.7)))
        }
        data += texts("new", [0.3], [])
        let learnt = try CommunityThresholds(.precision(0.95), texts: data, strength: 20, resamples: 20)
        func threshold(_ name: String) throws -> Double {
            try #require(learnt.communities.first { $0.community == name }?.threshold?.value)
        }
        #expect(try threshold("strict") < 0.25)
        let global = try #require(learnt.global.threshold?.value)
        #expect(abs(try threshold("new") - global) < 0.1)
        #expect(try threshold("c1") > 0.62)
    }

    /// Communities drawn from Beta(m·p, m·(1 − p)) give m back, within the spread of an estimate from 400 of them.
    @Test(arguments: [8.0, 40.0])
    func estimatesTheStrength(m: Double) {
        var random = TestRandom(seed: UInt64(m))
        func gamma(_ shape: Int) -> Double {  // of whole shape: a sum of exponentials
            (0..<shape).reduce(0) { sum, _ in sum - log(Double.random(in: 1e-12...1, using: &random)) }
        }
        let trials = (0..<400).map { _ -> (hits: Double, count: Double) in
            let (a, b) = (gamma(Int(m * 0.75)), gamma(Int(m * 0.25)))
            let rate = a / (a + b)
            let count = Int.random(in: 5...60, using: &random)
            let hits = (0..<count).count { _ in Double.random(in: 0...1, using: &random) < rate }
            return (Double(hits), Double(count))
        }
        let found = CommunityThresholds.strength(trials)
        #expect(found > 0.7 * m && found < 1.5 * m, "\(found)")
    }

    @Test func theStrengthHasBoundsAndADefault() {
        func strength(_ hits: [Double], of count: Double) -> Double {
            CommunityThresholds.strength(hits.map { ($0, count) })
        }
        #expect(strength([1, 3], of: 4) == 20)
        #expect(strength([5, 5, 5, 5, 5, 5], of: 10) == 400)
        #expect(strength([10, 0, 10, 0, 10, 0], of: 10) == 4)
        #expect(strength([10, 10, 10, 10, 10, 10], of: 10) == 400)
    }

    @Test func refusesWhatCannotBeLearntFrom() throws {
        #expect(throws: DetectionError.self) { try CommunityThresholds(.recall(0.5), texts: []) }
        #expect(throws: DetectionError.self) {
            try CommunityThresholds(.recall(0.5), texts: texts("a", [0.5], []))
        }
        #expect(throws: DetectionError.self) {
            try CommunityThresholds(.recall(0.5), texts: texts("a", [0.5], [.nan]))
        }
        let never = try CommunityThresholds(
            .precision(0.9), texts: texts("a", [0.1], [0.9, 0.9]), strength: 5)
        #expect(never.global.threshold == nil && never.communities.map(\.threshold) == [nil])
    }

    /// More scores than the grid takes: thresholds are scores, and within a 512th of the ranks of the exact one.
    @Test func aLongListIsThinned() throws {
        let scores = (0..<5000).map { Double($0) / 5000 }
        let grid = ThresholdGrid(scores)
        #expect(
            grid.thresholds.count == 512 && grid.thresholds[0] == 0 && grid.thresholds[511] == 4999.0 / 5000)
        for score in stride(from: 0, to: 1, by: 0.0137) {
            let bin = grid.bin(score)
            #expect(grid.thresholds[bin] <= score && (bin == 511 || grid.thresholds[bin + 1] > score))
        }
    }
}
