/// Brier score: the mean of (probability − outcome)². 0...1, lower is better.
///
/// Example: probabilities 0.8 and 0.3 with outcomes 1 and 0 give (0.04 + 0.09) / 2 = 0.065.
/// - Throws: ``DetectionError/metric(name:reason:)`` for unequal counts, no texts, or a probability that is
///   no number.
public func brierScore(probabilities: [Double], outcomes: [Bool]) throws -> Double {
    try brierScore(probabilities: probabilities, outcomes: outcomes.map { $0 ? 1 : 0 })
}

/// As above with outcomes in 0...1: shares of raters, or another detector's scores.
public func brierScore(probabilities: [Double], outcomes: [Double]) throws -> Double {
    try MetricInput.check(scores: probabilities, count: outcomes.count, metric: "The Brier score")
    let sum = zip(probabilities, outcomes).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
    return sum / Double(outcomes.count)
}
