/// The thresholds that are tried: the scores texts have, or 512 evenly spread ones of them where there are more.
struct ThresholdGrid {
    /// Ascending.
    let thresholds: [Double]

    /// - Parameter scores: at least one.
    init(_ scores: [Double]) {
        let distinct = Set(scores).sorted()
        let most = 512
        guard distinct.count > most else {
            thresholds = distinct
            return
        }
        thresholds = (0..<most).map { distinct[$0 * (distinct.count - 1) / (most - 1)] }
    }

    /// The place of the highest threshold that a score reaches. The lowest is reached by all scores.
    func bin(_ score: Double) -> Int {
        var (low, high) = (0, thresholds.count)
        while high - low > 1 {
            let middle = (low + high) / 2
            if thresholds[middle] <= score { low = middle } else { high = middle }
        }
        return low
    }
}

/// How many texts of each class a set of texts has at or above each threshold of a grid.
struct RateCurve {
    private var flaggedPositives: [Double]
    private var flaggedNegatives: [Double]

    init(_ texts: [(bin: Int, isPositive: Bool)], bins: Int) {
        flaggedPositives = [Double](repeating: 0, count: bins)
        flaggedNegatives = flaggedPositives
        for text in texts {
            if text.isPositive { flaggedPositives[text.bin] += 1 } else { flaggedNegatives[text.bin] += 1 }
        }
        for bin in (0..<max(0, bins - 1)).reversed() {
            flaggedPositives[bin] += flaggedPositives[bin + 1]
            flaggedNegatives[bin] += flaggedNegatives[bin + 1]
        }
    }

    /// - Parameter curves: at least one, of one grid.
    init(sumOf curves: [RateCurve]) {
        self = curves[0]
        for curve in curves.dropFirst() {
            for bin in flaggedPositives.indices {
                flaggedPositives[bin] += curve.flaggedPositives[bin]
                flaggedNegatives[bin] += curve.flaggedNegatives[bin]
            }
        }
    }

    var positives: Int { Int(flaggedPositives[0]) }
    var texts: Int { Int(flaggedPositives[0] + flaggedNegatives[0]) }

    /// Hits and trials of the rate that a goal is about.
    func trials(_ goal: ThresholdGoal, at bin: Int) -> (hits: Double, count: Double) {
        switch goal {
        case .precision: (flaggedPositives[bin], flaggedPositives[bin] + flaggedNegatives[bin])
        case .recall: (flaggedPositives[bin], flaggedPositives[0])
        case .falsePositiveRate: (flaggedNegatives[bin], flaggedNegatives[0])
        }
    }

    /// The rate, shrunk with a strength towards the prior's; nil where there are no trials at all.
    func rate(_ goal: ThresholdGoal, at bin: Int, prior: RateCurve, strength: Double) -> Double? {
        let own = trials(goal, at: bin)
        guard strength > 0 else { return own.count > 0 ? own.hits / own.count : nil }
        let common = prior.trials(goal, at: bin)
        guard common.count > 0 else { return nil }
        return (own.hits + strength * common.hits / common.count) / (own.count + strength)
    }

    /// The threshold whose shrunk rate reaches the goal: the highest for recall, else the lowest.
    func choose(_ goal: ThresholdGoal, prior: RateCurve, strength: Double) -> Int? {
        var found: Int?
        for bin in flaggedPositives.indices.reversed() {
            guard let rate = rate(goal, at: bin, prior: prior, strength: strength) else { continue }
            let isReached =
                switch goal {
                case .precision(let share), .recall(let share): rate >= share
                case .falsePositiveRate(let share): rate <= share
                }
            guard isReached else { continue }
            found = bin
            if !goal.takesLowest { break }
        }
        return found
    }
}
