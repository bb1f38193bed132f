/// What a threshold shall reach.
public enum ThresholdGoal: Sendable, Codable, Equatable, CustomStringConvertible {
    /// At least this share of the flagged texts is positive; among such thresholds the one that finds most.
    case precision(Double)
    /// At least this share of the positive texts is flagged; among such thresholds the highest.
    case recall(Double)
    /// At most this share of the negative texts is flagged; among such thresholds the one that finds most.
    case falsePositiveRate(Double)

    public var description: String {
        switch self {
        case .precision(let share): "precision of at least \(share)"
        case .recall(let share): "recall of at least \(share)"
        case .falsePositiveRate(let share): "false-positive rate of at most \(share)"
        }
    }

    func isReached(_ rates: OperatingPoint.Rates) -> Bool {
        switch self {
        case .precision(let share): rates.precision >= share
        case .recall(let share): rates.recall >= share
        case .falsePositiveRate(let share): rates.falsePositiveRate <= share
        }
    }

    /// Whether the lowest threshold is wanted of those that reach the goal, or the highest.
    var takesLowest: Bool { if case .recall = self { false } else { true } }
}

/// A threshold, and what it does to texts with known labels. A text is flagged from the threshold on.
///
/// Chosen and measured on the same texts, the wanted rate looks a little better than it is elsewhere; measure
/// a threshold on other texts too.
public struct OperatingPoint: Sendable, Codable, Equatable {
    /// With the 95 % bootstrap interval of choosing it again on a resample; a given threshold has none.
    public var threshold: Estimate
    /// At the threshold, with 95 % bootstrap intervals over texts.
    public var precision: Estimate?
    public var recall: Estimate?
    public var falsePositiveRate: Estimate?
    /// Share of all texts that are flagged.
    public var flagged: Estimate?
    public var f1: Estimate?
    public var texts: Int
    public var positives: Int

    struct Rates {
        var flaggedPositives: Double
        var flaggedNegatives: Double
        var positives: Double
        var negatives: Double

        var precision: Double { flaggedPositives / (flaggedPositives + flaggedNegatives) }
        var recall: Double { flaggedPositives / positives }
        var falsePositiveRate: Double { flaggedNegatives / negatives }
    }

    /// The threshold that reaches `goal`, among the scores that texts have.
    /// - Returns: nil when none does.
    /// - Throws: ``DetectionError/metric(name:reason:)`` for bad input or a missing class.
    public static func choosing(
        _ goal: ThresholdGoal, scores: [Double], labels: [Bool], seed: UInt64 = 1
    ) throws -> OperatingPoint? {
        let ranked = try ThresholdScan(scores: scores, labels: labels)
        let chosen = Estimate.bootstrap(
            count: scores.count, resamples: Estimate.resamples(for: scores.count), seed: seed
        ) { ranked.threshold(reaching: goal, times: $0) }
        return try chosen.map {
            var point = try OperatingPoint(at: $0.value, scores: scores, labels: labels, seed: seed)
            point.threshold = $0
            return point
        }
    }

    /// What a given threshold does.
    /// - Throws: ``DetectionError/metric(name:reason:)`` for bad input.
    public init(at threshold: Double, scores: [Double], labels: [Bool], seed: UInt64 = 1) throws {
        try MetricInput.check(scores: scores, count: labels.count, metric: "The operating point")
        let estimates = Estimate.bootstrapAll(
            count: scores.count, resamples: Estimate.resamples(for: scores.count), seed: seed
        ) { times -> [Double?] in
            let table = Confusion(scores: scores, labels: labels, threshold: threshold, times: times)
            let flagged = table.truePositives + table.falsePositives
            func share(_ part: Int, of whole: Int) -> Double? {
                whole > 0 ? Double(part) / Double(whole) : nil
            }
            return [
                share(table.truePositives, of: flagged),
                share(table.truePositives, of: table.truePositives + table.falseNegatives),
                share(table.falsePositives, of: table.falsePositives + table.trueNegatives),
                table.flagged, table.f1,
            ]
        }
        self.threshold = Estimate(value: threshold, low: threshold, high: threshold)
        (precision, recall, falsePositiveRate) = (estimates[0], estimates[1], estimates[2])
        (flagged, f1) = (estimates[3], estimates[4])
        texts = scores.count
        positives = labels.count { $0 }
    }
}
