/// How far scores are from the frequency of what they announce, on texts with known labels.
public struct CalibrationQuality: Sendable, Codable, Equatable {
    public var texts: Int
    /// Share of positives.
    public var base: Double
    /// Mean score.
    public var meanScore: Double
    /// Expected calibration error over ten bins of equal width.
    public var expectedError: Double
    /// The same over ten bins of equal numbers of texts.
    public var adaptiveError: Double
    public var brierScore: Double
    /// In nats.
    public var negativeLogLikelihood: Double
    public var reliability: ReliabilityCurve

    /// - Throws: ``DetectionError/metric(name:reason:)`` when there is no text.
    public init(of sample: CalibrationSample) throws {
        let (scores, targets) = (sample.scores, sample.targets)
        texts = scores.count
        base = sample.base
        meanScore = scores.reduce(0, +) / Double(max(1, scores.count))
        expectedError = try expectedCalibrationError(confidences: scores, outcomes: targets)
        adaptiveError = try expectedCalibrationError(
            confidences: scores, outcomes: targets, binning: .equalMass)
        brierScore = try TheriacDetection.brierScore(probabilities: scores, outcomes: targets)
        negativeLogLikelihood = try TheriacDetection.negativeLogLikelihood(
            probabilities: scores, outcomes: targets)
        reliability = try ReliabilityCurve(scores: scores, outcomes: targets)
    }

    /// One for each group that texts belong to, by its name. A text may belong to several groups, or none. A
    /// detector that is calibrated over all texts may be off for a group.
    public static func byGroup(
        of sample: CalibrationSample, groups: [[String]]
    ) throws -> [String: CalibrationQuality] {
        guard groups.count == sample.scores.count else {
            throw DetectionError.metric(
                name: "Calibration by group",
                reason: "\(sample.scores.count) scores for \(groups.count) lists of groups")
        }
        var members: [String: [Int]] = [:]
        for (text, names) in groups.enumerated() {
            for name in Set(names) { members[name, default: []].append(text) }
        }
        return try members.mapValues { rows in
            try CalibrationQuality(
                of: CalibrationSample(
                    scores: rows.map { sample.scores[$0] }, targets: rows.map { sample.targets[$0] }))
        }
    }
}

extension CalibrationSample {
    /// The same texts with their scores after `maps`, in order.
    public func mapped(by maps: [any CalibrationMap]) -> CalibrationSample {
        let scores = scores.map { score in maps.reduce(score) { $1.calibrated($0) } }
        return (try? CalibrationSample(scores: scores, targets: targets)) ?? self
    }
}
