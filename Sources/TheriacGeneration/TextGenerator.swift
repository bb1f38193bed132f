internal import Foundation
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
    /// Gigabytes (2³⁰ bytes) that caches and logits may take; fewer rows are computed together when they would need more.
    public var memory = 4.0

    public init() { sampling.topP = 0.9 }

    public mutating func read(_ fields: inout OptionFields) throws(OptionsError) {
        try fields.read("samples", into: &samples, in: 1...100_000)
        try fields.read("max-new-tokens", into: &maxNewTokens, in: 1...1_000_000)
        try fields.read("seed", into: &seed)
        try fields.read("batch-rows", into: &batchRows, in: 1...100_000)
        try fields.read("memory", into: &memory, in: 0.001...1e6)
        try sampling.read(&fields)
    }
}

public enum GenerationError: Error, Equatable, CustomStringConvertible {
    case emptyPrompt
    case promptTooLong(tokens: Int, limit: Int)
    case nothingToDraw(prompt: String, step: Int)
    /// A word that a model cannot be asked for.
    case noAnswer(String, reason: String)
    /// Methods that make no sense together.
    case conflict(String)
    case memory(needed: Double, given: Double)

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
        case .conflict(let reason): "These methods do not go together: \(reason)."
        case .memory(let needed, let given):
            "One continuation needs \(FileSizes.gigabytes(needed)) GB for caches and logits, and only "
                + "\(FileSizes.gigabytes(given)) are allowed. Raise 'memory', or write fewer tokens."
        }
    }
}

enum FileSizes {
    static func gigabytes(_ value: Double) -> String { "\((value * 1000).rounded(.up) / 1000)" }
}

/// The one decode loop: prompts in, continuations out, any chain of processors in between.
///
/// A continuation that ends makes room for the next at once, so the batch stays full until the prompts run out.
public struct TextGenerator {
    private let loaded: LoadedModel
    private let settings: GenerationSettings
    private let sampler: Sampler
    private let session: ModelSession
    private var processors: [any LogitsProcessor]
    private var reviewer: (any ContinuationReviewer)?
    private var editors: [any ContextEditor]
    private var origin = 0

    /// - Parameter parts: the methods, in the order in which they apply.
    /// - Throws: ``GenerationError/conflict(_:)`` for parts that do not go together.
    public init(_ loaded: LoadedModel, settings: GenerationSettings, parts: [DecodingPart] = []) throws {
        self.loaded = loaded
        self.settings = settings
        sampler = Sampler(settings.sampling)
        session = ModelSession(loaded, newTokens: min(settings.maxNewTokens, loaded.model.shape.context))
        processors = []
        editors = []
        for part in parts {
            switch part {
            case .processor(let processor): processors.append(processor)
            case .editor(let editor): editors.append(editor)
            case .reviewer(let new):
                guard reviewer == nil else {
                    throw GenerationError.conflict("two of them choose among drafts; keep one")
                }
                reviewer = new
            }
        }
        for index in processors.indices { try processors[index].attach(to: session) }
    }

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

    /// Prompts as the methods change them before the model reads.
    public mutating func edited(_ prompts: [String]) throws -> [String] {
        var prompts = prompts
        for index in editors.indices { prompts = try editors[index].edit(prompts) }
        return prompts
    }

    /// Continues each prompt `samples` times.
    ///
    /// Draws depend only on the seed, the prompt's id and the continuation's number, never on the batch.
    ///
    /// - Parameter prompts: ids and tokens (see ``tokens(of:)``).
    /// - Returns: all continuations of the first prompt, then of the second, …
    public mutating func continuations(of prompts: [(id: String, tokens: [Int32])]) throws -> [Continuation] {
        var found: [Int: [Continuation]] = [:]
        try continuations(of: prompts) { found[$0] = $1 }
        return prompts.indices.flatMap { found[$0] ?? [] }
    }

    /// The same, each prompt's continuations as soon as they are all there.
    ///
    /// - Parameter finished: takes the prompt's place among `prompts`, and its continuations by sample.
    public mutating func continuations(
        of prompts: [(id: String, tokens: [Int32])], finished: (Int, [Continuation]) throws -> Void
    ) throws {
        let allowance = try allowance()
        var desk = DraftDesk(
            prompts: prompts.map { .init(id: $0.id, tokens: $0.tokens) }, settings: settings,
            candidates: reviewer?.candidates ?? 1, context: loaded.model.shape.context, allowance: allowance,
            origin: origin)
        origin += desk.count
        try Torch.withoutGradients {
            while desk.admit() {
                let (tokens, logLikelihoods) = try draw(desk)
                desk.append(tokens, logLikelihoods: logLikelihoods, endOfText: loaded.endOfText)
                try review(&desk)
                for complete in desk.removeFinished() {
                    try finished(complete.prompt, kept(complete))
                }
            }
        }
    }

    /// What each row's next token is.
    private mutating func draw(
        _ desk: borrowing DraftDesk
    ) throws -> (tokens: [Int32], logLikelihoods: [Double]) {
        let state = desk.state
        for index in processors.indices { try processors[index].read(state) }
        try session.read(state)
        var logits = try session.logits()
        for index in processors.indices { logits = try processors[index].process(logits, state) }
        let vocabulary = logits.size(1)
        let uniforms = desk.uniforms
        let sampler = sampler
        let threads = try Torch.threads()
        let wantsLikelihood = reviewer?.wantsLikelihood ?? false
        let drawn = try logits.to(on: .cpu).withFloats { values in
            concurrentRows(state.rows.count, threads: threads) { rows in
                var scratch = Sampler.Scratch()
                return rows.map { row -> (token: Int32, logLikelihood: Double) in
                    let slice = UnsafeBufferPointer(
                        rebasing: values[row * vocabulary..<(row + 1) * vocabulary])
                    guard let token = sampler.sample(slice, uniform: uniforms[row], scratch: &scratch) else {
                        return (-1, 0)
                    }
                    return (Int32(token), wantsLikelihood ? logProbability(of: token, slice) : 0)
                }
            }
        }
        if let row = drawn.firstIndex(where: { $0.token == -1 }) {
            throw GenerationError.nothingToDraw(
                prompt: state.prompts[state.rows[row].prompt]?.id ?? "", step: state.rows[row].written.count)
        }
        return (drawn.map(\.token), wantsLikelihood ? drawn.map(\.logLikelihood) : [])
    }

    private mutating func review(_ desk: inout DraftDesk) throws {
        guard reviewer != nil else { return }
        let due = desk.due(every: reviewer?.interval)
        guard !due.isEmpty else { return }
        let drafts = due.map { desk.draft($0, loaded.tokenizer) }
        let reviews = try reviewer?.review(drafts) ?? []
        for (place, review) in zip(due, reviews) { desk.apply(review, to: place) }
    }

    private mutating func kept(_ complete: DraftDesk.Complete) throws -> [Continuation] {
        try complete.samples.map { sample, drafts in
            let seen = drafts.map { $0.draft(loaded.tokenizer) }
            let place = drafts.count > 1 ? try reviewer?.choose(seen) ?? 0 : 0
            let chosen = seen[place]
            let attempts = drafts.count + drafts.reduce(0) { $0 + $1.rewinds }
            return Continuation(
                promptID: chosen.promptID, sample: sample, text: chosen.text, tokens: chosen.tokens,
                finish: chosen.finish ?? .length, attempts: reviewer == nil ? nil : attempts)
        }
    }

    /// What rows may take together.
    private func allowance() throws -> DraftDesk.Allowance {
        let vocabulary = loaded.model.shape.vocabulary
        let allowance = DraftDesk.Allowance(
            bytes: Int(settings.memory * 1_073_741_824),
            bytesPerToken: processors.reduce(session.bytesPerToken) { $0 + $1.bytesPerToken },
            // Logits of each reading, what methods make of them, and libtorch's own copies.
            bytesPerRow: 4 * vocabulary * (2 * session.variants.count + 2 + 2 * processors.count))
        let least = allowance.bytesPerRow + allowance.bytesPerToken * (settings.maxNewTokens + 1)
        guard least <= allowance.bytes else {
            throw GenerationError.memory(needed: Double(least) / 1_073_741_824, given: settings.memory)
        }
        return allowance
    }
}

/// The natural logarithm of a token's probability under a row of logits.
private func logProbability(of token: Int, _ logits: UnsafeBufferPointer<Float>) -> Double {
    guard let largest = logits.max(), largest.isFinite else { return 0 }
    let total = logits.reduce(0.0) { $0 + Double(exp($1 - largest)) }
    return Double(logits[token] - largest) - log(total)
}

/// A method's part in a generation.
public enum DecodingPart {
    case processor(any LogitsProcessor)
    case reviewer(any ContinuationReviewer)
    case editor(any ContextEditor)
}
