/// Scores with yes/no labels, sorted once, for metrics of ranking under many resamples.
///
/// A resample is a list of how often each text counts; nil counts each once.
struct RankedScores: Sendable {
    /// Positions of the texts from the lowest score to the highest.
    private let order: [Int]
    /// Whether a text of `order` has the same score as the one before it.
    private let isTied: [Bool]
    private let labels: [Bool]

    /// - Throws: ``DetectionError/metric(name:reason:)`` for unequal counts, no texts, or a score that is not
    ///   a number.
    init(scores: [Double], labels: [Bool], metric: String) throws {
        try MetricInput.check(scores: scores, count: labels.count, metric: metric)
        let order = scores.indices.sorted { scores[$0] < scores[$1] }
        self.order = order
        isTied = order.indices.map { $0 > 0 && scores[order[$0]] == scores[order[$0 - 1]] }
        self.labels = labels
    }

    /// nil when a class is missing.
    func areaUnderROC(times: [Int]? = nil) -> Double? {
        var negativesBelow = 0.0
        var pairs = 0.0
        var positives = 0.0
        forEachTie(from: order.indices, times) { tiedPositives, tiedNegatives in
            pairs += tiedPositives * (negativesBelow + tiedNegatives / 2)
            negativesBelow += tiedNegatives
            positives += tiedPositives
        }
        return positives > 0 && negativesBelow > 0 ? pairs / (positives * negativesBelow) : nil
    }

    /// nil when there is no positive.
    func averagePrecision(times: [Int]? = nil) -> Double? {
        var found = 0.0
        var seen = 0.0
        var sum = 0.0
        forEachTie(from: order.indices.reversed(), times) { tiedPositives, tiedNegatives in
            found += tiedPositives
            seen += tiedPositives + tiedNegatives
            if seen > 0 { sum += tiedPositives * found / seen }
        }
        return found > 0 ? sum / found : nil
    }

    /// Calls `body` with the positives and negatives of each group of equal scores.
    private func forEachTie(
        from places: some Sequence<Int>, _ times: [Int]?, _ body: (Double, Double) -> Void
    ) {
        var positives = 0
        var negatives = 0
        var previous: Int?
        for place in places {
            if let previous, !isTied[max(previous, place)] {
                body(Double(positives), Double(negatives))
                positives = 0
                negatives = 0
            }
            let text = order[place]
            let count = times?[text] ?? 1
            if labels[text] { positives += count } else { negatives += count }
            previous = place
        }
        body(Double(positives), Double(negatives))
    }
}
