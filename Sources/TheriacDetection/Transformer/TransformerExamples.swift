import TheriacCorpora
import TheriacFiles
import TheriacTokenizers

/// A text to learn from: windows of tokens, and what the heads and the tokens should say.
struct HeadExample: Sendable, Equatable {
    /// With special tokens; at least one.
    var windows: [[Int32]]
    /// Soft target in 0...1 for each head; NaN when unknown.
    var targets: [Float]
    /// How much each head's target counts; 0 when unknown.
    var weights: [Float]
    /// For each window's tokens the share of raters who found them toxic, NaN for special tokens; nil when nobody marked.
    var tokenTargets: [[Float]]?

    func update(_ hasher: inout SHA256Hasher) {
        for window in windows { window.withUnsafeBytes { hasher.update($0) } }
        // NaNs have many bit patterns; the weight says that a target is missing.
        targets.map { $0.isNaN ? -1 : $0 }.withUnsafeBytes { hasher.update($0) }
        weights.withUnsafeBytes { hasher.update($0) }
        for window in tokenTargets ?? [] {
            window.map { $0.isNaN ? -1 : $0 }.withUnsafeBytes { hasher.update($0) }
        }
    }
}

/// Makes examples out of training texts.
struct TransformerExamples: Sendable {
    private let cutter: WindowCutter
    private let mostWindows: Int
    private let hasSpanHead: Bool
    private let isBalanced: Bool
    private let positiveWeights: [Float]

    init(_ learner: TransformerLearner, _ cutter: WindowCutter) {
        self.cutter = cutter
        mostWindows = learner.trainingWindows
        hasSpanHead = learner.hasSpanHead
        isBalanced = learner.isBalanced
        positiveWeights = learner.heads.map { learner.positiveWeights[$0.label] ?? 1 }
    }

    /// One example a text; texts without tokens, and those that teach no head anything and have no spans, are left out.
    func examples(_ texts: [TrainingText]) -> [HeadExample] {
        concurrentMap(texts) { example($0) }.compactMap { $0 }
    }

    private func example(_ text: TrainingText) -> HeadExample? {
        let spans = hasSpanHead ? text.spans : nil
        guard spans != nil || zip(text.targets, text.weights).contains(where: { !$0.isNaN && $1 > 0 }) else {
            return nil
        }
        let encoding = cutter.encoding(of: text.text)
        var windows = cutter.windows(ofTokens: encoding.ids)
        guard !windows.sequences.isEmpty else { return nil }
        windows.thin(to: mostWindows)
        let tokens = spans.map { spans in Self.shares(of: encoding.scalars, spans) }
        let weights = zip(text.targets, text.weights).map { $0.isNaN ? 0 : $1 }
        return HeadExample(
            windows: windows.sequences, targets: text.targets, weights: weights,
            tokenTargets: tokens.map { tokens in
                windows.ranges.map { range in
                    cutter.prefix.map { _ in .nan } + tokens[range] + cutter.suffix.map { _ in .nan }
                }
            })
    }

    /// For each token the highest share of raters over the scalars it covers; NaN for a token that covers none.
    static func shares(of tokens: [Range<Int>], _ spans: [ToxicSpan]) -> [Float] {
        tokens.map { token in
            guard !token.isEmpty else { return .nan }
            return spans.filter { $0.scalars.overlaps(token) }.map(\.share).max() ?? 0
        }
    }

    /// Multiplies the weights of positive labels as the recipe says: a soft label is positive by its share.
    func weighPositives(_ examples: inout [HeadExample]) {
        for (head, given) in positiveWeights.enumerated() {
            var factor = given
            if isBalanced {
                var (positive, negative) = (0.0, 0.0)
                for example in examples where !example.targets[head].isNaN {
                    positive += Double(example.weights[head] * example.targets[head])
                    negative += Double(example.weights[head] * (1 - example.targets[head]))
                }
                factor *= positive > 0 ? Float(min(20, negative / positive)) : 1
            }
            guard factor != 1 else { continue }
            let weight = LabelWeight(positive: factor, negative: 1)
            for place in examples.indices where !examples[place].targets[head].isNaN {
                let (target, share) = weight.weighted(examples[place].targets[head])
                examples[place].targets[head] = target
                examples[place].weights[head] *= share
            }
        }
    }
}

extension TokenWindows {
    /// Keeps at most `count` windows, evenly spread, the first and the last among them.
    mutating func thin(to count: Int) {
        guard sequences.count > count else { return }
        let last = sequences.count - 1
        let kept = count == 1 ? [0] : (0..<count).map { $0 * last / (count - 1) }
        sequences = kept.map { sequences[$0] }
        ranges = kept.map { ranges[$0] }
    }
}
