/// Scores, labels and groups, sorted once, for the measures of all groups under many resamples.
///
/// A resample is a list of how often each text counts; nil counts each once.
struct GroupRanking: Sendable {
    /// What a resample says of one group.
    struct Group {
        var areas: SubgroupAreas
        var counts: GroupCounts
        /// Mean difference of rank between group and background (``EqualityGap/average(group:background:)``).
        var negativeGap: Double?
        var positiveGap: Double?
    }

    struct Measures {
        /// Area under ROC over all texts.
        var area: Double?
        var counts: GroupCounts
        var groups: [Group]
    }

    let scores: [Double]
    let labels: [Bool]
    let groups: [[Bool]]
    private let threshold: Double
    /// Positions of the texts from the lowest score to the highest.
    private let order: [Int]

    init(scores: [Double], labels: [Bool], groups: [[Bool]], threshold: Double = 0.5) throws {
        try MetricInput.check(scores: scores, count: labels.count, metric: "The area of a group")
        for group in groups where group.count != scores.count {
            throw DetectionError.metric(
                name: "The area of a group", reason: "\(group.count) memberships for \(scores.count) scores")
        }
        self.scores = scores
        self.labels = labels
        self.groups = groups
        self.threshold = threshold
        order = scores.indices.sorted { scores[$0] < scores[$1] }
    }

    func measure(times: [Int]?) -> Measures {
        let whole = tally { _ in true }
        return Measures(
            area: whole(times).area(.member, .member), counts: counts(times) { _ in true },
            groups: groups.map { members in
                let pairs = tally { members[$0] }(times)
                return Group(
                    areas: SubgroupAreas(
                        subgroup: pairs.area(.member, .member),
                        backgroundPositive: pairs.area(.background, .member),
                        backgroundNegative: pairs.area(.member, .background)),
                    counts: counts(times) { members[$0] },
                    negativeGap: pairs.negativeGap, positiveGap: pairs.positiveGap)
            })
    }

    private func counts(_ times: [Int]?, of isMember: (Int) -> Bool) -> GroupCounts {
        var counts = GroupCounts()
        for text in scores.indices where isMember(text) {
            counts.add(flagged: scores[text] >= threshold, toxic: labels[text], times: times?[text] ?? 1)
        }
        return counts
    }

    private func tally(_ isMember: @escaping (Int) -> Bool) -> ([Int]?) -> PairTally {
        { times in
            var tally = PairTally()
            var previous = Double.nan
            for text in order {
                if scores[text] != previous { tally.closeTie() }
                previous = scores[text]
                tally.add(positive: labels[text], member: isMember(text), times: times?[text] ?? 1)
            }
            tally.closeTie()
            return tally
        }
    }
}

/// Pairs of texts won, by side, while texts come by from the lowest score to the highest.
private struct PairTally {
    enum Side: Int { case background, member }

    /// By kind: 2 · (positive) + (member).
    private var seen = [0.0, 0.0, 0.0, 0.0]
    private var tied = [0.0, 0.0, 0.0, 0.0]
    /// Pairs in which the text of the first kind scores above that of the second: 4 · first + second.
    private var won = [Double](repeating: 0, count: 16)

    mutating func add(positive: Bool, member: Bool, times: Int) {
        tied[(positive ? 2 : 0) + (member ? 1 : 0)] += Double(times)
    }

    /// To be called between texts of different scores and behind the last.
    mutating func closeTie() {
        for first in 0..<4 where tied[first] > 0 {
            for second in 0..<4 { won[4 * first + second] += tied[first] * (seen[second] + tied[second] / 2) }
        }
        for kind in 0..<4 {
            seen[kind] += tied[kind]
            tied[kind] = 0
        }
    }

    /// Positives of one side over negatives of another.
    func area(_ positives: Side, _ negatives: Side) -> Double? {
        share(2 + positives.rawValue, over: negatives.rawValue)
    }

    var negativeGap: Double? { share(1, over: 0).map { $0 - 0.5 } }
    var positiveGap: Double? { share(3, over: 2).map { $0 - 0.5 } }

    private func share(_ first: Int, over second: Int) -> Double? {
        let pairs = seen[first] * seen[second]
        return pairs > 0 ? won[4 * first + second] / pairs : nil
    }
}
