public import Foundation
internal import TheriacCorpora
public import TheriacDetection
internal import TheriacFiles
internal import TheriacGeneration
public import TheriacModels
public import TheriacOptions
public import TheriacTensors
internal import TheriacTokenizers
public import TheriacTraining

/// Settings of SGEAT. Sampling is the authors'; sizes are for small models.
public struct SelfGeneratedTrainingSettings: Options, Equatable {
    /// What the model writes from.
    public enum Variant: String, OptionReadable, CaseIterable {
        /// From nothing but the begin-of-text token.
        case standard
        /// From prompts meant to bring out nontoxic text.
        case prompted
        /// Every second text from a prompt.
        case mixed
    }

    public var variant = Variant.mixed
    /// Prompts of the other variants than `standard`; nil takes those that ship with the program.
    public var prompts: String?
    /// Texts the model writes.
    public var generations = 5000
    public var maxNewTokens = 48
    public var topP = 0.9
    /// Share that is kept, the least toxic first.
    public var keep = 0.5
    public var blockLength = 64
    public var seed: UInt64 = 1
    public var adapter = LoRASettings()
    public var training = TrainingSettings()

    public init() {
        adapter = .ofEveryLayer
        training.learningRate = 1.5e-3
        training.epochs = 4
        training.batch = 16
        training.microBatch = 16
        training.warmUp = 50
        training.checkpointEvery = 200
    }

    public mutating func read(_ fields: inout OptionFields) throws(OptionsError) {
        try fields.read("variant", into: &variant)
        try fields.read("prompts", into: &prompts)
        try fields.read("generations", into: &generations, in: 2...100_000_000)
        try fields.read("max-new-tokens", into: &maxNewTokens, in: 1...1_000_000)
        try fields.read("top-p", into: &topP, in: 0...1)
        try fields.read("keep", into: &keep, in: 0...1)
        try fields.read("block-length", into: &blockLength, in: 2...1_000_000)
        try fields.read("seed", into: &seed)
        try fields.read("adapter", into: &adapter)
        try fields.read("training", into: &training)
    }
}

/// SGEAT: the model writes, a detector scores, and an adapter is trained on the least toxic part.
///
/// Source: Wang et al., *Exploring the Limits of Domain-Adaptive Training for Detoxifying Large-Scale Language Models*,
/// NeurIPS 2022. As there, text without a score is never kept, and the share counts all texts, scored or not.
public struct SelfGeneratedTraining {
    public static let card = MethodCard(
        name: "sgeat", title: "SGEAT",
        summary:
            "The model writes texts, a detector keeps the least toxic, and a LoRA adapter is tuned on them.",
        source: "Wang et al., Exploring the Limits of Domain-Adaptive Training, NeurIPS 2022",
        cost: "training once; none while writing, after the adapter is merged")

    /// How far it is.
    public struct Progress: Sendable {
        public var stage: String
        public var done: Int
        public var total: Int
    }

    private let settings: SelfGeneratedTrainingSettings
    private let steer: any Detector
    private let folder: URL

    /// - Parameters:
    ///   - steer: scores what the model writes; it must not judge the result.
    ///   - folder: gets `generations.jsonl`, `kept.json`, checkpoints and, at the end, `adapter/`.
    public init(_ settings: SelfGeneratedTrainingSettings, steer: any Detector, folder: URL) {
        self.settings = settings
        self.steer = steer
        self.folder = folder
    }

    public var adapterFolder: URL { folder.appendingPathComponent("adapter") }

    /// Goes through all stages that are not done yet, and returns the adapter's folder.
    ///
    /// - Parameters:
    ///   - modelFolder: the checkpoint to detoxify; it is left as it is.
    ///   - asset: finds files that ship with the program.
    public func run(
        modelFolder: URL, device: Device = .cpu, asset: @escaping (String) throws -> URL,
        progress: (Progress) -> Void = { _ in }
    ) throws -> URL {
        let loaded = try LoadedModel(folder: modelFolder, device: device)
        let identity = try self.identity(loaded)
        if let done = try? AdapterOrigin(folder: adapterFolder), done.identity == identity {
            return adapterFolder
        }
        let texts = try write(with: loaded, identity: identity, asset: asset, progress: progress)
        let kept = try leastToxic(of: texts, progress: progress)
        return try tune(loaded, on: kept, identity: identity, progress: progress)
    }

    private func identity(_ loaded: LoadedModel) throws -> String {
        let settings = String(decoding: try settings.option.jsonData, as: UTF8.self)
        return sha256(of: Data("\(loaded.hash) \(steer.identity) \(settings)".utf8))
    }

    /// A text the model wrote, with the prompt it was given; `context` tokens are the prompt's.
    private typealias SelfWritten = (text: String, tokens: [Int32], context: Int, isComplete: Bool)

    private func write(
        with loaded: LoadedModel, identity: String, asset: (String) throws -> URL,
        progress: (Progress) -> Void
    ) throws -> [SelfWritten] {
        var generation = GenerationSettings()
        generation.sampling.topP = settings.topP
        generation.seed = settings.seed
        generation.maxNewTokens = settings.maxNewTokens
        let begins = try begins(asset)
        let groups = max(1, (settings.generations + generation.samples - 1) / generation.samples)
        let prompts = (0..<groups).map { (id: "self-\($0)", text: begins[$0 % begins.count]) }
        let textOf = Dictionary(uniqueKeysWithValues: prompts.map { ($0.id, $0.text) })
        var generator = try TextGenerator(loaded, settings: generation)
        let file = folder.appendingPathComponent("generations.jsonl")
        let run = GenerationRun(output: file, settings: generation, identity: identity)
        _ = try run.run(&generator, prompts: prompts) { done, total, _ in
            progress(
                Progress(stage: "writing", done: done * generation.samples, total: total * generation.samples)
            )
        }
        return try GenerationRun.continuations(in: file).map {
            let prompt = textOf[$0.promptID] ?? ""
            let context = prompt.isEmpty ? [] : loaded.tokenizer.encode(prompt)
            return (prompt + $0.text, context + $0.tokens, context.count, $0.finish == .eos)
        }
    }

    /// What texts begin with, in turn; "" is the begin-of-text token alone.
    private func begins(_ asset: (String) throws -> URL) throws -> [String] {
        guard settings.variant != .standard else { return [""] }
        let file = try settings.prompts ?? asset("prompts/sgeat-prompts.jsonl").path
        let prompts = try PromptFile.read(path: file).elements.map(\.text)
        guard !prompts.isEmpty else { throw SelfGeneratedTrainingError.noPrompts(file) }
        return settings.variant == .prompted ? prompts : prompts.flatMap { ["", $0] }
    }

    private func leastToxic(of texts: [SelfWritten], progress: (Progress) -> Void) throws -> [SelfWritten] {
        progress(Progress(stage: "scoring", done: 0, total: texts.count))
        let verdicts = try steer.verdicts(for: texts.map(\.text))
        let scored = verdicts.enumerated().compactMap { index, verdict in
            verdict.toxicity.map { (index: index, toxicity: $0) }
        }
        let wanted = Int((settings.keep * Double(texts.count)).rounded(.down))
        let kept = scored.sorted { ($0.toxicity, $0.index) < ($1.toxicity, $1.index) }.prefix(wanted)
        guard let worst = kept.last else { throw SelfGeneratedTrainingError.nothingKept }
        let summary = Kept(
            written: texts.count, unscored: texts.count - scored.count, kept: kept.count,
            highestToxicityKept: worst.toxicity,
            meanToxicityWritten: scored.reduce(0) { $0 + $1.toxicity } / Float(scored.count),
            meanToxicityKept: kept.reduce(0) { $0 + $1.toxicity } / Float(kept.count))
        try AtomicFile.write(JSONEncoder().encode(summary), to: folder.appendingPathComponent("kept.json"))
        progress(Progress(stage: "scoring", done: texts.count, total: texts.count))
        return kept.map { texts[$0.index] }
    }

    private struct Kept: Codable {
        var written: Int
        var unscored: Int
        var kept: Int
        var highestToxicityKept: Float
        var meanToxicityWritten: Float
        var meanToxicityKept: Float
    }

    private func tune(
        _ loaded: LoadedModel, on texts: [SelfWritten], identity: String, progress: (Progress) -> Void
    ) throws -> URL {
        guard let end = loaded.endOfText.min() else { throw SelfGeneratedTrainingError.noEndOfText }
        var corpus = PackedTokens(
            blockLength: min(settings.blockLength, loaded.model.shape.context), endOfText: end)
        for text in texts { corpus.append(text.tokens, context: text.context, isComplete: text.isComplete) }
        let model = loaded.model
        model.computeType = settings.training.precision.dtype
        let adapter = try LoRAAdapter(on: model, settings: settings.adapter, seed: settings.seed)
        let task = LanguageModeling(
            model, corpus, recomputesActivations: settings.training.recomputesActivations)
        let trainer = try Trainer(
            zip(adapter.parameterNames, adapter.parameters).map { (name: $0, tensor: $1) }, task: task,
            settings: settings.training, identity: identity, folder: folder)
        try trainer.run { progress(Progress(stage: "tuning", done: $0.step, total: $0.total)) }
        try adapter.write(
            base: loaded.folder.lastPathComponent, transposedLinears: type(of: model).storesLinearsTransposed,
            to: adapterFolder)
        try AdapterOrigin(
            identity: identity, method: Self.card.name, steer: steer.identity, model: loaded.hash
        )
        .write(to: adapterFolder)
        return adapterFolder
    }
}

public enum SelfGeneratedTrainingError: Error, Equatable, CustomStringConvertible {
    case noPrompts(String)
    case nothingKept
    case noEndOfText

    public var description: String {
        switch self {
        case .noPrompts(let file): "\(file) holds no prompt to write from."
        case .nothingKept: "No text the model wrote could be scored and kept. Raise 'keep' or 'generations'."
        case .noEndOfText: "The model has no end-of-text token: documents could not be told apart."
        }
    }
}
