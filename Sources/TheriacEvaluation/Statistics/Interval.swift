/// A value with the ends of its confidence interval. All three are finite.
public struct Interval: Sendable, Codable, Equatable {
    public var value: Double
    public var low: Double
    public var high: Double

    public init(value: Double, low: Double, high: Double) {
        self.value = value
        self.low = low
        self.high = high
    }

    /// Whether the interval holds a number, such as the 0 of no difference.
    public func contains(_ number: Double) -> Bool { low <= number && number <= high }

    /// The percentile interval of a bootstrap: the middle `confidence` of the replicates, ends interpolated.
    ///
    /// nil when the value is not finite, or when fewer than nine in ten replicates are (a metric that most
    /// resamples cannot compute has no honest interval).
    init?(value: Double?, replicates: [Double], confidence: Double) {
        guard let value, value.isFinite else { return nil }
        let sorted = replicates.filter(\.isFinite).sorted()
        guard !sorted.isEmpty, sorted.count * 10 >= replicates.count * 9 else { return nil }
        let tail = (1 - confidence) / 2
        self.init(value: value, low: quantile(tail, of: sorted), high: quantile(1 - tail, of: sorted))
    }
}

/// The quantile of ascending values, linearly interpolated between the two nearest.
func quantile(_ share: Double, of sorted: [Double]) -> Double {
    let position = share * Double(sorted.count - 1)
    let lower = Int(position)
    let upper = min(lower + 1, sorted.count - 1)
    return sorted[lower] + (position - Double(lower)) * (sorted[upper] - sorted[lower])
}
