public import TheriacCorpora

/// How well a detector's yes and no agree with stored scores, on as many positive as negative texts.
///
/// The protocol of Schick, Udupa, Schütze (TACL 2021): a text is positive from a stored score above 0.5; the threshold
/// is the one of 0.05, 0.10, … 0.95 that is most accurate on texts of their own.
public struct BalancedMeasurement: Sendable, Codable, Equatable {
    public var attribute: Attribute
    /// Chosen on the first texts.
    public var threshold: Double
    /// Texts the threshold was chosen on, and texts measured on; half of each are positive.
    public var chosenOn: Int
    public var texts: Int
    /// Share of right answers; 0.5 is chance.
    public var accuracy: Estimate
    /// Pearson's correlation of the two scores; nil where one does not vary.
    public var correlation: Double?

    /// Measures `detector` on `texts`, which are taken in the order of their ids' hash so that any order of the file
    /// gives the same.
    ///
    /// - Parameters:
    ///   - choosing: positive (and negative) texts to choose the threshold on; as many as there are at most.
    ///   - measuring: positive (and negative) texts to measure on.
    /// - Returns: nil when a class has too few texts for both.
    public static func measure(
        _ detector: any Detector, _ attribute: Attribute, on texts: [LabelledText], choosing: Int,
        measuring: Int
    ) throws -> BalancedMeasurement? {
        func shuffled(_ isPositive: Bool) -> [LabelledText] {
            texts.filter { text in
                guard let label = text.labels[attribute] else { return false }
                return (label > 0.5) == isPositive
            }.map { (order($0), $0) }.sorted { ($0.0, $0.1.id) < ($1.0, $1.1.id) }.map(\.1)
        }
        let (positive, negative) = (shuffled(true), shuffled(false))
        let count = min(positive.count, negative.count)
        let dev = min(choosing, count / 2)
        let test = min(measuring, count - dev)
        guard dev > 0, test > 0 else { return nil }
        let chosen = try Scores(detector, attribute, positive.prefix(dev) + negative.prefix(dev))
        let measured = try Scores(
            detector, attribute, positive[dev..<(dev + test)] + negative[dev..<(dev + test)])
        let grid = (1...19).map { Double($0) / 20 }
        let threshold = grid.max { chosen.accuracy($0, times: nil) < chosen.accuracy($1, times: nil) } ?? 0.5
        let accuracy = Estimate.bootstrap(count: measured.scores.count) {
            measured.accuracy(threshold, times: $0)
        }
        guard let accuracy else { return nil }
        return BalancedMeasurement(
            attribute: attribute, threshold: threshold, chosenOn: chosen.scores.count,
            texts: measured.scores.count, accuracy: accuracy,
            correlation: try? pearsonCorrelation(measured.scores, measured.labels))
    }

    private static func order(_ text: LabelledText) -> UInt64 {
        text.id.utf8.reduce(0xCBF2_9CE4_8422_2325) { FeatureHash.mix($0 ^ UInt64($1)) }
    }

    /// Scores and labels of the texts that could be scored.
    private struct Scores {
        var scores: [Double] = []
        var labels: [Double] = []

        init(_ detector: any Detector, _ attribute: Attribute, _ texts: some Sequence<LabelledText>) throws {
            let texts = Array(texts)
            for (text, verdict) in zip(texts, try detector.verdicts(for: texts.map(\.text))) {
                guard case .scored(let values) = verdict, let score = values[attribute],
                    let label = text.labels[attribute]
                else { continue }
                scores.append(Double(score))
                labels.append(Double(label))
            }
        }

        func accuracy(_ threshold: Double, times: [Int]?) -> Double {
            var (right, total) = (0, 0)
            for index in scores.indices {
                let count = times?[index] ?? 1
                total += count
                if (scores[index] >= threshold) == (labels[index] > 0.5) { right += count }
            }
            return Double(right) / Double(max(1, total))
        }
    }
}
