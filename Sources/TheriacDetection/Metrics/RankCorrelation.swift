/// Spearman's rank correlation, -1...1: Pearson's correlation of ranks, equal values sharing their mean rank.
///
/// Example: (1, 2, 3, 4) and (1, 3, 2, 4) give 1 − 6 · 2 / (4 · 15) = 0.8.
/// - Throws: ``DetectionError/metric(name:reason:)`` for unequal counts, no values, or a series that does not
///   vary.
public func spearmanCorrelation(_ first: [Double], _ second: [Double]) throws -> Double {
    guard let value = try RankedPairs(first, second).spearman() else { throw RankedPairs.constant }
    return value
}

/// Kendall's rank correlation τ-b, -1...1: (concordant − discordant pairs) over the geometric mean of the
/// pairs not tied in the one and in the other series.
///
/// Example: (1, 2, 3, 4) and (1, 3, 2, 4) have 5 concordant and 1 discordant pairs: 4 / 6 = 0.66667.
/// - Throws: as ``spearmanCorrelation(_:_:)``.
public func kendallCorrelation(_ first: [Double], _ second: [Double]) throws -> Double {
    guard let value = try RankedPairs(first, second).kendall() else { throw RankedPairs.constant }
    return value
}

/// Two series, sorted once, for correlations under many resamples. A resample is a list of how often each
/// pair counts; nil counts each once.
struct RankedPairs: Sendable {
    static let constant = DetectionError.metric(name: "The correlation", reason: "a series does not vary")

    private let series: [[Double]]
    /// For each series, the pairs' dense ranks from 0: equal values share one.
    private let ranks: [[Int]]
    private let levels: [Int]
    /// Pairs in ascending order of the first series.
    private let order: [Int]

    init(_ first: [Double], _ second: [Double]) throws {
        let name = "The correlation"
        try MetricInput.check(scores: first, count: second.count, metric: name)
        try MetricInput.check(scores: second, count: first.count, metric: name)
        series = [first, second]
        let dense = series.map(Self.denseRanks)
        ranks = dense.map(\.ranks)
        levels = dense.map(\.levels)
        order = first.indices.sorted { first[$0] < first[$1] }
    }

    private static func denseRanks(_ values: [Double]) -> (ranks: [Int], levels: Int) {
        let order = values.indices.sorted { values[$0] < values[$1] }
        var ranks = [Int](repeating: 0, count: values.count)
        var rank = -1
        var previous: Double?
        for place in order {
            if values[place] != previous { rank += 1 }
            ranks[place] = rank
            previous = values[place]
        }
        return (ranks, rank + 1)
    }

    /// nil when a series does not vary.
    func pearson(times: [Int]? = nil) -> Double? { Self.pearson(series[0], series[1], times) }

    /// Mean of |first − second|.
    func meanAbsoluteDifference(times: [Int]? = nil) -> Double {
        var sum = 0.0
        for pair in series[0].indices {
            sum += Double(times?[pair] ?? 1) * abs(series[0][pair] - series[1][pair])
        }
        return sum / Double(times?.reduce(0, +) ?? series[0].count)
    }

    func spearman(times: [Int]? = nil) -> Double? {
        let middles = (0..<2).map { middleRanks(of: $0, times) }
        return Self.pearson(
            ranks[0].map { middles[0][$0] }, ranks[1].map { middles[1][$0] }, times)
    }

    func kendall(times: [Int]? = nil) -> Double? {
        let total = times?.reduce(0, +) ?? order.count
        // Prefix sums over the second series' ranks of the pairs seen so far (a Fenwick tree).
        var tree = [Int](repeating: 0, count: levels[1] + 1)
        var seen = 0
        func count(upTo rank: Int) -> Int {
            var (place, sum) = (rank + 1, 0)
            while place > 0 {
                sum += tree[place]
                place &= place - 1
            }
            return sum
        }
        var difference = 0
        var start = 0
        while start < order.count {
            var end = start
            while end < order.count, ranks[0][order[end]] == ranks[0][order[start]] {
                let copies = times?[order[end]] ?? 1
                let rank = ranks[1][order[end]]
                if copies > 0 {
                    let below = rank > 0 ? count(upTo: rank - 1) : 0
                    difference += copies * (below - (seen - count(upTo: rank)))
                }
                end += 1
            }
            for place in start..<end {
                let copies = times?[order[place]] ?? 1
                seen += copies
                var node = ranks[1][order[place]] + 1
                while copies > 0, node < tree.count {
                    tree[node] += copies
                    node += node & -node
                }
            }
            start = end
        }
        let pairs = Double(total) * Double(total - 1) / 2
        let untied = (0..<2).map { series in
            counts(of: series, times).reduce(pairs) { $0 - Double($1) * Double($1 - 1) / 2 }
        }
        guard untied[0] > 0, untied[1] > 0 else { return nil }
        return Double(difference) / (untied[0] * untied[1]).squareRoot()
    }

    private func counts(of series: Int, _ times: [Int]?) -> [Int] {
        var counts = [Int](repeating: 0, count: levels[series])
        for (pair, rank) in ranks[series].enumerated() { counts[rank] += times?[pair] ?? 1 }
        return counts
    }

    /// The mean rank of each level.
    private func middleRanks(of series: Int, _ times: [Int]?) -> [Double] {
        var below = 0
        return counts(of: series, times).map { count in
            defer { below += count }
            return Double(below) + Double(count + 1) / 2
        }
    }

    private static func pearson(_ first: [Double], _ second: [Double], _ times: [Int]?) -> Double? {
        var sums = (count: 0.0, first: 0.0, second: 0.0)
        for pair in first.indices {
            let count = Double(times?[pair] ?? 1)
            sums = (sums.count + count, sums.first + count * first[pair], sums.second + count * second[pair])
        }
        let means = (sums.first / sums.count, sums.second / sums.count)
        var (covariance, variances) = (0.0, (0.0, 0.0))
        for pair in first.indices {
            let count = Double(times?[pair] ?? 1)
            let (one, other) = (first[pair] - means.0, second[pair] - means.1)
            covariance += count * one * other
            variances.0 += count * one * one
            variances.1 += count * other * other
        }
        guard variances.0 > 0, variances.1 > 0 else { return nil }
        return covariance / (variances.0 * variances.1).squareRoot()
    }
}
