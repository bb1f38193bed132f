public import TheriacCorpora

/// How good one detector is on one attribute of one set of labelled texts. Intervals are 95 %, by bootstrap over
/// texts. A label of at least 0.5 is positive.
public struct DetectorFigures: Sendable, Codable, Equatable {
    public var detector: String
    public var set: String
    /// `test`, `valid`, or `all` for sets that are for tests only.
    public var part: String
    public var attribute: Attribute
    /// Texts with a label and a score.
    public var texts: Int
    public var positives: Int
    /// Labelled texts the detector could not score; they are in no figure.
    public var unscored: Int
    /// nil when a class is missing.
    public var areaUnderROC: Estimate?
    public var averagePrecision: Estimate?
    /// At the threshold 0.5.
    public var macroF1: Estimate?
    /// The threshold of the best macro-F1 on the set's validation part, and macro-F1 there; nil without one.
    public var chosenThreshold: Double?
    public var macroF1AtChosen: Estimate?
    public var expectedCalibrationError: Estimate?
    public var brierScore: Estimate?

    /// - Parameter validation: scores and labels of the set's validation part, to choose a threshold on.
    /// - Returns: nil when no text has a label for the attribute.
    public init?(
        of side: ScoredSide, labels: [AttributeScores], set: String, part: String, attribute: Attribute,
        validation: (side: ScoredSide, labels: [AttributeScores])? = nil, seed: UInt64 = 1
    ) throws {
        let (scores, outcomes, unscored) = Self.rows(side, labels, attribute)
        guard !scores.isEmpty || unscored > 0 else { return nil }
        detector = side.name
        self.set = set
        self.part = part
        self.attribute = attribute
        texts = scores.count
        positives = outcomes.count { $0 }
        self.unscored = unscored
        guard !scores.isEmpty else { return }
        let hasBoth = positives > 0 && positives < texts
        chosenThreshold = (hasBoth ? validation : nil).flatMap { validation in
            let (scores, outcomes, _) = Self.rows(validation.side, validation.labels, attribute)
            return try? ThresholdScan(scores: scores, labels: outcomes).thresholdOfBestMacroF1()
        }
        let ranked = try RankedScores(scores: scores, labels: outcomes, metric: "A ranking metric")
        let numbers = outcomes.map { $0 ? 1.0 : 0 }
        let bins = try CalibrationBins(scores: scores, outcomes: numbers, bins: 10, binning: .equalWidth)
        let chosen = chosenThreshold
        let estimates = Estimate.bootstrapAll(
            count: scores.count, resamples: Estimate.resamples(for: scores.count), seed: seed
        ) { times -> [Double?] in
            func macroF1(_ threshold: Double) -> Double {
                Confusion(scores: scores, labels: outcomes, threshold: threshold, times: times).macroF1
            }
            var brier = 0.0
            for text in scores.indices {
                let difference = scores[text] - numbers[text]
                brier += Double(times?[text] ?? 1) * difference * difference
            }
            return [
                ranked.areaUnderROC(times: times), hasBoth ? ranked.averagePrecision(times: times) : nil,
                hasBoth ? macroF1(0.5) : nil, hasBoth ? chosen.map(macroF1) : nil, bins.error(times: times),
                brier / Double(scores.count),
            ]
        }
        (areaUnderROC, averagePrecision, macroF1) = (estimates[0], estimates[1], estimates[2])
        macroF1AtChosen = estimates[3]
        (expectedCalibrationError, brierScore) = (estimates[4], estimates[5])
    }

    private static func rows(
        _ side: ScoredSide, _ labels: [AttributeScores], _ attribute: Attribute
    ) -> (scores: [Double], outcomes: [Bool], unscored: Int) {
        var scores: [Double] = []
        var outcomes: [Bool] = []
        var unscored = 0
        for (found, labels) in zip(side.scores, labels) {
            guard let label = labels[attribute] else { continue }
            guard let score = found?[attribute] else {
                unscored += 1
                continue
            }
            scores.append(Double(score))
            outcomes.append(label >= 0.5)
        }
        return (scores, outcomes, unscored)
    }
}
