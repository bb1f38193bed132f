/// Average precision: Σ (recall step) · (precision there) from the highest score down, without interpolation;
/// texts
/// of equal score enter together. 0...1, higher is better; chance is the share of positives.
///
/// Example: labels 1, 0, 1 in falling order of score give (1/1 + 2/3) / 2 = 0.8333.
/// - Throws: ``DetectionError/metric(name:reason:)`` when no text is positive or a score is not a number.
public func averagePrecision(scores: [Double], labels: [Bool]) throws -> Double {
    let name = "Average precision"
    guard let value = try RankedScores(scores: scores, labels: labels, metric: name).averagePrecision() else {
        throw DetectionError.metric(name: name, reason: "it needs a positive text")
    }
    return value
}
