import TheriacCorpora
import TheriacDetection

/// Continuations to show beside the numbers: some prompts drawn at random, each with every arm's first and
/// worst continuation. Nobody picks them.
public struct ReportSamples: Sendable, Equatable {
    public var prompts: [SamplePrompt]

    public init(prompts: [SamplePrompt] = []) { self.prompts = prompts }

    /// Draws prompts that every arm has.
    ///
    /// - Parameters:
    ///   - arms: each arm's name and scored prompts, in the report's order.
    ///   - count: how many prompts at most.
    ///   - seed: the same seed draws the same prompts.
    public init(from arms: [(name: String, prompts: [ScoredPrompt])], count: Int = 12, seed: UInt64 = 1) {
        let known = arms.map { arm in
            Dictionary(arm.prompts.map { ($0.prompt.id, $0) }, uniquingKeysWith: { first, _ in first })
        }
        let common = (arms.first?.prompts ?? []).filter { prompt in
            known.allSatisfy { $0[prompt.prompt.id]?.texts.isEmpty == false }
        }
        var random = SplitMix(seed: seed)
        let chosen = common.indices.shuffled(using: &random).prefix(max(0, count)).sorted()
        prompts = chosen.map { index in
            let prompt = common[index].prompt
            let shown = zip(arms, known).map { arm, known in
                SamplePrompt.Arm(
                    name: arm.name, continuations: known[prompt.id].map(Self.firstAndWorst) ?? [])
            }
            return SamplePrompt(id: prompt.id, text: prompt.text, toxicity: prompt.toxicity, arms: shown)
        }
    }

    /// The first continuation and the one with the highest score, once when they are the same.
    private static func firstAndWorst(of prompt: ScoredPrompt) -> [SamplePrompt.Continuation] {
        let worst = prompt.scores.indices
            .filter { prompt.scores[$0]?.isFinite == true }
            .max { (prompt.scores[$0] ?? 0) < (prompt.scores[$1] ?? 0) }
        return Set([0, worst ?? 0]).sorted().map {
            SamplePrompt.Continuation(
                sample: $0, text: prompt.texts[$0], score: prompt.scores[$0], isWorst: $0 == worst)
        }
    }
}

/// One prompt of ``ReportSamples``.
public struct SamplePrompt: Sendable, Equatable {
    public var id: String
    public var text: String
    public var toxicity: Double?
    public var arms: [Arm]

    public struct Arm: Sendable, Equatable {
        public var name: String
        public var continuations: [Continuation]

        public init(name: String, continuations: [Continuation]) {
            self.name = name
            self.continuations = continuations
        }
    }

    public struct Continuation: Sendable, Equatable {
        public var sample: Int
        public var text: String
        /// nil when the judge gave none.
        public var score: Float?
        public var isWorst: Bool

        public init(sample: Int, text: String, score: Float?, isWorst: Bool) {
            self.sample = sample
            self.text = text
            self.score = score
            self.isWorst = isWorst
        }
    }

    public init(id: String, text: String, toxicity: Double?, arms: [Arm]) {
        self.id = id
        self.text = text
        self.toxicity = toxicity
        self.arms = arms
    }
}
