import Foundation
import Testing
import TheriacTesting

@testable import TheriacGeneration

@Suite struct SamplerTests {
    static func settings(temperature: Double = 1, topK: Int = 0, topP: Double = 1, greedy: Bool = false)
        -> SamplingSettings
    {
        var settings = SamplingSettings()
        settings.temperature = temperature
        settings.topK = topK
        settings.topP = topP
        settings.isGreedy = greedy
        return settings
    }

    /// Tokens drawn for uniform draws spread evenly over `0..<1`.
    private func drawn(_ logits: [Float], _ settings: SamplingSettings, draws: Int = 400) -> Set<Int> {
        var scratch = Sampler.Scratch()
        let sampler = Sampler(settings)
        return logits.withUnsafeBufferPointer { row in
            Set(
                (0..<draws).compactMap {
                    sampler.sample(row, uniform: Double($0) / Double(draws), scratch: &scratch)
                })
        }
    }

    private func sample(_ logits: [Float], _ settings: SamplingSettings, uniform: Double = 0.5) -> Int? {
        var scratch = Sampler.Scratch()
        return logits.withUnsafeBufferPointer {
            Sampler(settings).sample($0, uniform: uniform, scratch: &scratch)
        }
    }

    // MARK: Worked values

    static let nuclei: [(p: Double, kept: Set<Int>)] = [
        (0.9, [0, 1, 2]), (0.8, [0, 1]), (0.5, [0]), (1, [0, 1, 2, 3]), (0, [0]),
    ]

    /// Methods reference 0.3: softmax is .60946, .22421, .13599, .03034.
    @Test(arguments: nuclei)
    func keepsTheNucleus(p: Double, kept: Set<Int>) {
        #expect(drawn([2, 1, 0.5, -1], Self.settings(topP: p)) == kept)
        // The order of ids does not matter.
        #expect(drawn([-1, 0.5, 1, 2], Self.settings(topP: p)) == Set(kept.map { 3 - $0 }))
    }

    static let largest: [(k: Int, kept: Set<Int>)] = [
        (1, [1]), (2, [0, 1, 3]), (3, [0, 1, 3]), (4, [0, 1, 2, 3]), (99, [0, 1, 2, 3]),
    ]

    @Test(arguments: largest)
    func keepsTiesAtTheLastPlaceOfTopK(k: Int, kept: Set<Int>) {
        #expect(drawn([1, 2, 0, 1], Self.settings(topK: k)) == kept)
    }

    @Test func takesEqualProbabilitiesInTheOrderOfIds() {
        let even = [Float](repeating: 3, count: 10)
        #expect(drawn(even, Self.settings(topP: 0.25)) == [0, 1, 2])
        #expect(drawn(even, Self.settings(topP: 0.95)) == Set(0..<10))
    }

    @Test func topPWorksOnWhatTopKLeaves() {
        // Of the two kept, .731 and .269: 0.7 is passed by the first alone; of all four it would take two.
        #expect(drawn([2, 1, 0.5, -1], Self.settings(topK: 2, topP: 0.7)) == [0])
        #expect(drawn([2, 1, 0.5, -1], Self.settings(topP: 0.7)) == [0, 1])
    }

    @Test func greedyTakesTheFirstLargest() {
        #expect(
            sample(
                [0, 5, 5, 1], Self.settings(temperature: 3, topK: 2, topP: 0.1, greedy: true), uniform: 0.99)
                == 1)
        #expect(sample([-.infinity, -9], Self.settings(greedy: true)) == 1)
    }

    @Test func followsTheInverseOfTheDistribution() {
        // Cumulative in the order of ids: .60946, .83367, .96966, 1.
        let cases: [(Double, Int)] = [
            (0, 0), (0.609, 0), (0.610, 1), (0.833, 1), (0.834, 2), (0.969, 2), (0.970, 3), (0.999, 3),
        ]
        for (uniform, token) in cases {
            #expect(sample([2, 1, 0.5, -1], Self.settings(), uniform: uniform) == token)
        }
    }

    @Test func temperatureSharpensAndFlattens() {
        // At 0.5 logits double: softmax([4, 2]) = .8808; at 2 they halve: softmax([1, .5]) = .6225.
        for (temperature, border) in [(0.5, 0.8808), (1, 0.7311), (2, 0.6225)] {
            let settings = Self.settings(temperature: temperature)
            #expect(sample([2, 1], settings, uniform: border - 0.001) == 0)
            #expect(sample([2, 1], settings, uniform: border + 0.001) == 1)
        }
    }

    // MARK: Edges

    @Test(arguments: [
        settings(), settings(topK: 3), settings(topP: 0.9), settings(topK: 4, topP: 0.999),
        settings(greedy: true),
    ])
    func neverDrawsWhatIsExcluded(settings: SamplingSettings) {
        var logits = [Float](repeating: -.infinity, count: 50)
        logits[7] = -1e30
        logits[33] = -1e30
        logits[49] = .nan
        #expect(drawn(logits, settings).isSubset(of: [7, 33]))
        #expect(sample(logits, settings, uniform: 1 - 0x1p-53) != nil)
    }

    @Test(arguments: [settings(), settings(topK: 2), settings(topP: 0.5), settings(greedy: true)])
    func drawsNothingWhenNothingIsFinite(settings: SamplingSettings) {
        #expect(sample([-.infinity, -.infinity], settings) == nil)
        #expect(sample([.nan, .nan], settings) == nil)
        #expect(sample([1, .infinity], settings) == nil)
        #expect(sample([], settings) == nil)
    }

    @Test func drawsAtBothEndsOfTheRange() {
        var random = SplitMix64(seed: 1)
        for count in [1, 2, 15, 16, 17, 33] {
            let logits = random.floats(count, in: -5...5)
            for settings in [Self.settings(), Self.settings(topP: 0.9), Self.settings(topK: 1)] {
                #expect(sample(logits, settings, uniform: 0) != nil)
                #expect(sample(logits, settings, uniform: 1 - 0x1p-53) != nil)
            }
        }
    }

    @Test func neverUsesAnotherRowsMemory() {
        // The same scratch for rows of different lengths and settings.
        var random = SplitMix64(seed: 2)
        var shared = Sampler.Scratch()
        for _ in 0..<200 {
            let logits = random.floats(Int.random(in: 1...60, using: &random), in: -8...8)
            let settings = Self.settings(
                topK: Int.random(in: 0...9, using: &random), topP: Double.random(in: 0.3...1, using: &random))
            let uniform = Double.random(in: 0..<1, using: &random)
            let found = logits.withUnsafeBufferPointer {
                Sampler(settings).sample($0, uniform: uniform, scratch: &shared)
            }
            #expect(found == sample(logits, settings, uniform: uniform))
        }
    }

    // MARK: Slow oracle

    /// How rows are drawn: plain, many ties, huge spreads, one dominant token, excluded tokens.
    static func row(_ kind: Int, _ count: Int, _ random: inout SplitMix64) -> [Float] {
        switch kind {
        case 0: return random.floats(count, in: -6...6)
        case 1: return (0..<count).map { _ in Float(Int.random(in: 0...4, using: &random)) }
        case 2: return random.floats(count, in: -300...300)
        case 3:
            var row = random.floats(count, in: -1...1)
            row[Int.random(in: 0..<count, using: &random)] = 12
            return row
        default: return random.floats(count, in: -4...4).map { $0 < -1 ? -.infinity : $0 }
        }
    }

    @Test(arguments: 0..<60 as Range<UInt64>)
    func agreesWithSortingTheWholeVocabulary(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let count = Int.random(in: 2...300, using: &random)
        let logits = Self.row(Int(seed % 5), count, &random)
        let settings = Self.settings(
            temperature: [1, 1, 0.6, 1.7][Int.random(in: 0..<4, using: &random)],
            topK: [0, 0, 1, 5, 40][Int.random(in: 0..<5, using: &random)],
            topP: [1, 0.95, 0.9, 0.5, 0.1][Int.random(in: 0..<5, using: &random)])
        // Where p falls on a border both are right.
        guard let oracle = SortingOracle(logits, settings) else { return }
        for _ in 0..<100 {
            let uniform = Double.random(in: 0..<1, using: &random)
            guard let expected = oracle.token(uniform) else { continue }
            #expect(sample(logits, settings, uniform: uniform) == expected, "\(settings) uniform \(uniform)")
        }
    }

    // MARK: Distribution

    static let distributions: [SamplingSettings] = [
        settings(), settings(temperature: 0.7), settings(temperature: 1.5, topK: 7), settings(topP: 0.9),
        settings(temperature: 1.2, topK: 12, topP: 0.8), settings(temperature: 0.5, topP: 0.5),
    ]

    @Test(arguments: distributions)
    func drawsTheExactDistribution(settings: SamplingSettings) throws {
        var random = SplitMix64(seed: 11)
        try expectDistribution(
            random.floats(40, in: -2...2), settings, draws: SlowTests.areOn ? 200_000 : 20_000, bins: 40)
    }

    /// A vocabulary like that of a small model: logits with a long tail.
    private static func longTail() -> [Float] {
        var random = SplitMix64(seed: 12)
        return (0..<8192).map { _ in -0.6 * Foundation.log(Float.random(in: 1e-6...1, using: &random)) }
    }

    /// Without chance: tokens come in the order of their ids as the draw grows, so the draw at which a token is passed
    /// is the cumulative probability up to it, here to 1e-6 for every 1024th token.
    @Test(arguments: distributions)
    func has8192TokensAtTheirExactPlaces(settings: SamplingSettings) throws {
        let logits = Self.longTail()
        let oracle = try #require(SortingOracle(logits, settings))
        let sampler = Sampler(settings)
        var scratch = Sampler.Scratch()
        var sums: [Double] = [0]
        for probability in oracle.probabilities { sums.append(sums[sums.count - 1] + probability) }
        for token in stride(from: 1023, to: 8191, by: 1024) {
            var (low, high) = (0.0, 1.0)  // the draw passes `token` somewhere between
            for _ in 0..<20 {
                let middle = (low + high) / 2
                let drawn = logits.withUnsafeBufferPointer {
                    sampler.sample($0, uniform: middle, scratch: &scratch)
                }
                if try #require(drawn) <= token { low = middle } else { high = middle }
            }
            expectClose(low, sums[token + 1], absolute: 2e-6, relative: 0, "token \(token)")
        }
    }

    /// In 60 bins of equal probability.
    @Test(.tags(.slow), .enabled(if: SlowTests.areOn, SlowTests.reason), arguments: distributions)
    func drawsTheExactDistributionOf8192Tokens(settings: SamplingSettings) throws {
        #if DEBUG
        let draws = 10_000  // a draw takes a millisecond in a debug build
        #else
        let draws = 200_000
        #endif
        try expectDistribution(Self.longTail(), settings, draws: draws, bins: 60)
    }

    private func expectDistribution(_ logits: [Float], _ settings: SamplingSettings, draws: Int, bins: Int)
        throws
    {
        let oracle = try #require(SortingOracle(logits, settings))
        // Consecutive tokens share a bin until it holds its part.
        var binOfToken: [Int] = []
        var expected: [Double] = [0]
        for probability in oracle.probabilities {
            if expected[expected.count - 1] * Double(draws) >= max(5, Double(draws) / Double(bins)) {
                expected.append(0)
            }
            expected[expected.count - 1] += probability
            binOfToken.append(expected.count - 1)
        }
        var counts = [Double](repeating: 0, count: expected.count)
        var random = SplitMix64(seed: 13)
        var scratch = Sampler.Scratch()
        let sampler = Sampler(settings)
        logits.withUnsafeBufferPointer { row in
            for _ in 0..<draws {
                let token = sampler.sample(
                    row, uniform: Double.random(in: 0..<1, using: &random), scratch: &scratch)
                guard let token, oracle.probabilities[token] > 0 else {
                    Issue.record("drew \(String(describing: token)), which is excluded")
                    return
                }
                counts[binOfToken[token]] += 1
            }
        }
        var statistic = 0.0
        var used = 0.0
        for (count, probability) in zip(counts, expected) where probability * Double(draws) >= 5 {
            let wanted = probability * Double(draws)
            statistic += (count - wanted) * (count - wanted) / wanted
            used += 1
        }
        // The value that χ² exceeds once in 10 000 times (Wilson and Hilferty).
        let freedom = max(used - 1, 1)
        let limit = freedom * pow(1 - 2 / (9 * freedom) + 3.72 * (2 / (9 * freedom)).squareRoot(), 3)
        #expect(statistic < limit, "χ² \(statistic) over \(used) bins, \(draws) draws")
    }

    // MARK: The exponential

    @Test func exponentialIsExactToTwoUnits() {
        var random = SplitMix64(seed: 5)
        var worst = 0.0
        for _ in 0..<2000 {
            let x = SIMD16<Float>(random.floats(16, in: -87...0))
            let found = exponential(x)
            for lane in 0..<16 {
                let exact = Foundation.exp(Double(x[lane]))
                worst = max(worst, abs(Double(found[lane]) - exact) / Double(Float(exact).ulp))
            }
        }
        #expect(worst <= 2, "\(worst) units in the last place")
        showMeasured("exponential: \(worst) units in the last place")
        let edges = exponential(
            SIMD16<Float>([0, -.infinity, -88, -1000, -87.2] + [Float](repeating: 0, count: 11)))
        #expect(edges[0] == 1)
        #expect(edges[1] == 0)
        #expect(edges[2] == 0)
        #expect(edges[3] == 0)
        #expect(edges[4] > 0)
    }
}

/// The methods reference's pipeline as it is written there, in Double.
struct SortingOracle {
    /// Of each token, 0 when it is excluded.
    let probabilities: [Double]

    /// nil when a cumulative probability is too near p to say which side float32 falls.
    init?(_ logits: [Float], _ settings: SamplingSettings) {
        var kept = logits.map { Double($0) / settings.temperature }
        if settings.topK > 0, settings.topK < kept.count {
            let border = kept.sorted(by: >)[settings.topK - 1]
            for index in kept.indices where kept[index] < border { kept[index] = -.infinity }
        }
        func softmax() -> [Double] {
            let largest = kept.max() ?? 0
            let weights = kept.map { Foundation.exp($0 - largest) }
            let total = weights.reduce(0, +)
            return weights.map { $0 / total }
        }
        if settings.topP < 1 {
            let probabilities = softmax()
            let order = kept.indices.sorted { (kept[$1], $0) < (kept[$0], $1) }
            var sum = 0.0
            var isPast = false
            for index in order {
                if isPast { kept[index] = -.infinity }
                sum += probabilities[index]
                if abs(sum - settings.topP) < 1e-5, !isPast { return nil }
                if sum > settings.topP { isPast = true }
            }
        }
        probabilities = softmax()
    }

    /// The token at which the cumulative probability, in the order of ids, passes `uniform`; nil on a border.
    func token(_ uniform: Double) -> Int? {
        var sum = 0.0
        for (index, probability) in probabilities.enumerated() {
            if probability > 0, abs(sum - uniform) < 1e-5, sum > 0 { return nil }
            sum += probability
            if sum > uniform { return abs(sum - uniform) < 1e-5 ? nil : index }
        }
        return nil
    }
}
