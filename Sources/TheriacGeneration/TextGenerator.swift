public import TheriacModels
public import TheriacOptions
internal import TheriacTensors
internal import TheriacTokenizers

/// What to write, and how much.
public struct GenerationSettings: Options, Equatable {
    /// Continuations a prompt.
    public var samples = 25
    public var maxNewTokens = 20
    public var seed: UInt64 = 1
    public var sampling = SamplingSettings()
    /// Rows computed together; more is faster until memory or caches run out.
    public var batchRows = 200

    public init() { sampling.topP = 0.9 }

    public mutating func read(_ fields: inout OptionFields) throws(OptionsError) {
        try fields.read("samples", into: &samples, in: 1...100_000)
        try fields.read("max-new-tokens", into: &maxNewTokens, in: 1...1_000_000)
        try fields.read("seed", into: &seed)
        try fields.read("batch-rows", into: &batchRows, in: 1...100_000)
        try sampling.read(&fields)
    }
}

/// One text a model wrote after a prompt.
public struct Continuation: Sendable, Codable, Equatable {
    public enum Finish: String, Sendable, Codable {
        /// The model ended the text.
        case eos
        /// The limit of new tokens was reached.
        case length
        /// The model's context was full.
        case context
    }

    public var promptID: String
    public var sample: Int
    /// Without the prompt and without the end-of-text token.
    public var text: String
    public var tokens: [Int32]
    public var finish: Finish

    enum CodingKeys: String, CodingKey {
        case promptID = "prompt_id"
        case sample, text, tokens, finish
    }
}

public enum GenerationError: Error, Equatable, CustomStringConvertible {
    case emptyPrompt
    case promptTooLong(tokens: Int, limit: Int)
    case nothingToDraw(prompt: String, step: Int)
    /// A word that a model cannot be asked for.
    case noAnswer(String, reason: String)

    public var description: String {
        switch self {
        case .emptyPrompt:
            "The prompt is empty and the model has no begin-of-text token. Give a prompt."
        case .promptTooLong(let tokens, let limit):
            "The prompt has \(tokens) tokens; the model reads \(limit), and one must be left to write. Shorten it."
        case .nothingToDraw(let prompt, let step):
            "No token is left to draw for prompt \(prompt) at step \(step): the model's logits are not finite, or the "
                + "methods ban the whole vocabulary."
        case .noAnswer(let answer, let reason):
            "The model cannot be asked for the answer '\(answer)': \(reason). Choose another word."
        }
    }
}

/// The one decode loop: prompts in, continuations out, any chain of processors in between.
public struct TextGenerator {
    private let loaded: LoadedModel
    private let settings: GenerationSettings
    private let sampler: Sampler
    private var processors: [any LogitsProcessor]

    public init(_ loaded: LoadedModel, settings: GenerationSettings, processors: [any LogitsProcessor] = []) {
        self.loaded = loaded
        self.settings = settings
        self.processors = processors
        sampler = Sampler(settings.sampling)
    }

    /// Prompts that fit one batch.
    public var promptsPerBatch: Int { max(1, settings.batchRows / settings.samples) }

    /// A prompt's tokens: an empty one begins with the begin-of-text token.
    ///
    /// - Throws: ``GenerationError`` when it is too long or cannot begin.
    public func tokens(of prompt: String) throws -> [Int32] {
        var tokens = loaded.tokenizer.encode(prompt)
        if tokens.isEmpty {
            guard let begin = loaded.beginOfText else { throw GenerationError.emptyPrompt }
            tokens = [begin]
        }
        guard tokens.count < loaded.model.shape.context else {
            throw GenerationError.promptTooLong(tokens: tokens.count, limit: loaded.model.shape.context)
        }
        return tokens
    }

    /// Continues each prompt `samples` times.
    ///
    /// Draws depend only on the seed, the prompt's id and the continuation's number, never on the batch.
    ///
    /// - Parameter prompts: ids and tokens (see ``tokens(of:)``).
    /// - Returns: all continuations of the first prompt, then of the second, …
    public mutating func continuations(of prompts: [(id: String, tokens: [Int32])]) throws -> [Continuation] {
        guard !prompts.isEmpty else { return [] }
        return try Torch.withoutGradients { try decode(prompts) }
    }

    private mutating func decode(_ prompts: [(id: String, tokens: [Int32])]) throws -> [Continuation] {
        let model = loaded.model
        let group = settings.samples
        var state = GenerationState(prompts: prompts.map(\.tokens), group: group)
        let shortest = prompts.map(\.tokens.count).min() ?? 1
        let steps = min(settings.maxNewTokens, model.shape.context - shortest)
        // The last token drawn is never read back, so the cache needs one place less.
        let cache = try KVCache(promptLengths: prompts.map(\.tokens.count), group: group, capacity: steps - 1)
        var streams = prompts.flatMap { prompt in
            (0..<group).map { RandomStream(seed: settings.seed, prompt: prompt.id, continuation: $0) }
        }
        var finishes = [Continuation.Finish](repeating: .length, count: state.rows)
        for index in processors.indices { try processors[index].begin(state) }

        var logits = try spread(model.read(state.prompts, into: cache), group: group)
        for step in 0..<steps {
            var processed = logits
            for index in processors.indices { processed = try processors[index].process(processed, state) }
            let drawn = try draw(processed, &streams, state, prompts, step: step)
            var next = [Int32](repeating: 0, count: state.rows)
            for row in 0..<state.rows where !state.finished[row] {
                if loaded.endOfText.contains(drawn[row]) {
                    state.finished[row] = true
                    finishes[row] = .eos
                    continue
                }
                state.written[row].append(drawn[row])
                next[row] = drawn[row]
                if state.prompt(of: row).count + state.written[row].count >= model.shape.context {
                    state.finished[row] = true
                    finishes[row] = step + 1 < settings.maxNewTokens ? .context : .length
                }
            }
            if step + 1 == steps || state.finished.allSatisfy({ $0 }) { break }
            let positions = (0..<state.rows).map {
                min(state.prompt(of: $0).count + step, model.shape.context - 1)
            }
            logits = try model.read(next, positions: positions, with: cache)
        }
        return state.written.enumerated().map { row, tokens in
            Continuation(
                promptID: prompts[row / group].id, sample: row % group, text: loaded.tokenizer.decode(tokens),
                tokens: tokens, finish: finishes[row])
        }
    }

    /// `[prompts, vocabulary]` → `[prompts · group, vocabulary]`.
    private func spread(_ logits: Tensor, group: Int) throws -> Tensor {
        let (prompts, vocabulary) = (logits.size(0), logits.size(1))
        return try logits.reshape([prompts, 1, vocabulary]).expand([prompts, group, vocabulary])
            .reshape([prompts * group, vocabulary])
    }

    private func draw(
        _ logits: Tensor, _ streams: inout [RandomStream], _ state: GenerationState,
        _ prompts: [(id: String, tokens: [Int32])], step: Int
    ) throws -> [Int32] {
        let vocabulary = logits.size(1)
        let uniforms = streams.indices.map { streams[$0].uniform() }
        let sampler = sampler
        let threads = try Torch.threads()
        let drawn = try logits.withFloats { values in
            concurrentRows(state.rows, threads: threads) { rows in
                var scratch = Sampler.Scratch()
                return rows.map { row -> Int32 in
                    if state.finished[row] { return 0 }
                    let slice = UnsafeBufferPointer(
                        rebasing: values[row * vocabulary..<(row + 1) * vocabulary])
                    return Int32(sampler.sample(slice, uniform: uniforms[row], scratch: &scratch) ?? -1)
                }
            }
        }
        if let row = drawn.firstIndex(of: -1) {
            throw GenerationError.nothingToDraw(prompt: prompts[row / state.group].id, step: step)
        }
        return drawn
    }
}
