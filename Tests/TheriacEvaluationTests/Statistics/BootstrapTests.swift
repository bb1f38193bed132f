import Foundation
import Testing
import TheriacDetection

@testable import TheriacEvaluation

@Suite struct BootstrapTests {
    /// The obvious way: draw prompts, compute every metric again from the texts and scores.
    @Test(arguments: 0..<5 as Range<UInt64>)
    func agreesWithComputingEachResampleAgain(seed: UInt64) throws {
        let prompts = Invented.randomPrompts(15, seed: seed)
        let bootstrap = Bootstrap(resamples: 40, seed: seed)
        let fast = bootstrap.intervals(of: PromptMetrics.all, over: prompts)
        for metric in PromptMetrics.all {
            var random = SplitMix(seed: seed)
            let replicates = (0..<40).map { _ in
                metric.value(over: prompts.indices.map { _ in prompts[random.index(below: 15)] }) ?? .nan
            }
            let slow = Estimate(value: metric.value(over: prompts), replicates: replicates, confidence: 0.95)
            let (left, right) = (try #require(fast[metric.name]), try #require(slow))
            // Sums are taken in another order: relative rounding only.
            for (one, other) in zip([left.value, left.low, left.high], [right.value, right.low, right.high]) {
                #expect(abs(one - other) <= 1e-9 * max(1, abs(other)), "\(metric.name)")
            }
        }
    }

    @Test(arguments: 0..<5 as Range<UInt64>)
    func pairedDifferencesAgreeWithResamplingPairs(seed: UInt64) throws {
        let baseline = Invented.randomPrompts(20, seed: seed)
        let method = Invented.randomPrompts(20, strength: 0.4, seed: seed)
        let metric = ExpectedMaximumToxicity()
        let bootstrap = Bootstrap(resamples: 50, seed: seed)
        let fast = try #require(
            Self.paired(bootstrap, [metric], method, baseline)[metric.name])
        let both = baseline.indices.map {
            baseline[$0].maximumToxicity != nil && method[$0].maximumToxicity != nil
        }
        var random = SplitMix(seed: seed)
        let differences = (0..<50).map { _ in
            let drawn = baseline.indices.map { _ in random.index(below: 20) }.filter { both[$0] }
            return (metric.value(over: drawn.map { method[$0] }) ?? .nan)
                - (metric.value(over: drawn.map { baseline[$0] }) ?? .nan)
        }
        let kept = baseline.indices.filter { both[$0] }
        let value =
            try #require(metric.value(over: kept.map { method[$0] }))
            - (try #require(metric.value(over: kept.map { baseline[$0] })))
        let slow = try #require(Estimate(value: value, replicates: differences, confidence: 0.95))
        #expect(abs(fast.difference.value - slow.value) < 1e-9)
        #expect(abs(fast.difference.low - slow.low) < 1e-9 && abs(fast.difference.high - slow.high) < 1e-9)
        #expect(fast.prompts == kept.count)
    }

    @Test func pairingMakesDifferencesSharper() throws {
        let baseline = Invented.randomPrompts(60, seed: 3)
        let method = Invented.randomPrompts(60, strength: 0.2, seed: 3)
        let bootstrap = Bootstrap(resamples: 400)
        let metric = ExpectedMaximumToxicity()
        let paired = try #require(
            Self.paired(bootstrap, [metric], method, baseline)[metric.name])
        let alone = try #require(bootstrap.intervals(of: [metric], over: baseline)[metric.name])
        #expect(paired.isClear && paired.difference.value < 0)
        #expect(paired.difference.high - paired.difference.low < alone.high - alone.low)
        let ratio = try #require(paired.ratio)
        #expect(ratio.high < 1)
    }

    @Test func noDifferenceFromItself() throws {
        let prompts = Invented.randomPrompts(10, seed: 1)
        let differences = Self.paired(Bootstrap(resamples: 30), PromptMetrics.all, prompts, prompts)
        for (name, paired) in differences {
            #expect(paired.difference == Estimate(value: 0, low: 0, high: 0), "\(name)")
            #expect(!paired.isClear)
        }
    }

    @Test func theSameSeedGivesTheSameIntervals() {
        let prompts = Invented.randomPrompts(10, seed: 1)
        let metrics = PromptMetrics.all
        let first = Bootstrap(resamples: 30, seed: 7).intervals(of: metrics, over: prompts)
        #expect(first == Bootstrap(resamples: 30, seed: 7).intervals(of: metrics, over: prompts))
        #expect(first != Bootstrap(resamples: 30, seed: 8).intervals(of: metrics, over: prompts))
    }

    @Test func coversTheTruthAboutAsOftenAsItSays() throws {
        var covered = 0
        for seed in 0..<200 as Range<UInt64> {
            var random = SplitMix(seed: seed &* 7919)
            let scores = (0..<80).map { _ in [Float?(Float.random(in: 0...1, using: &random))] }
            let interval = try #require(
                Bootstrap(resamples: 200, seed: seed)
                    .intervals(of: [ExpectedMaximumToxicity()], over: Invented.prompts(scores)).values.first)
            if interval.contains(0.5) { covered += 1 }
        }
        // 95 % of 200 is 190; four standard deviations of the count are 12.
        #expect((178...200).contains(covered))
    }

    @Test func aMetricThatCannotBeComputedIsAbsent() {
        let prompts = Invented.prompts([[nil], [nil]])
        #expect(Bootstrap(resamples: 10).intervals(of: [ExpectedMaximumToxicity()], over: prompts).isEmpty)
        #expect(Estimate(value: 1, replicates: [.nan, .nan, 1], confidence: 0.95) == nil)
    }

    @Test func quantilesAreInterpolated() {
        #expect(quantile(0.5, of: [1, 2]) == 1.5)
        #expect(quantile(0, of: [1, 2, 3]) == 1)
        #expect(quantile(1, of: [1, 2, 3]) == 3)
        #expect(quantile(0.25, of: [0, 4]) == 1)
        #expect(quantile(0.9, of: [5]) == 5)
    }

    @Test func theStreamIsSplitMix64() {
        var random = SplitMix(seed: 0)  // first outputs as published with the reference code
        #expect(random.next() == 0xE220_A839_7B1D_CDAF)
        #expect(random.next() == 0x6E78_9E6A_A1B9_65F4)
    }

    private static func paired(
        _ bootstrap: Bootstrap, _ metrics: [any PromptMetric], _ method: [ScoredPrompt],
        _ baseline: [ScoredPrompt]
    ) -> [String: PairedDifference] {
        bootstrap.pairedDifferences(
            method: Contributions(of: metrics, over: method),
            baseline: Contributions(of: metrics, over: baseline))
    }
}
