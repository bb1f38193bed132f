import Foundation

/// Fairness of yes/no decisions between groups, from the counts of each.
///
/// Unsigned differences are the largest rate less the smallest, over all groups; signed ones take one group as
/// disadvantaged and one as advantaged. nil where a rate is not defined. All of them cannot be met at once when the groups'
/// shares of toxic texts differ (Kleinberg et al., 2016; Chouldechova, 2017): say which one matters. For a toxicity
/// detector it is mostly the false positive rate, since those texts are silenced for nothing.
public enum GroupFairness {
    /// Largest less smallest share of flagged texts. Example: shares .5 and .2 give .3.
    public static func demographicParityDifference(_ groups: [GroupCounts]) -> Double? {
        spread(groups.map(\.selectionRate))
    }

    /// Smallest over largest share of flagged texts; 1 is parity, below 0.8 fails the four-fifths rule.
    public static func demographicParityRatio(_ groups: [GroupCounts]) -> Double? {
        let rates = groups.compactMap(\.selectionRate)
        guard rates.count == groups.count, let low = rates.min(), let high = rates.max(), high > 0 else {
            return nil
        }
        return low / high
    }

    /// The larger (or, with `mean`, the mean) of the spreads of true and false positive rates.
    ///
    /// Example: TPR .8 and .6, FPR .3 and .1 give .2.
    public static func equalizedOddsDifference(_ groups: [GroupCounts], mean: Bool = false) -> Double? {
        guard let hits = spread(groups.map(\.truePositiveRate)),
            let alarms = spread(groups.map(\.falsePositiveRate))
        else { return nil }
        return mean ? (hits + alarms) / 2 : max(hits, alarms)
    }

    /// TPR of the disadvantaged group less that of the advantaged.
    public static func equalOpportunityDifference(
        disadvantaged: GroupCounts, advantaged: GroupCounts
    ) -> Double? {
        difference(disadvantaged.truePositiveRate, advantaged.truePositiveRate)
    }

    /// ½ [(FPR − FPR) + (TPR − TPR)], disadvantaged less advantaged; with `absolute` the mean of the two absolute gaps.
    public static func averageOddsDifference(
        disadvantaged: GroupCounts, advantaged: GroupCounts, absolute: Bool = false
    ) -> Double? {
        guard let alarms = difference(disadvantaged.falsePositiveRate, advantaged.falsePositiveRate),
            let hits = difference(disadvantaged.truePositiveRate, advantaged.truePositiveRate)
        else { return nil }
        return absolute ? (abs(alarms) + abs(hits)) / 2 : (alarms + hits) / 2
    }

    /// Share flagged of the disadvantaged group less that of the advantaged.
    public static func statisticalParityDifference(
        disadvantaged: GroupCounts, advantaged: GroupCounts
    ) -> Double? {
        difference(disadvantaged.selectionRate, advantaged.selectionRate)
    }

    /// Share flagged of the disadvantaged group over that of the advantaged.
    public static func disparateImpact(disadvantaged: GroupCounts, advantaged: GroupCounts) -> Double? {
        guard let one = disadvantaged.selectionRate, let other = advantaged.selectionRate, other > 0 else {
            return nil
        }
        return one / other
    }

    /// Generalised entropy of the benefits b = ŷ − y + 1 (0: toxic and missed, 1: right, 2: flagged for nothing):
    /// 1/(n α (α − 1)) Σ [(b/μ)^α − 1]; α = 1 is Theil's index, mean of (b/μ) ln(b/μ). 0 is equality.
    ///
    /// Source: Speicher et al., *A Unified Approach to Quantifying Algorithmic Unfairness*, KDD 2018. nil without texts, when
    /// all benefits are 0, or for α = 0 with a benefit of 0.
    public static func generalizedEntropy(_ counts: GroupCounts, alpha: Double = 2) -> Double? {
        let benefits = [
            (0.0, counts.falseNegatives), (1.0, counts.truePositives + counts.trueNegatives),
            (2.0, counts.falsePositives),
        ].filter { $0.1 > 0 }
        let texts = Double(counts.texts)
        let mean = benefits.reduce(0) { $0 + $1.0 * Double($1.1) } / max(1, texts)
        guard texts > 0, mean > 0 else { return nil }
        func total(_ term: (Double) -> Double) -> Double {
            benefits.reduce(0) { $0 + Double($1.1) * term($1.0 / mean) } / texts
        }
        if alpha == 1 { return total { $0 > 0 ? $0 * log($0) : 0 } }
        if alpha == 0 { return counts.falseNegatives > 0 ? nil : total { -log($0) } }
        return total { pow($0, alpha) - 1 } / (alpha * (alpha - 1))
    }

    private static func spread(_ rates: [Double?]) -> Double? {
        let known = rates.compactMap { $0 }
        guard known.count == rates.count, let low = known.min(), let high = known.max() else { return nil }
        return high - low
    }

    private static func difference(_ one: Double?, _ other: Double?) -> Double? {
        guard let one, let other else { return nil }
        return one - other
    }
}
