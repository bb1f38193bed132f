internal import TheriacDetection

/// A way to have a detector score texts of many requests at once.
protocol TextScorer: Sendable {
    /// One verdict a text, in order.
    ///
    /// - Throws: ``ServerError`` when too much is waiting or time is up, or the detector's error.
    func verdicts(for texts: [String], before deadline: ContinuousClock.Instant) async throws -> [Verdict]

    /// Texts that wait.
    var depth: Int { get }

    /// Finishes what was accepted and takes no more.
    func close() async
}

/// Scores where it is asked: for detectors so fast that waiting for others would cost more.
struct InlineScorer: TextScorer {
    let detector: any Detector

    func verdicts(for texts: [String], before deadline: ContinuousClock.Instant) throws -> [Verdict] {
        try detector.verdicts(for: texts)
    }

    var depth: Int { 0 }

    func close() {}
}
