/// A measured value with the interval that 95 of 100 resamples of the texts fall into (percentile bootstrap).
public struct Estimate: Sendable, Codable, Equatable {
    public var value: Double
    public var low: Double
    public var high: Double

    public init(value: Double, low: Double, high: Double) {
        self.value = value
        self.low = low
        self.high = high
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
        guard count > 0, let value = statistic(nil) else { return nil }
        var random = SplitMix(seed: seed)
        var values: [Double] = []
        var times = [Int](repeating: 0, count: count)
        for _ in 0..<resamples {
            for text in 0..<count { times[text] = 0 }
            for _ in 0..<count {
                let draw = random.next().multipliedFullWidth(by: UInt64(count)).high
                times[Int(draw)] += 1
            }
            if let resampled = statistic(times) { values.append(resampled) }
        }
        values.sort()
        guard let low = percentile(0.025, of: values), let high = percentile(0.975, of: values) else {
            return Estimate(value: value, low: value, high: value)
        }
        return Estimate(value: value, low: low, high: high)
    }

    /// Linear between the two nearest of the sorted values.
    private static func percentile(_ share: Double, of sorted: [Double]) -> Double? {
        guard let last = sorted.last else { return nil }
        let place = share * Double(sorted.count - 1)
        let below = Int(place)
        guard below + 1 < sorted.count else { return last }
        return sorted[below] + (place - Double(below)) * (sorted[below + 1] - sorted[below])
    }
}
