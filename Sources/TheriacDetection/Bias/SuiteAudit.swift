public import TheriacCorpora

/// A detector's right answers on a functional test suite, by what is tested and by who is mentioned.
public struct SuiteAudit: Sendable, Codable, Equatable {
    /// Cases of one functionality, or about one group.
    public struct Row: Sendable, Codable, Equatable {
        public var name: String
        /// Whether the cases are hateful; nil: both kinds.
        public var isHateful: Bool?
        public var cases: Int
        /// Share of right answers, with Wilson's interval.
        public var accuracy: Estimate
    }

    public var name: String
    /// The attribute that answers; from the threshold on a case counts as called hateful.
    public var attribute: Attribute
    public var cases: Int
    public var unscored: Int
    public var accuracy: Estimate?
    public var functionalities: [Row]
    public var targets: [Row]
    /// Share of wrong answers among cases that are not hateful but mention a group, by group: what a clean mention costs.
    public var falseAlarms: [Row]

    /// `scores` has one a case; nil: not scored.
    public init(
        name: String, attribute: Attribute, cases: [FunctionalCase], scores: [Double?],
        threshold: Double = 0.5
    ) {
        let answers = zip(cases, scores).compactMap { one, score in score.map { (one, ($0 >= threshold)) } }
        self.name = name
        self.attribute = attribute
        self.cases = answers.count
        unscored = cases.count - answers.count
        accuracy = Estimate.share(answers.count { $0.0.isHateful == $0.1 }, of: answers.count)
        // A functionality with cases of both kinds is two questions.
        functionalities = [true, false].flatMap { kind in
            Self.rows(answers.filter { $0.0.isHateful == kind }, by: { $0.functionality }) {
                $0.isHateful == $1
            }
        }
        targets = Self.rows(answers, by: \.target) { $0.isHateful == $1 }
        falseAlarms = Self.rows(answers.filter { !$0.0.isHateful }, by: \.target) { $1 }
    }

    private static func rows(
        _ answers: [(FunctionalCase, Bool)], by name: (FunctionalCase) -> String?,
        counting: (FunctionalCase, Bool) -> Bool
    ) -> [Row] {
        let parts = Dictionary(grouping: answers.filter { name($0.0) != nil }) { name($0.0) ?? "" }
        return parts.sorted { $0.key < $1.key }.compactMap { key, cases in
            let kinds = Set(cases.map(\.0.isHateful))
            return Estimate.share(cases.count { counting($0.0, $0.1) }, of: cases.count).map {
                Row(
                    name: key, isHateful: kinds.count == 1 ? kinds.first : nil, cases: cases.count,
                    accuracy: $0)
            }
        }
    }
}

/// How scores move when a text's identity terms are swapped and nothing else.
public struct SwapAudit: Sendable, Codable, Equatable {
    public var name: String
    public var pairs: Int
    /// Mean of |score as written − score with other terms|; 0 is what one wants.
    public var meanChange: Estimate?
    /// Share of pairs on different sides of the threshold.
    public var flipped: Estimate?
    /// The same among pairs labelled nontoxic.
    public var flippedNontoxic: Estimate?

    public init(
        name: String, pairs: [(original: Double, swapped: Double, isToxic: Bool)], threshold: Double = 0.5,
        resamples: Int = 500, seed: UInt64 = 1
    ) {
        self.name = name
        self.pairs = pairs.count
        let changes = pairs.map { abs($0.original - $0.swapped) }
        let total = Double(pairs.count)
        meanChange = Estimate.bootstrap(count: pairs.count, resamples: resamples, seed: seed) { times in
            guard let times else { return changes.reduce(0, +) / total }
            return zip(changes, times).reduce(0) { $0 + $1.0 * Double($1.1) } / total
        }
        func isFlipped(_ pair: (original: Double, swapped: Double, isToxic: Bool)) -> Bool {
            (pair.original >= threshold) != (pair.swapped >= threshold)
        }
        flipped = Estimate.share(pairs.count(where: isFlipped), of: pairs.count)
        let nontoxic = pairs.filter { !$0.isToxic }
        flippedNontoxic = Estimate.share(nontoxic.count(where: isFlipped), of: nontoxic.count)
    }
}
