import Foundation

/// Mean negative log-likelihood (cross-entropy) of outcomes in 0...1 under probabilities, in nats. 0 or more,
/// lower is better. Probabilities are kept 1e-7 away from 0 and 1, where a single wrong text would be
/// infinitely bad.
///
/// Example: probabilities 0.8 and 0.3 with outcomes 1 and 0 give (−ln 0.8 − ln 0.7) / 2 = 0.28991.
/// - Throws: ``DetectionError/metric(name:reason:)`` for unequal counts, no texts, or a probability that is no
///   number.
public func negativeLogLikelihood(probabilities: [Double], outcomes: [Double]) throws -> Double {
    try MetricInput.check(
        scores: probabilities, count: outcomes.count, metric: "The negative log-likelihood")
    var sum = 0.0
    for (probability, outcome) in zip(probabilities, outcomes) {
        let probability = min(max(probability, 1e-7), 1 - 1e-7)
        sum -= outcome * log(probability) + (1 - outcome) * log(1 - probability)
    }
    return sum / Double(outcomes.count)
}
