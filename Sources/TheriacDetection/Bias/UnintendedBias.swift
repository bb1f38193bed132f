import Foundation

/// One number for many groups: how far the worst of them are behind.
///
/// Sources: Dixon, Li, Sorensen, Thain, Vasserman, *Measuring and Mitigating Unintended Bias in Text Classification*, AIES
/// 2018; Borkan et al., WWW 2019 Companion; the score of the Kaggle competition *Jigsaw Unintended Bias*, 2019.
public enum UnintendedBias {
    /// ((1/G) Σ v^p)^(1/p). With the competition's p = −5 the worst group counts most.
    ///
    /// Example: .95, .95, .6 give 0.72056 (mean .83333). 0 when a value is 0 and p is negative; nil without values or
    /// for a negative value.
    public static func powerMean(_ values: [Double], power: Double = -5) -> Double? {
        guard !values.isEmpty, power != 0, values.allSatisfy({ $0 >= 0 }) else { return nil }
        if power < 0, values.contains(0) { return 0 }
        return pow(values.reduce(0) { $0 + pow($1, power) } / Double(values.count), 1 / power)
    }

    /// ¼ · overall area + ¾ · the mean of the power means of the three kinds of areas. 0...1, higher is better.
    ///
    /// Example: overall .95, subgroup .9 .8 .7, BPSN .92 .9 .88, BNSP .95 .93 .9 give 0.88748. Areas that are nil are left
    /// out; nil when a kind has none.
    public static func finalScore(overall: Double, groups: [SubgroupAreas], power: Double = -5) -> Double? {
        let kinds = [\SubgroupAreas.subgroup, \.backgroundPositive, \.backgroundNegative]
        let means = kinds.compactMap { kind in
            powerMean(groups.compactMap { $0[keyPath: kind] }, power: power)
        }
        guard means.count == kinds.count else { return nil }
        return 0.25 * overall + 0.75 * means.reduce(0, +) / Double(means.count)
    }

    /// Σ over groups of |overall rate − the group's rate|: FPED of false positive rates, FNED of false negative rates.
    /// 0 is equal treatment; it grows with the number of groups.
    ///
    /// Example: overall .1, groups .3, .1, .05 give .25.
    public static func equalityDifference(overall: Double, groups: [Double]) -> Double {
        groups.reduce(0) { $0 + abs(overall - $1) }
    }

    /// Pinned AUC: the area over the group's texts and as many of the others, drawn by `seed`.
    ///
    /// Its authors withdrew it: it depends on how many of either are toxic. For comparison with older figures only. nil
    /// when a class is missing.
    /// - Throws: ``DetectionError/metric(name:reason:)`` for unequal counts, no texts, or a score that is no number.
    public static func pinnedArea(
        scores: [Double], labels: [Bool], members: [Bool], seed: UInt64 = 25
    ) throws -> Double? {
        try MetricInput.check(scores: scores, count: labels.count, metric: "The pinned area")
        guard members.count == scores.count else {
            throw DetectionError.metric(
                name: "The pinned area", reason: "\(members.count) memberships for \(scores.count) scores")
        }
        let own = members.indices.filter { members[$0] }
        var others = members.indices.filter { !members[$0] }
        var random = SplitMix(seed: seed)
        others.shuffle(using: &random)
        let texts = own + others.prefix(own.count)
        guard !texts.isEmpty else { return nil }
        return try RankedScores(
            scores: texts.map { scores[$0] }, labels: texts.map { labels[$0] }, metric: "The pinned area"
        ).areaUnderROC()
    }
}
