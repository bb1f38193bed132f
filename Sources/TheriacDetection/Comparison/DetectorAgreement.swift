public import TheriacCorpora

/// Several scorers on the same texts: how far they agree on one attribute, and on which texts they part.
/// Only texts that all of them have scored count.
public struct DetectorAgreement: Sendable, Codable, Equatable {
    /// Cohen's κ of two of them; nil when both always say the same.
    public struct Pair: Sendable, Codable, Equatable {
        public var first: String
        public var second: String
        public var kappa: Estimate?
        public var table: RaterAgreement.Crossing
    }

    /// A text they do not agree on.
    public struct Dispute: Sendable, Codable, Equatable {
        public var id: String
        public var scores: [Double]
        public var spread: ScoreSpread
    }

    public var detectors: [String]
    public var attribute: Attribute
    /// A text is flagged from it on.
    public var threshold: Double
    public var texts: Int
    /// Texts that at least one could not score.
    public var unscored: Int
    /// Share of texts each flags.
    public var flagged: [Double]
    public var pairs: [Pair]
    /// Of the flags of all; nil when all always say the same.
    public var fleissKappa: Estimate?
    /// Krippendorff's α of the flags.
    public var alphaOfFlags: Double?
    /// Krippendorff's α of the scores, with squared differences.
    public var alphaOfScores: Double?
    /// Mean over texts of the scores' standard deviation.
    public var meanDeviation: Double
    /// Largest standard deviation first.
    public var disputed: [Dispute]

    /// - Throws: ``DetectionError/metric(name:reason:)`` for fewer than two sides, or no text that all scored.
    public init(
        of sides: [ScoredSide], ids: [String], attribute: Attribute, threshold: Double = 0.5,
        disputes: Int = 10, seed: UInt64 = 1
    ) throws {
        let name = "Agreement"
        guard sides.count > 1, sides.allSatisfy({ $0.scores.count == ids.count }) else {
            throw DetectionError.metric(
                name: name, reason: "it needs two detectors or more, on the same texts")
        }
        let rows = ids.indices.filter { row in sides.allSatisfy { $0.scores[row]?[attribute] != nil } }
        guard !rows.isEmpty else {
            throw DetectionError.metric(
                name: name, reason: "no text has a score of all for \(attribute.rawValue)")
        }
        let scores = sides.map { side in rows.compactMap { side.scores[$0]?[attribute].map(Double.init) } }
        let flags = scores.map { $0.map { $0 >= threshold } }
        detectors = sides.map(\.name)
        self.attribute = attribute
        self.threshold = threshold
        texts = rows.count
        unscored = ids.count - rows.count
        flagged = flags.map { Double($0.count { $0 }) / Double(rows.count) }
        let resamples = Estimate.resamples(for: rows.count)
        pairs = sides.indices.flatMap { one in
            sides.indices.filter { $0 > one }.map { other in
                Pair(
                    first: sides[one].name, second: sides[other].name,
                    kappa: Estimate.bootstrap(count: rows.count, resamples: resamples, seed: seed) { times in
                        RaterAgreement.cohen(
                            RaterAgreement.Crossing(flags[one], flags[other], times: times))
                    }, table: RaterAgreement.Crossing(flags[one], flags[other]))
            }
        }
        let counts = rows.indices.map { row in
            let yes = flags.count { $0[row] }
            return [yes, sides.count - yes]
        }
        fleissKappa = Estimate.bootstrap(count: rows.count, resamples: resamples, seed: seed) { times in
            guard let times else { return try? RaterAgreement.fleiss(counts: counts) }
            let drawn = zip(counts, times).flatMap { [[Int]](repeating: $0, count: $1) }
            return try? RaterAgreement.fleiss(counts: drawn)
        }
        let units = rows.indices.map { row in scores.map { $0[row] } }
        alphaOfFlags = try? RaterAgreement.krippendorff(
            units: rows.indices.map { row in flags.map { $0[row] ? 1 : 0 } })
        alphaOfScores = try? RaterAgreement.krippendorff(units: units, distance: .interval)
        let spreads = units.compactMap { ScoreSpread(of: $0) }
        meanDeviation = spreads.reduce(0) { $0 + $1.standardDeviation } / Double(spreads.count)
        disputed = spreads.indices
            .sorted {
                let apart = (spreads[$0].standardDeviation, spreads[$1].standardDeviation)
                return apart.0 == apart.1 ? $0 < $1 : apart.0 > apart.1
            }
            .prefix(disputes)
            .map { Dispute(id: ids[rows[$0]], scores: units[$0], spread: spreads[$0]) }
    }
}
