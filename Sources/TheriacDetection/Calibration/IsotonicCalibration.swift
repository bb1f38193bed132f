public import TheriacOptions

/// The rising function closest to the labels, whatever its shape: pools of equal value, straight lines between
/// them, and constant below the lowest and above the highest score it was fitted to.
///
/// It needs many texts. Scores of one pool become equal, so ranking metrics may fall a little.
///
/// Sources: Ayer, Brunk, Ewing, Reid and Silverman, *An Empirical Distribution Function for Sampling with
/// Incomplete Information*, 1955 (pool adjacent violators); Zadrozny and Elkan, *Transforming Classifier Scores
/// into Accurate Multiclass Probability Estimates*, KDD 2002. The interpolation is scikit-learn's.
public struct IsotonicCalibration: CalibrationMethod {
    public static let name = "isotonic"
    public static let summary =
        "Any rising function, found by pooling adjacent violators; for 1000 texts or more."
    public static let leastTexts = 1000

    /// Scores in rising order, and the value at each. Both ends of each pool are there.
    public var scores: [Double] = [0, 1]
    public var values: [Double] = [0, 1]

    public init() {}

    public init(scores: [Double], values: [Double]) {
        self.scores = scores
        self.values = values
    }

    public mutating func read(_ fields: inout OptionFields) throws(OptionsError) {
        try fields.read("scores", into: &scores)
        try fields.read("values", into: &values)
        let isInRange = (scores + values).allSatisfy { (0...1).contains($0) }
        guard !scores.isEmpty, scores.count == values.count, isInRange,
            zip(scores, scores.dropFirst()).allSatisfy({ $0 < $1 }),
            zip(values, values.dropFirst()).allSatisfy({ $0 <= $1 })
        else {
            throw .refused(
                path: fields.pathOf("scores"),
                reason: "'scores' must rise and 'values' must not fall, as many of both, all in 0...1")
        }
    }

    public func calibrated(_ score: Double) -> Double {
        guard let first = scores.first, let last = scores.last, let lowest = values.first,
            let highest = values.last
        else { return score }
        if score <= first { return lowest }
        if score >= last { return highest }
        var (below, above) = (0, scores.count - 1)  // scores[below] <= score < scores[above]
        while above - below > 1 {
            let middle = (below + above) / 2
            if scores[middle] <= score { below = middle } else { above = middle }
        }
        let share = (score - scores[below]) / (scores[above] - scores[below])
        return values[below] + share * (values[above] - values[below])
    }

    public static func fit(_ sample: CalibrationSample) throws(CalibrationError) -> IsotonicCalibration {
        try sample.check(Self.self)
        return IsotonicCalibration(regressing: sample)
    }

    /// As ``fit(_:)`` for any number of texts from one on.
    init(regressing sample: CalibrationSample) {
        var pools: [Pool] = []
        let order = sample.scores.indices.sorted { sample.scores[$0] < sample.scores[$1] }
        for text in order {
            let (score, target) = (sample.scores[text], sample.targets[text])
            if let last = pools.indices.last, pools[last].last == score, pools[last].first == score {
                pools[last].texts += 1  // equal scores are one point with their mean
                pools[last].sum += target
            } else {
                Self.settle(&pools)
                pools.append(Pool(first: score, last: score, texts: 1, sum: target))
            }
        }
        Self.settle(&pools)
        (scores, values) = ([], [])
        for pool in pools {
            let value = min(max(pool.mean, 0), 1)
            for score in pool.first == pool.last ? [pool.first] : [pool.first, pool.last] {
                scores.append(score)
                values.append(value)
            }
        }
    }

    private struct Pool {
        var first: Double
        var last: Double
        var texts: Double
        var sum: Double
        var mean: Double { sum / texts }
    }

    /// Joins the last pool with those before it that it must not lie below.
    private static func settle(_ pools: inout [Pool]) {
        while pools.count > 1, pools[pools.count - 2].mean >= pools[pools.count - 1].mean {
            let upper = pools.removeLast()
            pools[pools.count - 1].last = upper.last
            pools[pools.count - 1].texts += upper.texts
            pools[pools.count - 1].sum += upper.sum
        }
    }
}
