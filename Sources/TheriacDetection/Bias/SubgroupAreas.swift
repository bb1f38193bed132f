/// Three areas under ROC that tell how a score orders a group's texts and the other texts, the background.
///
/// Each is the probability that a toxic text scores above a nontoxic one, ties counting one half; 0...1, 0.5 is chance.
/// nil where one of the two kinds of texts is missing.
///
/// Source: Borkan, Dixon, Sorensen, Thain, Vasserman, *Nuanced Metrics for Measuring Unintended Bias with Real Data for
/// Text Classification*, WWW 2019 Companion.
public struct SubgroupAreas: Sendable, Codable, Equatable {
    /// Toxic and nontoxic texts of the group.
    public var subgroup: Double?
    /// BPSN: toxic texts of the background above nontoxic ones of the group. Low: plain mentions of the group score too
    /// high.
    public var backgroundPositive: Double?
    /// BNSP: toxic texts of the group above nontoxic ones of the background. Low: attacks on the group score too low.
    public var backgroundNegative: Double?

    public init(subgroup: Double?, backgroundPositive: Double?, backgroundNegative: Double?) {
        self.subgroup = subgroup
        self.backgroundPositive = backgroundPositive
        self.backgroundNegative = backgroundNegative
    }

    /// - Parameters:
    ///   - scores: of the texts.
    ///   - labels: whether a text is toxic.
    ///   - members: whether a text is of the group.
    /// - Throws: ``DetectionError/metric(name:reason:)`` for unequal counts, no texts, or a score that is no number.
    public init(scores: [Double], labels: [Bool], members: [Bool]) throws {
        let ranking = try GroupRanking(scores: scores, labels: labels, groups: [members])
        self = ranking.measure(times: nil).groups[0].areas
    }
}

/// How the scores of a group and of the background differ, among the texts of one label.
///
/// Source: Borkan et al., 2019.
public enum EqualityGap {
    /// AEG: ½ − U / (n of background · n of group), U counting the pairs in which the background's score is higher, ties
    /// one half. −0.5...0.5; positive: the group scores higher. nil without texts on both sides.
    ///
    /// Example: background .3, .5, .1 and group .7, .4: one of six pairs, ½ − 1/6 = 0.3333.
    public static func average(group: [Double], background: [Double]) -> Double? {
        guard !group.isEmpty, !background.isEmpty else { return nil }
        var area = 0.0
        for step in walk(group: group, background: background) {
            area += step.width * (step.before + step.after) / 2
        }
        return area - 0.5
    }

    /// ASEG: ∫ (y(x) − x)² dx, y(x) being the share of the group above the threshold at which the share x of the
    /// background is. 0...⅓; 0: the distributions are equal. Exact: the curve is a chain of straight lines. (The authors'
    /// code adds trapezia at 1 000 thresholds.)
    public static func averageSquared(group: [Double], background: [Double]) -> Double? {
        guard !group.isEmpty, !background.isEmpty else { return nil }
        var share = 0.0
        var area = 0.0
        for step in walk(group: group, background: background) {
            let first = step.before - share
            share += step.width
            let last = step.after - share
            area += step.width * (first * first + first * last + last * last) / 3
        }
        return area
    }

    private struct Step {
        /// Along the background's share.
        var width: Double
        /// The group's share before and after.
        var before: Double
        var after: Double
    }

    /// Steps of the curve from the highest score down.
    private static func walk(group: [Double], background: [Double]) -> [Step] {
        let group = group.sorted(by: >)
        let background = background.sorted(by: >)
        let (members, others) = (Double(group.count), Double(background.count))
        var steps: [Step] = []
        var own = 0
        var other = 0
        while own < group.count || other < background.count {
            let score = max(
                own < group.count ? group[own] : -.infinity,
                other < background.count ? background[other] : -.infinity)
            let before = own
            let otherBefore = other
            while own < group.count, group[own] >= score { own += 1 }
            while other < background.count, background[other] >= score { other += 1 }
            steps.append(
                Step(
                    width: Double(other - otherBefore) / others, before: Double(before) / members,
                    after: Double(own) / members))
        }
        return steps
    }
}
