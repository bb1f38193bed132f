internal import Foundation
public import TheriacModels
public import TheriacOptions
internal import TheriacTensors
internal import TheriacTokenizers
public import TheriacTraining

/// Settings of training a model to heed control tokens.
public struct ControlTokenTrainingSettings: Options, Equatable {
    /// What texts of each class begin with.
    public var nontoxic = ControlTokenMethod.text(of: .nontoxic)
    public var toxic = ControlTokenMethod.text(of: .toxic)
    /// Tokens of an example, the control token's among them; longer texts are cut, and each part begins with it.
    public var blockLength = 64
    public var adapter = LoRASettings()
    public var training = TrainingSettings()

    public init() {
        adapter = .ofEveryLayer
        // One pass over a few thousand texts is not enough for the marks to mean anything.
        training.learningRate = 2e-3
        training.epochs = 3
        training.batch = 32
        training.microBatch = 16
        training.checkpointEvery = 20
    }

    public mutating func read(_ fields: inout OptionFields) throws(OptionsError) {
        try fields.read("nontoxic", into: &nontoxic)
        try fields.read("toxic", into: &toxic)
        try fields.read("block-length", into: &blockLength, in: 2...1_000_000)
        try fields.read("adapter", into: &adapter)
        try fields.read("training", into: &training)
        guard nontoxic != toxic, !nontoxic.isEmpty, !toxic.isEmpty else {
            throw .refused(path: fields.pathOf("toxic"), reason: "the two classes need texts that differ")
        }
    }
}

/// Tunes an adapter on texts that begin with the control token of their class (ATCON).
///
/// Source: Gehman et al., *RealToxicityPrompts*, Findings of EMNLP 2020. They add two tokens to the vocabulary. Here the
/// control token is text: one token where the tokenizer has it, several ordinary ones where it has not, which costs their
/// room in the context and leaves the embedding as it is. It is only read, never learnt, and unlike there no part of a
/// text is ever without it.
public enum ControlTokenTraining: MethodTraining {
    public static let name = "control-token"
    public static let summary = "Train an adapter on texts that begin with <|nontoxic|> or <|toxic|>."
    public static let discussion = """
        The result is a LoRA adapter in PEFT's layout, for --adapter together with --method control-token. Killed and
        started again with the same command, it goes on.
        """

    public static func make(_ job: MethodTrainingJob<ControlTokenTrainingSettings>) throws -> [String: Double]
    {
        let (loaded, settings) = (job.loaded, job.settings)
        let task = try MarkedTexts(
            loaded,
            ToxicityClass.allCases.flatMap { kind in
                job.texts[kind].map { (kind == .nontoxic ? settings.nontoxic : settings.toxic, $0) }
            }, blockLength: min(settings.blockLength, loaded.model.shape.context))
        return try job.tune(settings.adapter, settings.training, on: task)
    }
}

/// Next-token prediction on texts one by one, each behind a mark that is only read.
struct MarkedTexts: TrainingTask {
    /// A text's tokens with its mark, and how many of them are the mark's.
    struct Piece: Equatable {
        var tokens: [Int32]
        var mark: Int
    }

    private let model: any CausalLanguageModel
    let pieces: [Piece]

    init(_ loaded: LoadedModel, _ texts: [(mark: String, text: String)], blockLength: Int) throws {
        guard let end = loaded.endOfText.min() else { throw SelfGeneratedTrainingError.noEndOfText }
        model = loaded.model
        pieces = texts.flatMap { mark, text in
            Self.pieces(
                loaded.tokenizer.encode(mark + text), mark: loaded.tokenizer.encode(mark), end: end,
                blockLength: blockLength)
        }
    }

    /// Cuts a text that is too long; only the last part goes on to the end of the text.
    static func pieces(_ whole: [Int32], mark: [Int32], end: Int32, blockLength: Int) -> [Piece] {
        // The mark's last letters may melt into the text's first token.
        let shared = zip(whole, mark).prefix { $0 == $1 }.count
        let opening = Array(whole.prefix(shared))
        let rest = whole.dropFirst(shared) + [end]
        let room = blockLength - opening.count
        guard rest.count > 1, room > 1 else { return [] }
        return stride(from: rest.startIndex, to: rest.endIndex, by: room).compactMap { start in
            let part = rest[start..<min(start + room, rest.endIndex)]
            let isEndAlone = part.count == 1 && part.first == end
            return isEndAlone ? nil : Piece(tokens: opening + part, mark: opening.count)
        }
    }

    var examples: Int { pieces.count }
    var tokensPerExample: Int {
        pieces.isEmpty ? 0 : pieces.reduce(0) { $0 + $1.tokens.count } / pieces.count
    }

    func accumulate(_ examples: [Int], scale: Double) throws -> Double {
        let chosen = examples.map { pieces[$0] }
        let batch = try TokenBatch(chosen.map(\.tokens), for: model.shape, on: model.device)
        let targets = chosen.flatMap { piece in
            (1..<batch.length).map { place in
                place >= piece.mark && place < piece.tokens.count ? Int64(piece.tokens[place]) : -100
            }
        }
        let hidden = try model.hidden(batch).slice(1, 0..<batch.length - 1)
        let logits = try model.logits(hidden).reshape([targets.count, -1])
        let loss = try logits.crossEntropy(Tensor(targets, shape: [targets.count], on: logits.device))
        try (loss * scale).backward()
        return try loss.item()
    }
}
