/// Expected calibration error: Σ over bins of (share of texts in the bin) · |mean confidence − share of
/// positives|,
/// with bins of equal width, closed on the right; 0 falls into the first. 0...1, lower is better.
///
/// Example: confidences .95, .9, .8, .7, .6, .55 with outcomes 1, 1, 0, 1, 0, 1 and 10 bins give 0.23333.
/// - Throws: ``DetectionError/metric(name:reason:)`` for unequal counts, no texts, or a confidence outside
///   0...1.
public func expectedCalibrationError(
    confidences: [Double], outcomes: [Bool], bins: Int = 10
) throws -> Double {
    try expectedCalibrationError(confidences: confidences, outcomes: outcomes, bins: bins, times: nil)
}

/// As above for a resample: `times` is how often each text counts (nil: once).
func expectedCalibrationError(
    confidences: [Double], outcomes: [Bool], bins: Int, times: [Int]?
) throws -> Double {
    let name = "The expected calibration error"
    try MetricInput.check(scores: confidences, count: outcomes.count, metric: name)
    guard bins > 0 else { throw DetectionError.metric(name: name, reason: "it needs at least one bin") }
    var confidence = [Double](repeating: 0, count: bins)
    var positives = confidence
    for (text, value) in confidences.enumerated() {
        let count = Double(times?[text] ?? 1)
        guard (0...1).contains(value) else {
            throw DetectionError.metric(name: name, reason: "a confidence is outside 0...1")
        }
        var bin = min(bins - 1, max(0, Int((value * Double(bins)).rounded(.up)) - 1))
        // The product may be rounded across an edge; the edges themselves decide.
        if bin > 0 && value <= Double(bin) / Double(bins) { bin -= 1 }
        if bin < bins - 1 && value > Double(bin + 1) / Double(bins) { bin += 1 }
        confidence[bin] += count * value
        positives[bin] += outcomes[text] ? count : 0
    }
    return (0..<bins).reduce(0) { $0 + abs(positives[$1] - confidence[$1]) } / Double(outcomes.count)
}
