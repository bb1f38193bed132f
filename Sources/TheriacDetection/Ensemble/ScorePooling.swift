public import TheriacOptions

/// How the scores of several detectors become one.
public enum ScorePooling: String, Sendable, Codable, CaseIterable, OptionReadable {
    case mean
    /// The highest: one detector's alarm is enough.
    case max
    /// The middle one; of an even number the mean of the middle two.
    case median
    /// The mean with a weight for each detector.
    case weighted

    /// - Parameters:
    ///   - scores: one a detector, at least one.
    ///   - weights: as many, for `weighted`; their sum is above 0.
    func pool(_ scores: [Double], weights: [Double]) -> Double {
        switch self {
        case .mean: return scores.reduce(0, +) / Double(scores.count)
        case .max: return scores.max() ?? 0
        case .median:
            let sorted = scores.sorted()
            return (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
        case .weighted:
            return zip(scores, weights).reduce(0) { $0 + $1.0 * $1.1 } / weights.reduce(0, +)
        }
    }
}

/// How far the scores of several detectors for one text are apart.
///
/// Example: 0.9, 0.8, 0.6, 0.7 have the mean 0.75, the standard deviation 0.1118 and the range 0.3.
public struct ScoreSpread: Sendable, Codable, Equatable {
    public var mean: Double
    /// Of the population: √(Σ (p − mean)² / M). Source: Rosenthal et al., *SOLID*, Findings of ACL 2021.
    public var standardDeviation: Double
    /// Highest minus lowest.
    public var range: Double

    /// nil without a score.
    public init?(of scores: [Double]) {
        guard let highest = scores.max(), let lowest = scores.min() else { return nil }
        let count = Double(scores.count)
        let mean = scores.reduce(0, +) / count
        self.mean = mean
        standardDeviation = (scores.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / count).squareRoot()
        range = highest - lowest
    }
}
