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
    public var batchRows = 250
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

/// Continues files of prompts, each as often as the settings say.
public struct TextGenerator {
    private let loaded: LoadedModel
    private let settings: GenerationSettings
    private let loop: DecodeLoop

    /// - Parameter parts: the methods, in the order in which they apply.
    /// - Throws: ``GenerationError/conflict(_:)`` for parts that do not go together.
    public init(_ loaded: LoadedModel, settings: GenerationSettings, parts: [DecodingPart] = []) throws {
        self.loaded = loaded
        self.settings = settings
        loop = try DecodeLoop(
            loaded, newTokens: settings.maxNewTokens, batchRows: settings.batchRows,
            memory: settings.memory, parts: parts)
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
    public mutating func edited(_ prompts: [String]) throws -> [String] { try loop.edited(prompts) }

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
        try loop.checkMemory(newTokens: settings.maxNewTokens)
        defer { loop.cancelAll() }
        var places: [Int: Int] = [:]  // order → prompt
        for (place, prompt) in prompts.enumerated() {
            places[loop.add(order(prompt.id, prompt.tokens))] = place
        }
        var waiting: [Int: [Continuation]] = [:]  // by prompt
        while let turn = try loop.turn() {
            if let failed = turn.failed.first { throw failed.error }
            for done in turn.finished {
                guard let place = places[done.order] else { continue }
                waiting[place, default: []].append(done.continuation)
                guard done.isLast else { continue }
                try finished(
                    place, (waiting.removeValue(forKey: place) ?? []).sorted { $0.sample < $1.sample })
            }
        }
    }

    private func order(_ id: String, _ tokens: [Int32]) -> GenerationOrder {
        var order = GenerationOrder(id: id, tokens: tokens)
        order.samples = settings.samples
        order.maxNewTokens = settings.maxNewTokens
        order.seed = settings.seed
        order.sampling = settings.sampling
        return order
    }
}

/// A method's part in a generation.
public enum DecodingPart {
    case processor(any LogitsProcessor)
    case reviewer(any ContinuationReviewer)
    case editor(any ContextEditor)
}
