/// Expected calibration error: Σ over bins of (share of texts in the bin) · |mean confidence − share of
/// positives|. 0...1, lower is better.
///
/// Bins have equal width (closed on the right; 0 falls into the first) or hold equal numbers of texts, which
/// is called adaptive.
///
/// Example: confidences .95, .9, .8, .7, .6, .55 with outcomes 1, 1, 0, 1, 0, 1 and 10 bins give 0.23333.
/// - Throws: ``DetectionError/metric(name:reason:)`` for unequal counts, no texts, or a confidence outside
///   0...1.
public func expectedCalibrationError(
    confidences: [Double], outcomes: [Bool], bins: Int = 10, binning: CalibrationBinning = .equalWidth
) throws -> Double {
    try expectedCalibrationError(
        confidences: confidences, outcomes: outcomes.map { $0 ? 1 : 0 }, bins: bins, binning: binning)
}

/// As above with outcomes in 0...1: shares of raters, or another detector's scores.
public func expectedCalibrationError(
    confidences: [Double], outcomes: [Double], bins: Int = 10, binning: CalibrationBinning = .equalWidth
) throws -> Double {
    try CalibrationBins(scores: confidences, outcomes: outcomes, bins: bins, binning: binning).error()
}

/// As above for a resample: `times` is how often each text counts (nil: once).
func expectedCalibrationError(
    confidences: [Double], outcomes: [Bool], bins: Int, times: [Int]?
) throws -> Double {
    try CalibrationBins(
        scores: confidences, outcomes: outcomes.map { $0 ? 1 : 0 }, bins: bins, binning: .equalWidth
    ).error(times: times)
}
