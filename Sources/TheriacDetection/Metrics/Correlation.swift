/// Pearson's correlation of two series, -1...1.
///
/// Example: (1, 2, 3) and (2, 4, 7) give 5 / √(2 · 12.667) = 0.99339.
/// - Throws: ``DetectionError/metric(name:reason:)`` for unequal counts, no values, or a series that does not
///   vary.
public func pearsonCorrelation(_ first: [Double], _ second: [Double]) throws -> Double {
    let name = "The correlation"
    try MetricInput.check(scores: first, count: second.count, metric: name)
    try MetricInput.check(scores: second, count: first.count, metric: name)
    let means = (first.reduce(0, +) / Double(first.count), second.reduce(0, +) / Double(second.count))
    var covariance = 0.0
    var variances = (0.0, 0.0)
    for (one, other) in zip(first, second) {
        covariance += (one - means.0) * (other - means.1)
        variances.0 += (one - means.0) * (one - means.0)
        variances.1 += (other - means.1) * (other - means.1)
    }
    guard variances.0 > 0, variances.1 > 0 else {
        throw DetectionError.metric(name: name, reason: "a series does not vary")
    }
    return covariance / (variances.0 * variances.1).squareRoot()
}
