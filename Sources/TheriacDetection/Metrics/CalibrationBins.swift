/// How scores are put into bins to compare them with what came true.
public enum CalibrationBinning: String, Sendable, Codable, CaseIterable {
    /// Bins of equal width, closed on the right; 0 falls into the first.
    case equalWidth = "equal-width"
    /// Bins of as equal numbers of texts as ties allow ("adaptive"): a group of equal scores falls whole into
    /// the bin of its middle rank.
    case equalMass = "equal-mass"
}

/// Scores in 0...1 with outcomes in 0...1, put into bins; made once for many resamples.
///
/// A resample is a list of how often each text counts; nil counts each once.
struct CalibrationBins: Sendable {
    /// What one bin holds.
    struct Content: Sendable {
        var texts = 0.0
        var scores = 0.0
        var outcomes = 0.0
    }

    private let scores: [Double]
    private let outcomes: [Double]
    private let bins: Int
    private let binning: CalibrationBinning
    /// Equal width: the bin of each text.
    private var places: [Int] = []
    /// Equal mass: texts from the lowest score to the highest.
    private var order: [Int] = []

    /// - Throws: ``DetectionError/metric(name:reason:)`` for unequal counts, no texts, no bins, or a score
    ///   outside 0...1.
    init(scores: [Double], outcomes: [Double], bins: Int, binning: CalibrationBinning) throws {
        let name = "The expected calibration error"
        try MetricInput.check(scores: scores, count: outcomes.count, metric: name)
        guard bins > 0 else { throw DetectionError.metric(name: name, reason: "it needs at least one bin") }
        guard scores.allSatisfy({ (0...1).contains($0) }) else {
            throw DetectionError.metric(name: name, reason: "a confidence is outside 0...1")
        }
        self.scores = scores
        self.outcomes = outcomes
        self.bins = bins
        self.binning = binning
        switch binning {
        case .equalWidth: places = scores.map { Self.place(of: $0, bins: bins) }
        case .equalMass: order = scores.indices.sorted { scores[$0] < scores[$1] }
        }
    }

    private static func place(of value: Double, bins: Int) -> Int {
        var bin = min(bins - 1, max(0, Int((value * Double(bins)).rounded(.up)) - 1))
        // The product may be rounded across an edge; the edges themselves decide.
        if bin > 0 && value <= Double(bin) / Double(bins) { bin -= 1 }
        if bin < bins - 1 && value > Double(bin + 1) / Double(bins) { bin += 1 }
        return bin
    }

    /// Σ over bins of |Σ outcomes − Σ scores| / texts.
    func error(times: [Int]? = nil) -> Double {
        let contents = contents(times: times)
        let total = times == nil ? Double(scores.count) : contents.reduce(0) { $0 + $1.texts }
        return contents.reduce(0) { $0 + abs($1.outcomes - $1.scores) } / total
    }

    func contents(times: [Int]? = nil) -> [Content] {
        var contents = [Content](repeating: Content(), count: bins)
        func add(_ text: Int, to bin: Int) {
            let count = Double(times?[text] ?? 1)
            contents[bin].texts += count
            contents[bin].scores += count * scores[text]
            contents[bin].outcomes += count * outcomes[text]
        }
        switch binning {
        case .equalWidth: for (text, place) in places.enumerated() { add(text, to: place) }
        case .equalMass:
            let total = times?.reduce(0, +) ?? scores.count
            var rank = 0
            var start = 0
            while start < order.count {
                var end = start
                var size = 0
                while end < order.count, scores[order[end]] == scores[order[start]] {
                    size += times?[order[end]] ?? 1
                    end += 1
                }
                if size > 0 {
                    let bin = min(bins - 1, (2 * rank + size) * bins / (2 * total))
                    for place in start..<end { add(order[place], to: bin) }
                }
                rank += size
                start = end
            }
        }
        return contents
    }
}
