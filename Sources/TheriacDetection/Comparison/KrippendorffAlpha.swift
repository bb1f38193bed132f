extension RaterAgreement {
    /// How far apart two answers are.
    public enum Distance: Sendable {
        /// 0 when equal, else 1.
        case nominal
        /// The squared difference.
        case interval

        func callAsFunction(_ first: Double, _ second: Double) -> Double {
            switch self {
            case .nominal: first == second ? 0 : 1
            case .interval: (first - second) * (first - second)
            }
        }
    }

    /// Krippendorff's α = 1 − Dₒ / Dₑ: observed distance within texts over the distance of answers of any two
    /// texts. Raters may have left texts out; texts with one answer do not count.
    ///
    /// Example: units (1, 1, 1), (1, 0, –), (0, 0, 0), (0, 1, 0), (1, –, –), nominal: 0.33333.
    /// - Parameter units: the answers to each text.
    /// - Throws: ``DetectionError/metric(name:reason:)`` without a text of two answers, or when all answers are
    ///   the same.
    ///
    /// Source: Krippendorff, *Content Analysis*, 2004, chapter 11.
    public static func krippendorff(units: [[Double]], distance: Distance = .nominal) throws -> Double {
        let name = "Krippendorff's alpha"
        let units = units.filter { $0.count > 1 }
        guard !units.isEmpty else {
            throw DetectionError.metric(name: name, reason: "no text has two answers")
        }
        // Σ over ordered pairs of a unit, each with the weight 1/(m − 1).
        var observed = 0.0
        var values: [Double] = []
        for unit in units {
            observed += sumOfPairs(unit, distance) / Double(unit.count - 1)
            values += unit
        }
        let n = Double(values.count)
        let expected = sumOfPairs(values, distance)
        guard expected > 0 else {
            throw DetectionError.metric(name: name, reason: "all answers are the same")
        }
        return 1 - observed * (n - 1) / expected
    }

    /// Σ of distances over all ordered pairs, without a loop over pairs.
    private static func sumOfPairs(_ values: [Double], _ distance: Distance) -> Double {
        let count = Double(values.count)
        switch distance {
        case .interval:
            let mean = values.reduce(0, +) / count
            // Around the mean, so that no digits are lost: Σᵢⱼ (xᵢ − xⱼ)² = 2 n Σ (xᵢ − x̄)².
            return 2 * count * values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        case .nominal:
            var equal = 0.0
            var times: [Double: Double] = [:]
            for value in values { times[value, default: 0] += 1 }
            for count in times.values { equal += count * count }
            return count * count - equal
        }
    }
}
