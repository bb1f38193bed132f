/// A measured value with the ends of its confidence interval (percentile bootstrap). All three are finite.
public struct Estimate: Sendable, Codable, Equatable {
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

    /// The middle `confidence` of the replicates of a bootstrap, ends interpolated.
    ///
    /// nil when the value is not finite, or when fewer than nine in ten replicates are (a metric that most
    /// resamples cannot compute has no honest interval).
    public init?(value: Double?, replicates: [Double], confidence: Double) {
        guard let value, value.isFinite else { return nil }
        let sorted = replicates.filter(\.isFinite).sorted()
        guard !sorted.isEmpty, sorted.count * 10 >= replicates.count * 9 else { return nil }
        let tail = (1 - confidence) / 2
        self.init(value: value, low: quantile(tail, of: sorted), high: quantile(1 - tail, of: sorted))
    }

    /// A value with the 2.5th and 97.5th percentile of those of resamples; where it is not defined is left out.
    init?(_ value: Double?, _ resampled: [Double?]) {
        guard let value else { return nil }
        let sorted = resampled.compactMap { $0 }.sorted()
        guard !sorted.isEmpty else {
            self.init(value: value, low: value, high: value)
            return
        }
        self.init(value: value, low: quantile(0.025, of: sorted), high: quantile(0.975, of: sorted))
    }

    /// Draws `resamples` times `count` texts with replacement and takes the 2.5th and 97.5th percentile.
    ///
    /// - Parameters:
    ///   - count: of texts.
    ///   - resamples: how many.
    ///   - seed: of the draws.
    ///   - statistic: gets how often each text counts (nil: each once) and returns the value, or nil where it
    ///     is not defined, as for a resample without positives; those are left out.
    /// - Returns: nil when the statistic of the texts themselves is not defined.
    public static func bootstrap(
        count: Int, resamples: Int = 500, seed: UInt64 = 1, _ statistic: ([Int]?) -> Double?
    ) -> Estimate? {
        bootstrapAll(count: count, resamples: resamples, seed: seed) { [statistic($0)] }.first ?? nil
    }

    /// As above for several statistics of the same resamples, in their order.
    public static func bootstrapAll(
        count: Int, resamples: Int = 500, seed: UInt64 = 1, _ statistics: ([Int]?) -> [Double?]
    ) -> [Estimate?] {
        guard count > 0 else { return [] }
        let values = statistics(nil)
        var replicates = values.map { _ in [Double]() }
        var random = SplitMix(seed: seed)
        var times = [Int](repeating: 0, count: count)
        for _ in 0..<resamples {
            for text in 0..<count { times[text] = 0 }
            for _ in 0..<count { times[random.index(below: count)] += 1 }
            for (statistic, value) in statistics(times).enumerated() {
                if let value { replicates[statistic].append(value) }
            }
        }
        return zip(values, replicates).map { Estimate($0, $1) }
    }

    /// How many resamples a table takes: fewer for long lists, whose intervals are narrow anyway.
    static func resamples(for count: Int) -> Int { count > 5000 ? 200 : 500 }
}

/// The quantile of ascending values, of which there is at least one, linearly interpolated between the two
/// nearest.
public func quantile(_ share: Double, of sorted: [Double]) -> Double {
    let position = share * Double(sorted.count - 1)
    let lower = Int(position)
    let upper = min(lower + 1, sorted.count - 1)
    return sorted[lower] + (position - Double(lower)) * (sorted[upper] - sorted[lower])
}
