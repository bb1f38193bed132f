/// Brier score: the mean of (probability − outcome)². 0...1, lower is better.
///
/// Example: probabilities 0.8 and 0.3 with outcomes 1 and 0 give (0.04 + 0.09) / 2 = 0.065.
/// - Throws: ``DetectionError/metric(name:reason:)`` for unequal counts, no texts, or a probability that is
///   no number.
public func brierScore(probabilities: [Double], outcomes: [Bool]) throws -> Double {
    try MetricInput.check(scores: probabilities, count: outcomes.count, metric: "The Brier score")
    let sum = zip(probabilities, outcomes).reduce(0) { sum, pair in
        let difference = pair.0 - (pair.1 ? 1 : 0)
        return sum + difference * difference
    }
    return sum / Double(outcomes.count)
}
