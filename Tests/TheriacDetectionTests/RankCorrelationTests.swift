import Testing
import TheriacTesting

@testable import TheriacDetection

@Suite struct RankCorrelationTests {
    @Test func workedExamples() throws {
        expectClose(try spearmanCorrelation([1, 2, 3, 4], [1, 3, 2, 4]), 0.8, absolute: 1e-12)
        expectClose(try kendallCorrelation([1, 2, 3, 4], [1, 3, 2, 4]), 4.0 / 6, absolute: 1e-12)
        #expect(throws: RankedPairs.constant) { try kendallCorrelation([1, 1], [1, 2]) }
    }

    @Test(arguments: 0..<30 as Range<UInt64>)
    func kendallCountsAllPairs(seed: UInt64) throws {
        var random = TestRandom(seed: seed)
        let first = (0..<40).map { _ in Double(Int.random(in: 0...12, using: &random)) }
        let second = (0..<40).map { _ in Double(Int.random(in: 0...12, using: &random)) }
        var (difference, untied) = (0.0, (0.0, 0.0))
        for one in 0..<40 {
            for other in 0..<one {
                let (x, y) = (first[one] - first[other], second[one] - second[other])
                difference += x * y > 0 ? 1 : x * y < 0 ? -1 : 0
                untied.0 += x != 0 ? 1 : 0
                untied.1 += y != 0 ? 1 : 0
            }
        }
        expectClose(
            try kendallCorrelation(first, second), difference / (untied.0 * untied.1).squareRoot(),
            absolute: 1e-12)
    }

    @Test(arguments: 0..<10 as Range<UInt64>)
    func aResampleCountsLikeCopies(seed: UInt64) throws {
        var random = TestRandom(seed: seed)
        let first = (0..<30).map { _ in Double(Int.random(in: 0...9, using: &random)) }
        let second = (0..<30).map { _ in Double(Int.random(in: 0...9, using: &random)) }
        let times = (0..<30).map { _ in Int.random(in: 0...2, using: &random) }
        let copies = (0..<30).flatMap { [Int](repeating: $0, count: times[$0]) }
        let pairs = try RankedPairs(first, second)
        let same = try RankedPairs(copies.map { first[$0] }, copies.map { second[$0] })
        expectClose(try #require(pairs.pearson(times: times)), try #require(same.pearson()), absolute: 1e-12)
        expectClose(
            try #require(pairs.spearman(times: times)), try #require(same.spearman()), absolute: 1e-12)
        expectClose(try #require(pairs.kendall(times: times)), try #require(same.kendall()), absolute: 1e-12)
        expectClose(
            pairs.meanAbsoluteDifference(times: times), same.meanAbsoluteDifference(), absolute: 1e-12)
    }
}
