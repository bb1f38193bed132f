/// How often a threshold is right and wrong.
public struct Confusion: Sendable, Codable, Equatable {
    public var truePositives = 0
    public var falsePositives = 0
    public var falseNegatives = 0
    public var trueNegatives = 0

    /// A text counts as flagged from `threshold` on.
    /// - Throws: ``DetectionError/metric(name:reason:)`` for unequal counts, no texts, or a score that is no
    ///   number.
    public init(scores: [Double], labels: [Bool], threshold: Double = 0.5) throws {
        try MetricInput.check(scores: scores, count: labels.count, metric: "The confusion table")
        self.init(scores: scores, labels: labels, threshold: threshold, times: nil)
    }

    init(scores: [Double], labels: [Bool], threshold: Double, times: [Int]?) {
        for (text, score) in scores.enumerated() {
            let count = times?[text] ?? 1
            switch (score >= threshold, labels[text]) {
            case (true, true): truePositives += count
            case (true, false): falsePositives += count
            case (false, true): falseNegatives += count
            case (false, false): trueNegatives += count
            }
        }
    }

    /// F1 of the positive class: 2 TP / (2 TP + FP + FN); 0 when nothing is positive or flagged. Higher is
    /// better.
    ///
    /// Example: TP 2, FP 1, FN 1 give 4/6 = 0.6667.
    public var f1: Double { Self.f1(truePositives, falsePositives, falseNegatives) }

    /// Mean of the F1 of both classes.
    public var macroF1: Double {
        (f1 + Self.f1(trueNegatives, falseNegatives, falsePositives)) / 2
    }

    /// Share of flagged texts, 0...1.
    public var flagged: Double {
        Double(truePositives + falsePositives)
            / Double(max(1, truePositives + falsePositives + falseNegatives + trueNegatives))
    }

    private static func f1(_ right: Int, _ wrong: Int, _ missed: Int) -> Double {
        let total = 2 * right + wrong + missed
        return total > 0 ? 2 * Double(right) / Double(total) : 0
    }
}
