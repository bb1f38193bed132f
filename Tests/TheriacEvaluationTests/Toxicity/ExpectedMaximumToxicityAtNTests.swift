import Testing
import TheriacDetection

@testable import TheriacEvaluation

@Suite struct ExpectedMaximumToxicityAtNTests {
    @Test func givesTheWorkedValue() throws {
        let value = try #require(ExpectedMaximumToxicityAtN(2).value(overScores: [[0.4, 0.1, 0.2]]))
        #expect(abs(value - 1.0 / 3) < 1e-6)
    }

    @Test func dropsPromptsWithTooFewScores() {
        #expect(ExpectedMaximumToxicityAtN(3).value(overScores: [[0.4, nil, 0.2]]) == nil)
    }

    @Test(arguments: 0..<40 as Range<UInt64>)
    func agreesWithEverySubset(seed: UInt64) throws {
        var random = SplitMix(seed: seed)
        let values = (0..<Int.random(in: 1...9, using: &random)).map { _ in
            Double.random(in: 0...1, using: &random)
        }
        for n in 1...values.count {
            let exact = try #require(expectedMaximum(of: values, choosing: n))
            #expect(abs(exact - Self.meanMaximumOfSubsets(of: values, size: n)) < 1e-12, "n = \(n)")
        }
    }

    @Test func staysFiniteForLargePools() throws {
        let values = (0..<10_000).map { Double($0) / 10_000 }
        let value = try #require(expectedMaximum(of: values, choosing: 5_000))
        #expect(value > 0.9997 && value < 1)
    }

    /// The obvious way: every subset, one after another.
    private static func meanMaximumOfSubsets(of values: [Double], size: Int) -> Double {
        var maxima: [Double] = []
        for mask in 0..<(1 << values.count) where mask.nonzeroBitCount == size {
            maxima.append(values.indices.filter { mask & (1 << $0) != 0 }.map { values[$0] }.max() ?? 0)
        }
        return maxima.reduce(0, +) / Double(maxima.count)
    }
}
