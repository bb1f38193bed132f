/// A text of a community with a detector's score and what its people said of it.
public struct ReviewedScore: Sendable, Equatable {
    public var community: String
    public var score: Double
    public var isPositive: Bool

    public init(community: String, score: Double, isPositive: Bool) {
        self.community = community
        self.score = score
        self.isPositive = isPositive
    }
}

/// Learns for each community the threshold that reaches a goal there: communities differ in what they put up with, and
/// most of them have said too little to be believed alone.
///
/// At each threshold a community's rate (precision, recall or false-positive rate) is shrunk towards that of all
/// communities together: with k hits in n trials of its own, the rate ρ of all, and a strength m,
///
///     (k + m·ρ) / (n + m)
///
/// which is the posterior mean of a beta-binomial model with the prior Beta(m·ρ, m·(1 − ρ)). The threshold is then chosen as
/// ``OperatingPoint`` does. A community without texts gets the threshold of all; one with n much larger than m gets its own.
/// Example: 3 of 4 flagged texts positive, 0.9 among all, m = 20: (3 + 18) / 24 = 0.875.
///
/// m says how many trials of its own a community needs to count as much as all others. It is estimated from how much the
/// communities differ at the threshold of all: with the intra-class correlation r by the method of moments (Kleinman 1973),
/// m = (1 − r) / r, kept in 4...400. With fewer than five communities of two trials or more it is 20 (a choice of ours).
///
/// Intervals are 95 % bootstrap intervals: texts are drawn with replacement within each community, and the common rates are
/// computed anew from the draw.
///
/// Sources: Kleinman, *Proportions with Extraneous Variance: Single and Independent Samples*, JASA 68, 1973; Casella, *An
/// Introduction to Empirical Bayes Data Analysis*, The American Statistician 39, 1985.
public struct CommunityThresholds: Sendable {
    /// What came out for a community, or for all.
    public struct Outcome: Sendable, Equatable, Codable {
        /// nil for all together.
        public var community: String?
        /// nil when no threshold reaches the goal.
        public var threshold: Estimate?
        /// The shrunk rate there.
        public var rate: Estimate?
        public var texts: Int
        public var positives: Int
        /// How much of the rate is the community's own: n / (n + m) at the threshold; 1 for all together.
        public var ownShare: Double
    }

    /// The threshold of all, and then of each community in the order of their names.
    public let global: Outcome
    public let communities: [Outcome]
    /// m.
    public let strength: Double

    /// - Parameters:
    ///   - goal: what every threshold shall reach.
    ///   - texts: of all communities, of one attribute, scored by one detector.
    ///   - strength: m; estimated when nil.
    ///   - resamples: of the bootstrap.
    /// - Throws: ``DetectionError/metric(name:reason:)`` for scores that are no numbers, a missing class, or a strength
    ///   that is not positive.
    public init(
        _ goal: ThresholdGoal, texts: [ReviewedScore], strength: Double? = nil, resamples: Int = 200,
        seed: UInt64 = 1
    ) throws {
        let name = "A community's threshold"
        try MetricInput.check(scores: texts.map(\.score), count: texts.count, metric: name)
        guard texts.contains(where: \.isPositive), texts.contains(where: { !$0.isPositive }) else {
            throw DetectionError.metric(name: name, reason: "it needs positive and negative texts")
        }
        if let strength, !(strength > 0 && strength.isFinite) {
            throw DetectionError.metric(name: name, reason: "the strength must be more than 0")
        }
        let grid = ThresholdGrid(texts.map(\.score))
        let names = Set(texts.map(\.community)).sorted()
        let places = Dictionary(uniqueKeysWithValues: names.enumerated().map { ($1, $0) })
        var members = [[(bin: Int, isPositive: Bool)]](repeating: [], count: names.count)
        for text in texts {
            members[places[text.community] ?? 0].append((grid.bin(text.score), text.isPositive))
        }
        let curves = members.map { RateCurve($0, bins: grid.thresholds.count) }
        let all = RateCurve(sumOf: curves)
        let common = all.choose(goal, prior: all, strength: 0)
        let strength = strength ?? Self.strength(curves, goal, at: common)
        let chosen = curves.map { $0.choose(goal, prior: all, strength: strength) }

        // Replicates of threshold and rate, for all together (place 0) and each community.
        var thresholds = [[Double?]](repeating: [], count: names.count + 1)
        var rates = thresholds
        var random = SplitMix(seed: seed)
        for _ in 0..<resamples {
            let drawn = members.map { own in
                RateCurve(own.map { _ in own[random.index(below: own.count)] }, bins: grid.thresholds.count)
            }
            let prior = RateCurve(sumOf: drawn)
            for place in 0...names.count {
                let curve = place == 0 ? prior : drawn[place - 1]
                let m = place == 0 ? 0 : strength
                thresholds[place].append(
                    curve.choose(goal, prior: prior, strength: m).map { grid.thresholds[$0] })
                let original = place == 0 ? common : chosen[place - 1]
                rates[place].append(original.flatMap { curve.rate(goal, at: $0, prior: prior, strength: m) })
            }
        }
        func outcome(_ community: String?, _ curve: RateCurve, _ bin: Int?, _ place: Int) -> Outcome {
            let m = community == nil ? 0 : strength
            let trials = bin.map { curve.trials(goal, at: $0).count } ?? 0
            return Outcome(
                community: community, threshold: Estimate(bin.map { grid.thresholds[$0] }, thresholds[place]),
                rate: Estimate(
                    bin.flatMap { curve.rate(goal, at: $0, prior: all, strength: m) }, rates[place]),
                texts: curve.texts, positives: curve.positives,
                ownShare: community == nil ? 1 : trials / (trials + m))
        }
        global = outcome(nil, all, common, 0)
        communities = names.indices.map { outcome(names[$0], curves[$0], chosen[$0], $0 + 1) }
        self.strength = strength
    }

    /// m when the communities do not say how much they differ.
    static let standardStrength = 20.0

    /// m by the method of moments from the rates at one threshold.
    ///
    /// With weights nᵢ, N = Σ nᵢ, p = Σ kᵢ / N and S = Σ nᵢ (kᵢ/nᵢ − p)², a beta-binomial model has
    /// E S = p(1 − p) [(c − 1) + r Σ (nᵢ − 1)(1 − nᵢ/N)] for c communities.
    private static func strength(_ curves: [RateCurve], _ goal: ThresholdGoal, at bin: Int?) -> Double {
        guard let bin else { return standardStrength }
        let trials = curves.map { $0.trials(goal, at: bin) }.filter { $0.count >= 2 }
        return strength(trials)
    }

    static func strength(_ trials: [(hits: Double, count: Double)]) -> Double {
        guard trials.count >= 5 else { return standardStrength }
        let total = trials.reduce(0) { $0 + $1.count }
        let common = trials.reduce(0) { $0 + $1.hits } / total
        let variance = common * (1 - common)
        guard variance > 0 else { return 400 }
        let spread = trials.reduce(0) { sum, one in
            sum + one.count * (one.hits / one.count - common) * (one.hits / one.count - common)
        }
        let scale = trials.reduce(0) { $0 + ($1.count - 1) * (1 - $1.count / total) }
        let correlation = (spread / variance - Double(trials.count - 1)) / scale
        guard correlation > 0 else { return 400 }
        return min(400, max(4, (1 - correlation) / correlation))
    }
}
