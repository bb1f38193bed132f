import Testing
import TheriacTesting

@testable import TheriacDetection

@Suite struct UnintendedBiasTests {
    /// The worked data set of Borkan et al.'s measures: score, toxic, of the group.
    private let worked: [(Double, Bool, Bool)] = [
        (0.9, true, true), (0.7, false, true), (0.4, false, true), (0.8, true, false), (0.6, true, false),
        (0.3, false, false), (0.5, false, false), (0.1, false, false),
    ]

    private func close(_ found: Double?, _ expected: Double, within: Double = 1e-5) -> Bool {
        found.map { abs($0 - expected) <= within } ?? false
    }

    @Test func workedAreas() throws {
        let areas = try SubgroupAreas(
            scores: worked.map(\.0), labels: worked.map(\.1), members: worked.map(\.2))
        #expect(areas == SubgroupAreas(subgroup: 1, backgroundPositive: 0.75, backgroundNegative: 1))
        let all = try GroupRanking(
            scores: worked.map(\.0), labels: worked.map(\.1), groups: [worked.map(\.2)]
        ).measure(times: nil)
        #expect(close(all.area, 0.93333))
        #expect(close(all.groups[0].negativeGap, 0.33333))
        #expect(close(all.groups[0].positiveGap, 0.5))
    }

    @Test func workedGaps() {
        #expect(close(EqualityGap.average(group: [0.7, 0.4], background: [0.3, 0.5, 0.1]), 0.33333))
        #expect(EqualityGap.average(group: [0.9], background: [0.8, 0.6]) == 0.5)
        #expect(EqualityGap.average(group: [], background: [0.8]) == nil)
        // All of the group above: y(x) = 1, ∫ (1 − x)² = 1/3.
        #expect(close(EqualityGap.averageSquared(group: [0.9], background: [0.8, 0.6]), 1.0 / 3))
        #expect(close(EqualityGap.averageSquared(group: [0.1], background: [0.8, 0.6]), 1.0 / 3))
        #expect(EqualityGap.averageSquared(group: [0.2, 0.2], background: [0.2]) == 0)
    }

    @Test func workedMeans() {
        #expect(close(UnintendedBias.powerMean([0.9, 0.8, 0.7]), 0.77551))
        #expect(close(UnintendedBias.powerMean([0.95, 0.95, 0.6]), 0.72056))
        #expect(UnintendedBias.powerMean([0.9, 0]) == 0)
        #expect(UnintendedBias.powerMean([]) == nil)
        let groups = [(0.9, 0.92, 0.95), (0.8, 0.9, 0.93), (0.7, 0.88, 0.9)].map {
            SubgroupAreas(subgroup: $0.0, backgroundPositive: $0.1, backgroundNegative: $0.2)
        }
        #expect(close(UnintendedBias.finalScore(overall: 0.95, groups: groups), 0.88748))
        #expect(close(UnintendedBias.equalityDifference(overall: 0.1, groups: [0.3, 0.1, 0.05]), 0.25))
    }

    /// Every pair compared, for random scores with many ties and groups of any size, also under resamples.
    @Test(arguments: 1...40) func areasEqualBruteForce(seed: UInt64) throws {
        var random = SplitMix(seed: seed)
        let count = 1 + Int(random.next() % 25)
        let scores = (0..<count).map { _ in Double(random.next() % 7) / 6 }
        let labels = (0..<count).map { _ in random.next() % 2 == 0 }
        let members = (0..<count).map { _ in random.next() % 3 == 0 }
        let times = seed % 2 == 0 ? (0..<count).map { _ in Int(random.next() % 3) } : nil
        let ranking = try GroupRanking(scores: scores, labels: labels, groups: [members], threshold: 0.5)
        let found = ranking.measure(times: times)

        func area(_ first: (Int) -> Bool, _ second: (Int) -> Bool) -> Double? {
            var won = 0.0
            var pairs = 0.0
            for one in 0..<count where first(one) {
                for other in 0..<count where second(other) {
                    let weight = Double((times?[one] ?? 1) * (times?[other] ?? 1))
                    pairs += weight
                    won += weight * (scores[one] > scores[other] ? 1 : scores[one] == scores[other] ? 0.5 : 0)
                }
            }
            return pairs > 0 ? won / pairs : nil
        }
        func agree(_ one: Double?, _ other: Double?) -> Bool {
            guard let one, let other else { return one == nil && other == nil }
            return abs(one - other) < 1e-12
        }
        let areas = found.groups[0].areas
        #expect(agree(found.area, area({ labels[$0] }, { !labels[$0] })))
        #expect(
            agree(areas.subgroup, area({ labels[$0] && members[$0] }, { !labels[$0] && members[$0] })))
        #expect(
            agree(
                areas.backgroundPositive,
                area({ labels[$0] && !members[$0] }, { !labels[$0] && members[$0] })))
        #expect(
            agree(
                areas.backgroundNegative,
                area({ labels[$0] && members[$0] }, { !labels[$0] && !members[$0] })))
        let gap = area({ !labels[$0] && members[$0] }, { !labels[$0] && !members[$0] }).map { $0 - 0.5 }
        #expect(agree(found.groups[0].negativeGap, gap))
        if times == nil {
            let own = scores.indices.filter { members[$0] }.map { scores[$0] }
            let other = scores.indices.filter { !members[$0] }.map { scores[$0] }
            #expect(
                agree(
                    EqualityGap.average(group: own, background: other),
                    area({ members[$0] }, { !members[$0] }).map { $0 - 0.5 }))
        }
        #expect(
            found.counts.falsePositives
                == (0..<count).filter { scores[$0] >= 0.5 && !labels[$0] }.reduce(0) {
                    $0 + (times?[$1] ?? 1)
                })
    }

    /// The exact squared gap against trapezia at many thresholds.
    @Test(arguments: 1...10) func squaredGapEqualsThresholds(seed: UInt64) throws {
        var random = SplitMix(seed: seed)
        let group = (0..<9).map { _ in Double(random.next() % 50) / 50 }
        let background = (0..<13).map { _ in Double(random.next() % 50) / 50 }
        func share(_ scores: [Double], _ threshold: Double) -> Double {
            Double(scores.count { $0 >= threshold }) / Double(scores.count)
        }
        // Between two neighbouring points of the curve the line is cut finely.
        var total = 0.0
        var last = (x: 0.0, y: 0.0)
        for step in (0...50).reversed() {
            let next = (x: share(background, Double(step) / 50), y: share(group, Double(step) / 50))
            for piece in 0..<400 {
                let place = (Double(piece) + 0.5) / 400
                let gap = last.y + place * (next.y - last.y) - last.x - place * (next.x - last.x)
                total += gap * gap * (next.x - last.x) / 400
            }
            last = next
        }
        let exact = try #require(EqualityGap.averageSquared(group: group, background: background))
        #expect(abs(exact - total) < 1e-5)
    }

    @Test func pinnedAreaTakesAsManyOthers() throws {
        let pinned = try UnintendedBias.pinnedArea(
            scores: worked.map(\.0), labels: worked.map(\.1), members: worked.map(\.2))
        let again = try UnintendedBias.pinnedArea(
            scores: worked.map(\.0), labels: worked.map(\.1), members: worked.map(\.2))
        #expect(pinned != nil && pinned == again)
        // With no others it is the subgroup's area.
        let own = worked.filter(\.2)
        #expect(
            try UnintendedBias.pinnedArea(
                scores: own.map(\.0), labels: own.map(\.1), members: own.map(\.2)) == 1)
    }

    @Test func workedFairness() {
        let first = GroupCounts(truePositives: 8, falsePositives: 3, falseNegatives: 2, trueNegatives: 7)
        let second = GroupCounts(truePositives: 6, falsePositives: 1, falseNegatives: 4, trueNegatives: 9)
        #expect(close(GroupFairness.equalizedOddsDifference([first, second]), 0.2))
        #expect(close(GroupFairness.equalizedOddsDifference([first, second], mean: true), 0.2))
        #expect(close(GroupFairness.demographicParityDifference([first, second]), 0.2))
        #expect(close(GroupFairness.demographicParityRatio([first, second]), 7.0 / 11))
        #expect(
            close(GroupFairness.equalOpportunityDifference(disadvantaged: second, advantaged: first), -0.2))
        #expect(close(GroupFairness.averageOddsDifference(disadvantaged: second, advantaged: first), -0.2))
        #expect(
            close(
                GroupFairness.averageOddsDifference(disadvantaged: second, advantaged: first, absolute: true),
                0.2))
        #expect(
            close(GroupFairness.statisticalParityDifference(disadvantaged: second, advantaged: first), -0.2))
        #expect(close(GroupFairness.disparateImpact(disadvantaged: second, advantaged: first), 7.0 / 11))
        // Benefits 1, 1, 2, 0: mean 1, GE(2) = (0 + 0 + 3 − 1) / (4 · 2) = ¼; Theil = 2 ln 2 / 4.
        let mixed = GroupCounts(truePositives: 1, falsePositives: 1, falseNegatives: 1, trueNegatives: 1)
        #expect(close(GroupFairness.generalizedEntropy(mixed), 0.25))
        #expect(close(GroupFairness.generalizedEntropy(mixed, alpha: 1), 0.34657))
        #expect(GroupFairness.generalizedEntropy(GroupCounts()) == nil)
        #expect(GroupFairness.demographicParityDifference([first, GroupCounts()]) == nil)
    }

    @Test func refusesWrongInput() {
        #expect(throws: DetectionError.self) {
            try SubgroupAreas(scores: [0.1, .nan], labels: [true, false], members: [true, true])
        }
        #expect(throws: DetectionError.self) {
            try SubgroupAreas(scores: [0.1, 0.2], labels: [true, false], members: [true])
        }
    }
}
