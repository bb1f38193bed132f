public import TheriacDetection

/// Percentile intervals from resampling prompts with replacement.
///
/// Continuations of one prompt are not independent, so whole prompts are drawn. The same seed gives the same
/// resamples whatever is measured, which is what makes differences between methods paired.
///
/// Source: Efron and Tibshirani, *An Introduction to the Bootstrap*, 1993, chapter 13.
public struct Bootstrap: Sendable, Codable, Equatable {
    /// Number of resamples.
    public var resamples: Int
    /// Share of the resamples inside the interval.
    public var confidence: Double
    public var seed: UInt64

    public init(resamples: Int = 2000, confidence: Double = 0.95, seed: UInt64 = 1) {
        self.resamples = max(1, resamples)
        self.confidence = min(max(confidence, 0), 1)
        self.seed = seed
    }

    /// Intervals of several metrics over the same prompts, by metric name. A metric that cannot be computed
    /// on these prompts is absent.
    public func intervals(
        of metrics: [any PromptMetric], over prompts: [ScoredPrompt]
    ) -> [String: Estimate] {
        intervals(of: Contributions(of: metrics, over: prompts))
    }

    func intervals(of contributions: Contributions) -> [String: Estimate] {
        let replicates = ratios(of: contributions.columns)
        var result: [String: Estimate] = [:]
        for (index, metric) in contributions.metrics.enumerated() {
            result[metric.name] = Estimate(
                value: metric.value(of: contributions.columns[index].compactMap { $0 }),
                replicates: replicates[index].map(metric.value(ofRatio:)), confidence: confidence)
        }
        return result
    }

    /// How a method differs from a baseline: the same metrics on the same prompts, in the same order. A
    /// prompt that either of the two has nothing to measure on is left out for both.
    func pairedDifferences(
        method: Contributions, baseline: Contributions
    ) -> [String: PairedDifference] {
        var columns: [[Contribution?]] = []
        for (method, baseline) in zip(method.columns, baseline.columns) {
            columns.append(zip(method, baseline).map { $1 == nil ? nil : $0 })
            columns.append(zip(method, baseline).map { $0 == nil ? nil : $1 })
        }
        let replicates = ratios(of: columns)
        var result: [String: PairedDifference] = [:]
        for (index, metric) in method.metrics.enumerated() {
            result[metric.name] = PairedDifference(
                method: metric.value(of: columns[2 * index].compactMap { $0 }),
                baseline: metric.value(of: columns[2 * index + 1].compactMap { $0 }),
                methodReplicates: replicates[2 * index].map(metric.value(ofRatio:)),
                baselineReplicates: replicates[2 * index + 1].map(metric.value(ofRatio:)),
                prompts: columns[2 * index].count { $0 != nil }, confidence: confidence)
        }
        return result
    }

    /// For each column of contributions (one a prompt, nil where dropped) its ratio in each resample; NaN
    /// where a resample has nothing to measure.
    ///
    /// Rows are laid out one prompt after another, numerators and denominators of all columns side by side,
    /// so a draw adds one contiguous row.
    func ratios(of columns: [[Contribution?]]) -> [[Double]] {
        var result = columns.map { _ in [Double](repeating: .nan, count: resamples) }
        guard let count = columns.first?.count, count > 0 else { return result }
        let width = 2 * columns.count
        var rows = [Double](repeating: 0, count: count * width)
        for (column, contributions) in columns.enumerated() {
            for (row, contribution) in contributions.enumerated() {
                rows[row * width + 2 * column] = (contribution ?? .none).numerator
                rows[row * width + 2 * column + 1] = (contribution ?? .none).denominator
            }
        }
        var random = SplitMix(seed: seed)
        var sums = [Double](repeating: 0, count: width)
        for resample in 0..<resamples {
            addRandomRows(of: rows, count: count, to: &sums, using: &random)
            for column in columns.indices where sums[2 * column + 1] > 0 {
                result[column][resample] = sums[2 * column] / sums[2 * column + 1]
            }
        }
        return result
    }

    /// Sets `sums` to the sum of `count` rows drawn with replacement.
    private func addRandomRows(
        of rows: [Double], count: Int, to sums: inout [Double], using random: inout SplitMix
    ) {
        let width = sums.count
        rows.withUnsafeBufferPointer { rows in
            sums.withUnsafeMutableBufferPointer { sums in
                sums.update(repeating: 0)
                for _ in 0..<count {
                    let start = random.index(below: count) * width
                    for offset in 0..<width { sums[offset] += rows[start + offset] }
                }
            }
        }
    }
}
