import Foundation
import Testing
import TheriacCorpora
import TheriacTesting

@testable import TheriacDetection

@Suite struct HeadTrainingTests {
    private static func example(_ windows: Int, _ targets: [Float], _ weights: [Float]) -> HeadExample {
        HeadExample(windows: (0..<windows).map { _ in [2, 5, 3] }, targets: targets, weights: weights)
    }

    @Test func missingLabelsHaveNoGradient() {
        let examples = [Self.example(1, [1, .nan], [1, 0]), Self.example(1, [.nan, 0], [0, 2])]
        let (loss, slopes) = HeadLoss.heads(examples, logits: [0, 5, 5, 0])
        #expect(abs(loss - 3 * log(2)) < 1e-9)
        #expect(slopes == [-0.5, 0, 0, 1])
    }

    @Test func theHighestWindowLearns() {
        let (_, slopes) = HeadLoss.heads([Self.example(3, [0], [1])], logits: [-1, 2, 0])
        #expect(slopes[0] == 0 && slopes[2] == 0)
        #expect(abs(slopes[1] - 1 / (1 + exp(-2))) < 1e-9)
    }

    /// The slopes are those of the loss, by differences.
    @Test(arguments: 0..<10 as Range<UInt64>)
    func slopesAreDifferences(seed: UInt64) {
        var random = TestRandom(seed: seed)
        let examples = (0..<4).map { _ in
            var example = Self.example(
                Int.random(in: 1...3, using: &random),
                (0..<2).map { _ in .random(in: 0...1, using: &random) },
                (0..<2).map { _ in .random(in: 0...2, using: &random) })
            example.tokenTargets = example.windows.map { _ in
                [.nan, .random(in: 0...1, using: &random), .nan]
            }
            return example
        }
        let rows = examples.reduce(0) { $0 + $1.windows.count }
        let logits = (0..<2 * rows).map { _ in Float.random(in: -3...3, using: &random) }
        let slopes = HeadLoss.heads(examples, logits: logits).slopes
        for place in logits.indices {
            var (up, down) = (logits, logits)
            up[place] += 0.01
            down[place] -= 0.01
            let change =
                HeadLoss.heads(examples, logits: up).loss - HeadLoss.heads(examples, logits: down).loss
            #expect(abs(change / 0.02 - slopes[place]) < 1e-3)
        }
        let offsets = (0...rows).map { 3 * $0 }
        let tokens = (0..<3 * rows).map { _ in Float.random(in: -3...3, using: &random) }
        let tokenSlopes = HeadLoss.tokens(examples, offsets, logits: tokens).slopes
        for place in tokens.indices {
            var (up, down) = (tokens, tokens)
            up[place] += 0.01
            down[place] -= 0.01
            let change =
                HeadLoss.tokens(examples, offsets, logits: up).loss
                - HeadLoss.tokens(examples, offsets, logits: down).loss
            #expect(abs(change / 0.02 - tokenSlopes[place]) < 1e-3)
        }
    }

    @Test(arguments: [(1, 0.1, 1), (0, 1, 0.1), (0.25, 0.5, 2)] as [(Float, Float, Float)])
    func unevenWeightsAreOneTargetAndOneWeight(label: Float, positive: Float, negative: Float) {
        let (target, weight) = LabelWeight(positive: positive, negative: negative).weighted(label)
        for logit in [-2.0, 0, 1.5] {
            let apart =
                Double(label * positive) * crossEntropyOfLogit(logit, 1)
                + Double((1 - label) * negative) * crossEntropyOfLogit(logit, 0)
            #expect(abs(Double(weight) * crossEntropyOfLogit(logit, Double(target)) - apart) < 1e-6)
        }
    }

    @Test func tokensTakeTheHighestShareOfTheirSpans() {
        let spans = [ToxicSpan(scalars: 4..<9, share: 0.5), ToxicSpan(scalars: 8..<12, share: 1)]
        let shares = TransformerExamples.shares(of: [0..<3, 3..<5, 5..<9, 12..<14, 2..<2], spans)
        #expect(shares[0..<4] == [0, 0.5, 1, 0])
        #expect(shares[4].isNaN)
    }
}
