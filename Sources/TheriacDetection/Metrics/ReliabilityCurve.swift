/// How often what a detector calls probable comes true: mean score and share of positives, bin by bin.
public struct ReliabilityCurve: Sendable, Codable, Equatable {
    /// One bin that holds texts.
    public struct Bin: Sendable, Codable, Equatable {
        public var texts: Int
        public var meanScore: Double
        public var meanOutcome: Double
    }

    /// From the lowest scores to the highest; empty bins are absent.
    public let bins: [Bin]
    public let binning: CalibrationBinning

    /// - Parameters:
    ///   - scores: in 0...1.
    ///   - outcomes: in 0...1: 0 and 1, shares of raters, or another detector's scores.
    ///   - bins: how many.
    ///   - binning: where their borders are.
    /// - Throws: ``DetectionError/metric(name:reason:)`` as ``expectedCalibrationError(confidences:outcomes:bins:binning:)``.
    public init(
        scores: [Double], outcomes: [Double], bins: Int = 10, binning: CalibrationBinning = .equalWidth
    ) throws {
        self.binning = binning
        self.bins = try CalibrationBins(scores: scores, outcomes: outcomes, bins: bins, binning: binning)
            .contents().filter { $0.texts > 0 }
            .map {
                Bin(
                    texts: Int($0.texts), meanScore: $0.scores / $0.texts, meanOutcome: $0.outcomes / $0.texts
                )
            }
    }

    /// Largest distance of a bin from the diagonal.
    public var maximumError: Double { bins.map { abs($0.meanScore - $0.meanOutcome) }.max() ?? 0 }
}
