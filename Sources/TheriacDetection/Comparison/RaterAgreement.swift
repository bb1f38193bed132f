/// How far raters, people or detectors, agree beyond chance. 1 is complete agreement, 0 what chance gives,
/// below 0 less than that.
public enum RaterAgreement {
    /// Cohen's κ of two raters' yes and no: (agreement − chance) / (1 − chance), chance from each rater's own
    /// share of yes.
    ///
    /// Example: both yes on 20, both no on 15 and 15 disputes of 50 (5 and 10) give (0.7 − 0.5) / 0.5 = 0.4.
    /// - Throws: ``DetectionError/metric(name:reason:)`` for unequal counts, no texts, or when both raters
    ///   always say the same one thing.
    public static func cohen(_ first: [Bool], _ second: [Bool]) throws -> Double {
        let name = "Cohen's kappa"
        guard first.count == second.count, !first.isEmpty else {
            throw DetectionError.metric(
                name: name, reason: "it needs as many answers of both raters, and at least one")
        }
        guard let value = cohen(Crossing(first, second)) else {
            throw DetectionError.metric(name: name, reason: "both raters always say the same")
        }
        return value
    }

    /// Who flags what, of two raters.
    public struct Crossing: Sendable, Codable, Equatable {
        public var both = 0
        public var onlyFirst = 0
        public var onlySecond = 0
        public var neither = 0

        public init(_ first: [Bool], _ second: [Bool]) { self.init(first, second, times: nil) }

        init(_ first: [Bool], _ second: [Bool], times: [Int]?) {
            for text in first.indices {
                let count = times?[text] ?? 1
                switch (first[text], second[text]) {
                case (true, true): both += count
                case (true, false): onlyFirst += count
                case (false, true): onlySecond += count
                case (false, false): neither += count
                }
            }
        }
    }

    static func cohen(_ table: Crossing) -> Double? {
        let total = Double(table.both + table.onlyFirst + table.onlySecond + table.neither)
        let first = Double(table.both + table.onlyFirst) / total
        let second = Double(table.both + table.onlySecond) / total
        let agreement = Double(table.both + table.neither) / total
        let chance = first * second + (1 - first) * (1 - second)
        return chance < 1 ? (agreement - chance) / (1 - chance) : nil
    }

    /// Fleiss' κ: κ = (P̄ − P̄ₑ) / (1 − P̄ₑ) with Pᵢ = (Σₖ nᵢₖ² − n) / (n(n − 1)).
    ///
    /// Example: counts (3, 0), (2, 1), (0, 3), (1, 2) give 0.33333.
    /// - Parameter counts: for each text, how many raters chose each category; every text has as many raters.
    /// - Throws: ``DetectionError/metric(name:reason:)`` for no texts, fewer than two raters, texts with
    ///   unequal numbers of them, or when all always chose the same category.
    ///
    /// Source: Fleiss, *Measuring Nominal Scale Agreement among Many Raters*, 1971.
    public static func fleiss(counts: [[Int]]) throws -> Double {
        let name = "Fleiss' kappa"
        guard let first = counts.first, !first.isEmpty else {
            throw DetectionError.metric(name: name, reason: "there are no texts")
        }
        let raters = first.reduce(0, +)
        guard raters > 1, counts.allSatisfy({ $0.count == first.count && $0.reduce(0, +) == raters }) else {
            throw DetectionError.metric(
                name: name, reason: "every text needs the same number of raters, two or more")
        }
        let n = Double(raters)
        var shares = [Double](repeating: 0, count: first.count)
        var agreement = 0.0
        for row in counts {
            agreement += (row.reduce(0) { $0 + Double($1 * $1) } - n) / (n * (n - 1))
            for (category, count) in row.enumerated() { shares[category] += Double(count) }
        }
        agreement /= Double(counts.count)
        let chance = shares.reduce(0) { sum, share in
            let share = share / (n * Double(counts.count))
            return sum + share * share
        }
        guard chance < 1 else {
            throw DetectionError.metric(name: name, reason: "all raters always chose the same category")
        }
        return (agreement - chance) / (1 - chance)
    }
}
