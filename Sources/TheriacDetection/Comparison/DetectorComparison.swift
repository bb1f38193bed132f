public import TheriacCorpora

/// Two scorers side by side on the same texts: how alike they are, one in terms of the other, and where they
/// part.
public struct DetectorComparison: Sendable, Codable, Equatable {
    /// One of the two.
    public struct Side: Sendable, Codable, Equatable {
        public var name: String
        public var identity: DetectorIdentity?
        /// Texts it could not score, or has no stored score for.
        public var unscored: Int
    }

    public var first: Side
    public var second: Side
    /// What the texts are.
    public var texts: String
    public var count: Int
    public var attributes: [AttributeComparison]

    /// - Parameters:
    ///   - texts: what they are, for readers.
    ///   - ids: of the texts, in the order of the scores.
    ///   - thresholds: where it is counted who flags what.
    ///   - largest: how many of the largest differences are kept for each attribute.
    /// - Throws: ``DetectionError/metric(name:reason:)`` when the sides have other numbers of texts.
    public init(
        _ first: ScoredSide, _ second: ScoredSide, texts: String, ids: [String],
        attributes: [Attribute] = Attribute.allCases, thresholds: [Double] = [0.3, 0.5, 0.7, 0.9],
        largest: Int = 10, seed: UInt64 = 1
    ) throws {
        guard first.scores.count == ids.count, second.scores.count == ids.count else {
            throw DetectionError.metric(
                name: "The comparison",
                reason: "\(first.scores.count) and \(second.scores.count) scores for \(ids.count) texts")
        }
        self.first = Side(first)
        self.second = Side(second)
        self.texts = texts
        count = ids.count
        self.attributes = try attributes.compactMap { attribute in
            let rows = ids.indices.filter {
                first.scores[$0]?[attribute] != nil && second.scores[$0]?[attribute] != nil
            }
            guard rows.count > 1 else { return nil }
            func values(_ side: ScoredSide) -> [Double] {
                rows.compactMap { side.scores[$0]?[attribute].map(Double.init) }
            }
            return try AttributeComparison(
                attribute, values(first), values(second), ids: rows.map { ids[$0] }, thresholds: thresholds,
                largest: largest, seed: seed)
        }
    }
}

extension DetectorComparison.Side {
    fileprivate init(_ side: ScoredSide) {
        self.init(name: side.name, identity: side.identity, unscored: side.scores.count { $0 == nil })
    }
}

/// Two scorers' scores of one attribute. Intervals are 95 %, by bootstrap over texts.
public struct AttributeComparison: Sendable, Codable, Equatable {
    /// Who flags what from a threshold on, and Cohen's κ of it (nil when both always say the same).
    public struct Agreement: Sendable, Codable, Equatable {
        public var threshold: Double
        public var table: RaterAgreement.Crossing
        public var kappa: Estimate?
    }

    /// A text the two see differently.
    public struct Difference: Sendable, Codable, Equatable {
        public var id: String
        public var first: Double
        public var second: Double
    }

    /// Two scores of a text, for the plot.
    public struct Pair: Sendable, Equatable {
        public var first: Double
        public var second: Double
    }

    public var attribute: Attribute
    /// Texts that both have scored.
    public var texts: Int
    public var firstMean: Double
    public var secondMean: Double
    /// nil when a side does not vary.
    public var pearson: Estimate?
    public var spearman: Estimate?
    public var kendall: Estimate?
    public var meanAbsoluteDifference: Estimate?
    /// The first in terms of the second, and the other way round.
    public var firstToSecond: ScoreBridge
    public var secondToFirst: ScoreBridge
    public var agreements: [Agreement]
    public var largestDifferences: [Difference]
    /// The first's scores as a forecast of the second's.
    public var reliability: ReliabilityCurve
    /// Not written to files.
    public private(set) var pairs: [Pair] = []

    init(
        _ attribute: Attribute, _ first: [Double], _ second: [Double], ids: [String], thresholds: [Double],
        largest: Int, seed: UInt64
    ) throws {
        let ranked = try RankedPairs(first, second)
        let resamples = Estimate.resamples(for: first.count)
        let estimates = Estimate.bootstrapAll(count: first.count, resamples: resamples, seed: seed) { times in
            [
                ranked.pearson(times: times), ranked.spearman(times: times), ranked.kendall(times: times),
                ranked.meanAbsoluteDifference(times: times),
            ]
        }
        self.attribute = attribute
        texts = first.count
        firstMean = first.reduce(0, +) / Double(first.count)
        secondMean = second.reduce(0, +) / Double(second.count)
        (pearson, spearman) = (estimates[0], estimates[1])
        (kendall, meanAbsoluteDifference) = (estimates[2], estimates[3])
        firstToSecond = try ScoreBridge(from: first, to: second, seed: seed)
        secondToFirst = try ScoreBridge(from: second, to: first, seed: seed)
        agreements = thresholds.map { threshold in
            let flags = (first.map { $0 >= threshold }, second.map { $0 >= threshold })
            return Agreement(
                threshold: threshold, table: RaterAgreement.Crossing(flags.0, flags.1),
                kappa: Estimate.bootstrap(count: first.count, resamples: resamples, seed: seed) { times in
                    RaterAgreement.cohen(RaterAgreement.Crossing(flags.0, flags.1, times: times))
                })
        }
        let order = first.indices.sorted {
            let apart = (abs(first[$0] - second[$0]), abs(first[$1] - second[$1]))
            return apart.0 == apart.1 ? $0 < $1 : apart.0 > apart.1
        }
        largestDifferences = order.prefix(largest).map {
            Difference(id: ids[$0], first: first[$0], second: second[$0])
        }
        reliability = try ReliabilityCurve(scores: first, outcomes: second)
        pairs = zip(first, second).map { Pair(first: $0, second: $1) }
    }

    enum CodingKeys: CodingKey {
        case attribute, texts, firstMean, secondMean, pearson, spearman, kendall, meanAbsoluteDifference
        case firstToSecond, secondToFirst, agreements, largestDifferences, reliability
    }
}
