import TheriacCorpora

/// How a detector treats groups on one set of labelled texts.
public struct SetAudit: Sendable, Codable, Equatable {
    public var name: String
    /// What makes a text belong to a group: a word of ``IdentityTerms`` in it, or what its set says.
    public var grouping: String
    public var counts: GroupCounts
    /// Texts that the detector could not score; they are in no figure.
    public var unscored: Int
    /// Area under ROC over all texts; nil when a class is missing.
    public var area: Estimate?
    public var groups: [GroupAudit]
    public var summary: BiasSummary

    /// `groups` has names and, for each text, whether it belongs; a group without a text is left out. `resamples` of the
    /// texts make the intervals.
    /// - Throws: ``DetectionError/metric(name:reason:)`` for unequal counts, no texts, or a score that is no number.
    public init(
        name: String, grouping: String, scores: [Double], labels: [Bool],
        groups: [(name: String, members: [Bool])],
        unscored: Int = 0, threshold: Double = 0.5, resamples: Int = 200, seed: UInt64 = 1
    ) throws {
        let groups = groups.filter { $0.members.contains(true) }
        let ranking = try GroupRanking(
            scores: scores, labels: labels, groups: groups.map(\.members), threshold: threshold)
        let whole = ranking.measure(times: nil)
        var random = SplitMix(seed: seed)
        let resampled = (0..<resamples).map { _ in
            ranking.measure(times: Self.draw(scores.count, using: &random))
        }
        self.name = name
        self.grouping = grouping
        self.unscored = unscored
        counts = whole.counts
        area = Estimate(whole.area, resampled.map(\.area))
        self.groups = groups.indices.map { index in
            func estimate(_ value: (GroupRanking.Group) -> Double?) -> Estimate? {
                Estimate(value(whole.groups[index]), resampled.map { value($0.groups[index]) })
            }
            func gap(positive: Bool) -> Double? {
                let taken = scores.indices.filter { labels[$0] == positive }
                let members = groups[index].members
                return EqualityGap.averageSquared(
                    group: taken.filter { members[$0] }.map { scores[$0] },
                    background: taken.filter { !members[$0] }.map { scores[$0] })
            }
            return GroupAudit(
                group: groups[index].name, counts: whole.groups[index].counts,
                subgroup: estimate(\.areas.subgroup),
                backgroundPositive: estimate(\.areas.backgroundPositive),
                backgroundNegative: estimate(\.areas.backgroundNegative),
                falsePositiveRate: estimate(\.counts.falsePositiveRate),
                falseNegativeRate: estimate(\.counts.falseNegativeRate),
                negativeGap: estimate(\.negativeGap), positiveGap: estimate(\.positiveGap),
                negativeSquaredGap: gap(positive: false), positiveSquaredGap: gap(positive: true))
        }
        summary = BiasSummary(whole.area, whole.counts, self.groups)
    }

    private static func draw(_ count: Int, using random: inout SplitMix) -> [Int] {
        var times = [Int](repeating: 0, count: count)
        for _ in 0..<count { times[Int(random.next().multipliedFullWidth(by: UInt64(count)).high)] += 1 }
        return times
    }
}

/// How a detector treats one group on a set of texts. Values are nil where a kind of texts is missing.
public struct GroupAudit: Sendable, Codable, Equatable {
    /// Groups with fewer texts, or fewer of either label, are flagged: their figures say little.
    public static let fewest = 50
    public static let fewestOfLabel = 10

    public var group: String
    public var counts: GroupCounts
    /// See ``SubgroupAreas``.
    public var subgroup: Estimate?
    public var backgroundPositive: Estimate?
    public var backgroundNegative: Estimate?
    public var falsePositiveRate: Estimate?
    public var falseNegativeRate: Estimate?
    /// See ``EqualityGap``; among nontoxic and among toxic texts.
    public var negativeGap: Estimate?
    public var positiveGap: Estimate?
    public var negativeSquaredGap: Double?
    public var positiveSquaredGap: Double?

    public var isSmall: Bool {
        counts.texts < Self.fewest || min(counts.toxic, counts.nontoxic) < Self.fewestOfLabel
    }

    var areas: SubgroupAreas {
        SubgroupAreas(
            subgroup: subgroup?.value, backgroundPositive: backgroundPositive?.value,
            backgroundNegative: backgroundNegative?.value)
    }
}

/// All groups in single figures, over those that are not small.
public struct BiasSummary: Sendable, Codable, Equatable {
    /// Groups that count.
    public var groups: Int
    public var powerMeanSubgroup: Double?
    public var powerMeanBackgroundPositive: Double?
    public var powerMeanBackgroundNegative: Double?
    /// ``UnintendedBias/finalScore(overall:groups:power:)``.
    public var finalScore: Double?
    /// FPED and FNED.
    public var falsePositiveEqualityDifference: Double?
    public var falseNegativeEqualityDifference: Double?
    /// See ``GroupFairness``.
    public var demographicParityDifference: Double?
    public var demographicParityRatio: Double?
    public var equalizedOddsDifference: Double?

    init(_ area: Double?, _ counts: GroupCounts, _ groups: [GroupAudit]) {
        let taken = groups.filter { !$0.isSmall }
        self.groups = taken.count
        guard !taken.isEmpty else { return }
        powerMeanSubgroup = UnintendedBias.powerMean(taken.compactMap { $0.subgroup?.value })
        powerMeanBackgroundPositive = UnintendedBias.powerMean(
            taken.compactMap { $0.backgroundPositive?.value })
        powerMeanBackgroundNegative = UnintendedBias.powerMean(
            taken.compactMap { $0.backgroundNegative?.value })
        finalScore = area.flatMap { UnintendedBias.finalScore(overall: $0, groups: taken.map(\.areas)) }
        falsePositiveEqualityDifference = counts.falsePositiveRate.map {
            UnintendedBias.equalityDifference(
                overall: $0, groups: taken.compactMap(\.counts.falsePositiveRate))
        }
        falseNegativeEqualityDifference = counts.falseNegativeRate.map {
            UnintendedBias.equalityDifference(
                overall: $0, groups: taken.compactMap(\.counts.falseNegativeRate))
        }
        let all = taken.map(\.counts)
        demographicParityDifference = GroupFairness.demographicParityDifference(all)
        demographicParityRatio = GroupFairness.demographicParityRatio(all)
        equalizedOddsDifference = GroupFairness.equalizedOddsDifference(all)
    }
}

extension Estimate {
    /// A share with Wilson's interval of 95 %.
    ///
    /// Example: 9 of 10 give 0.9 with 0.5958 to 0.9821. Source: Wilson, JASA 1927.
    public static func share(_ count: Int, of whole: Int) -> Estimate? {
        guard whole > 0, (0...whole).contains(count) else { return nil }
        let texts = Double(whole)
        let share = Double(count) / texts
        let z = 1.959963984540054
        let width = z * (share * (1 - share) / texts + z * z / (4 * texts * texts)).squareRoot()
        let middle = share + z * z / (2 * texts)
        let scale = 1 + z * z / texts
        return Estimate(
            value: share, low: max(0, (middle - width) / scale), high: min(1, (middle + width) / scale))
    }
}
