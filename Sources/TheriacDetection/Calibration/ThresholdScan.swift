/// Scores with labels from the highest score down, to look at every threshold in one pass, under many
/// resamples. A resample is a list of how often each text counts; nil counts each once.
struct ThresholdScan {
    private let scores: [Double]
    private let labels: [Bool]
    private let order: [Int]

    /// - Throws: ``DetectionError/metric(name:reason:)`` for bad input or a missing class.
    init(scores: [Double], labels: [Bool]) throws {
        let name = "A threshold"
        try MetricInput.check(scores: scores, count: labels.count, metric: name)
        guard labels.contains(true), labels.contains(false) else {
            throw DetectionError.metric(name: name, reason: "it needs positive and negative texts")
        }
        self.scores = scores
        self.labels = labels
        order = scores.indices.sorted { scores[$0] > scores[$1] }
    }

    /// nil when no score reaches it, or a class is missing from the resample.
    func threshold(reaching goal: ThresholdGoal, times: [Int]? = nil) -> Double? {
        var found: Double?
        forEachThreshold(times) { threshold, rates in
            guard goal.isReached(rates) else { return true }
            found = threshold
            return goal.takesLowest
        }
        return found
    }

    /// The threshold with the best macro-F1, the highest of equals.
    func thresholdOfBestMacroF1() -> Double? {
        var best: (threshold: Double, value: Double)?
        forEachThreshold(nil) { threshold, rates in
            let missed = rates.positives - rates.flaggedPositives
            let spared = rates.negatives - rates.flaggedNegatives
            let errors = rates.flaggedNegatives + missed
            let positive = 2 * rates.flaggedPositives / (2 * rates.flaggedPositives + errors)
            let negative = 2 * spared / (2 * spared + errors)
            let value = (positive + (negative.isNaN ? 0 : negative)) / 2
            if value > best?.value ?? -1 { best = (threshold, value) }
            return true
        }
        return best?.threshold
    }

    /// Calls `body` with each score that a text of the resample has, downwards, until it returns false.
    private func forEachThreshold(_ times: [Int]?, _ body: (Double, OperatingPoint.Rates) -> Bool) {
        var rates = OperatingPoint.Rates(
            flaggedPositives: 0, flaggedNegatives: 0, positives: 0, negatives: 0)
        for (text, isPositive) in labels.enumerated() {
            let count = Double(times?[text] ?? 1)
            if isPositive { rates.positives += count } else { rates.negatives += count }
        }
        guard rates.positives > 0, rates.negatives > 0 else { return }
        var place = 0
        while place < order.count {
            let threshold = scores[order[place]]
            var isPresent = false
            while place < order.count, scores[order[place]] == threshold {
                let count = Double(times?[order[place]] ?? 1)
                if labels[order[place]] {
                    rates.flaggedPositives += count
                } else {
                    rates.flaggedNegatives += count
                }
                isPresent = isPresent || count > 0
                place += 1
            }
            if isPresent, !body(threshold, rates) { return }
        }
    }
}
