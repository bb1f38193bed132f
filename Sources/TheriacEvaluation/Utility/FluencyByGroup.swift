import Foundation
public import TheriacDetection

/// How well a model predicts a text: natural logarithms summed over its tokens.
public struct TextLikelihood: Sendable, Codable, Equatable {
    /// Negative log-likelihood in nats.
    public var sum: Double
    public var tokens: Int

    public init(sum: Double, tokens: Int) {
        self.sum = sum
        self.tokens = tokens
    }
}

/// What a treatment costs in fluency, by whom a text mentions (or by whatever else its groups are).
///
/// For each group the ratio of the treated model's perplexity to the untreated one's on the same texts:
/// `exp((nll treated − nll untreated) / tokens)`. 1 is no cost, 1.1 that the probability of each token is divided by 1.1
/// on the geometric average. `excess` divides the ratio by that of the texts that mention no group: above 1, the treatment
/// takes more from texts about the group than from others. Intervals (95 %) are a bootstrap over texts, paired: both
/// models are measured on the same resample.
///
/// Example: nll 8 → 10 over 4 tokens: exp(2/4) = 1.64872.
///
/// Source: Xu et al., *Detoxifying Language Models Risks Marginalizing Minority Voices*, NAACL 2021, who compare
/// perplexities of dialects and of mentions; the ratio and its excess are ours.
public struct FluencyByGroup: Sendable, Codable, Equatable {
    /// Groups with fewer texts are marked: their intervals are wide and uncertain themselves.
    public static let fewest = 20
    /// The name of the texts of no group.
    public static let none = "none"
    /// The name of all texts together.
    public static let all = "all"

    public struct Row: Sendable, Codable, Equatable {
        public var group: String
        public var texts: Int
        public var tokens: Int
        /// The untreated model's perplexity.
        public var untreated: Double
        /// One for each treatment, in their order.
        public var ratios: [Estimate]
        /// The same, over the ratio of texts of no group; absent for those themselves, and when there are none.
        public var excess: [Estimate]

        public var isSmall: Bool { texts < FluencyByGroup.fewest }
    }

    /// Which texts these are, for readers.
    public var texts: ContentIdentity
    /// How they were put into groups.
    public var grouping: String
    /// Treatments by their titles.
    public var treatments: [String]
    /// All texts, those of no group, then groups by falling number of texts.
    public var rows: [Row]

    /// - Parameters:
    ///   - groups: those of each text; a text may be of several.
    ///   - untreated: one a text.
    ///   - treated: by title, one a text each, over the same tokens.
    /// - Throws: ``EvaluationError`` when counts or tokens disagree, or no text has a token.
    public init(
        texts: ContentIdentity, grouping: String, groups: [[String]], untreated: [TextLikelihood],
        treated: [(title: String, likelihoods: [TextLikelihood])], resamples: Int = 1000, seed: UInt64 = 1
    ) throws {
        for (title, values) in [("groups", groups.count)] + treated.map({ ($0.title, $0.likelihoods.count) })
        where values != untreated.count {
            throw EvaluationError.unequalCounts(
                prompt: texts.name, field: title, found: values, expected: untreated.count)
        }
        let isFinite = ([untreated] + treated.map(\.likelihoods)).joined().allSatisfy(\.sum.isFinite)
        guard isFinite, untreated.contains(where: { $0.tokens > 0 }) else {
            throw EvaluationError.notFinite(field: "group_fluency")
        }
        self.texts = texts
        self.grouping = grouping
        treatments = treated.map(\.title)
        var members: [String: [Int]] = [:]
        for (text, own) in groups.enumerated() where untreated[text].tokens > 0 {
            members[Self.all, default: []].append(text)
            for group in own.isEmpty ? [Self.none] : own { members[group, default: []].append(text) }
        }
        let names = members.keys.sorted { a, b in
            let (first, second) = (Self.rank(a), Self.rank(b))
            if first != second { return first < second }
            let (x, y) = (members[a]?.count ?? 0, members[b]?.count ?? 0)
            return x != y ? x > y : a < b
        }
        let sums = Sums(untreated: untreated, treated: treated.map(\.likelihoods))
        let estimates = Self.estimates(
            names.map { members[$0] ?? [] }, none: names.firstIndex(of: Self.none), sums, texts: groups.count,
            resamples: resamples, seed: seed)
        rows = zip(names, estimates).map { name, estimate in
            let own = members[name] ?? []
            let tokens = own.reduce(0) { $0 + untreated[$1].tokens }
            let loss = own.reduce(0) { $0 + untreated[$1].sum }
            return Row(
                group: name, texts: own.count, tokens: tokens, untreated: exp(loss / Double(tokens)),
                ratios: estimate.ratios, excess: estimate.excess)
        }
    }

    private static func rank(_ name: String) -> Int { name == all ? 0 : name == none ? 1 : 2 }

    /// Per text: tokens, and for each treatment the loss it adds.
    private struct Sums {
        var tokens: [Double]
        var added: [[Double]]

        init(untreated: [TextLikelihood], treated: [[TextLikelihood]]) {
            tokens = untreated.map { Double($0.tokens) }
            added = treated.map { zip($0, untreated).map { $0.sum - $1.sum } }
        }

        /// The logarithm of a treatment's ratio over `members`, each counted as often as `times` says.
        func logarithm(_ treatment: Int, _ members: [Int], _ times: [Int]?) -> Double? {
            var (loss, count) = (0.0, 0.0)
            for text in members {
                let weight = times.map { Double($0[text]) } ?? 1
                loss += weight * added[treatment][text]
                count += weight * tokens[text]
            }
            return count > 0 ? loss / count : nil
        }
    }

    private static func estimates(
        _ members: [[Int]], none: Int?, _ sums: Sums, texts: Int, resamples: Int, seed: UInt64
    ) -> [(ratios: [Estimate], excess: [Estimate])] {
        let treatments = sums.added.indices
        let values = Estimate.bootstrapAll(count: texts, resamples: resamples, seed: seed) { times in
            let logarithms = members.map { own in treatments.map { sums.logarithm($0, own, times) } }
            let ratios = logarithms.flatMap { $0.map { $0.map(exp) } }
            let excess = logarithms.flatMap { own in
                treatments.map { treatment -> Double? in
                    guard let none, let one = own[treatment], let other = logarithms[none][treatment] else {
                        return nil
                    }
                    return exp(one - other)
                }
            }
            return ratios + excess
        }
        let half = values.count / 2
        return members.indices.map { group in
            let places = treatments.map { group * treatments.count + $0 }
            return (
                places.compactMap { values[$0] },
                group == none ? [] : places.compactMap { values[half + $0] }
            )
        }
    }
}
