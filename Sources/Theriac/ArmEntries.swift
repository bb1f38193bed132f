internal import TheriacCorpora
internal import TheriacDetection

/// A line of `scores.jsonl`: what the judge says of one continuation.
struct ScoreEntry: ContinuationEntry {
    let promptID: String
    let sample: Int
    let verdict: Verdict
    let source: String

    enum CodingKeys: String, CodingKey {
        case promptID = "prompt_id"
        case sample, attributes, unscored
        case source = "detector"
    }

    init(promptID: String, sample: Int, verdict: Verdict, source: String) {
        self.promptID = promptID
        self.sample = sample
        self.verdict = verdict
        self.source = source
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        promptID = try container.decode(String.self, forKey: .promptID)
        sample = try container.decode(Int.self, forKey: .sample)
        source = try container.decode(String.self, forKey: .source)
        if let reason = try container.decodeIfPresent(String.self, forKey: .unscored) {
            verdict = .unscored(reason: reason)
            return
        }
        let scores = try container.decode([String: Float].self, forKey: .attributes)
        verdict = .scored(
            AttributeScores(
                uniqueKeysWithValues: scores.compactMap { name, score in
                    Attribute(rawValue: name).map { ($0, score) }
                }))
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(promptID, forKey: .promptID)
        try container.encode(sample, forKey: .sample)
        try container.encode(source, forKey: .source)
        switch verdict {
        case .scored(let scores):
            let named = scores.map { ($0.key.rawValue, $0.value) }
            try container.encode(Dictionary(uniqueKeysWithValues: named), forKey: .attributes)
        case .unscored(let reason): try container.encode(reason, forKey: .unscored)
        }
    }
}

/// A line of `likelihoods.jsonl`: how likely a model finds one continuation after its prompt; nil where it cannot say.
struct LikelihoodEntry: ContinuationEntry {
    let promptID: String
    let sample: Int
    let source: String
    /// Negative log-likelihood in nats, and the tokens it is over.
    var sum: Double?
    var tokens: Int?
    /// Why nobody could be asked; such an entry is made again by the next run.
    var unscored: String?

    var isSettled: Bool { unscored == nil }

    enum CodingKeys: String, CodingKey {
        case promptID = "prompt_id"
        case sample, sum, tokens, unscored
        case source = "model"
    }
}
