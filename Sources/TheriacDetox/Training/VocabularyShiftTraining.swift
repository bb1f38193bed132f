internal import Foundation
internal import TheriacModels
public import TheriacOptions
internal import TheriacTensors
internal import TheriacTokenizers
public import TheriacTraining

/// Settings of training a vocabulary shift. They are for small sets: the authors train at a rate of 1e-3 with 512 documents
/// an update on 300,000 of them, which leaves the shift of a few thousand texts near 0.
public struct VocabularyShiftTrainingSettings: Options, Equatable {
    /// Tokens of a training example.
    public var blockLength = 64
    public var training = TrainingSettings()

    public init() {
        training.learningRate = 0.02
        training.batch = 32
        training.microBatch = 8
        // One number a token: decay would only pull rare tokens back to no shift.
        training.decay = 0
        training.schedule = .constant
        training.warmUp = 0
        training.checkpointEvery = 20
    }

    public mutating func read(_ fields: inout OptionFields) throws(OptionsError) {
        try fields.read("block-length", into: &blockLength, in: 2...1_000_000)
        try fields.read("training", into: &training)
    }
}

/// Learns for each class one number a token, added to the frozen model's logits: W and b of z + W a + b.
///
/// Source: Ghosh et al., *Affect-LM*, ACL 2017, as Gehman et al. (Findings of EMNLP 2020) trained it on toxic and nontoxic
/// documents. The loss is that of language modelling on texts of both classes; W starts from N(0, 0.02) and b from 0. Tokens
/// that are excluded are excluded while training too.
public enum VocabularyShiftTraining: MethodTraining {
    public static let name = "vocabulary-shift"
    public static let summary = "Train a vocabulary shift: one number a token and class, added to the logits."
    public static let discussion = """
        The model stays as it is; only what is added to its logits is learnt, from toxic and nontoxic texts. Takes about
        as long as reading the texts. Killed and started again with the same command, it goes on.
        """

    public static func make(_ job: MethodTrainingJob<VocabularyShiftTrainingSettings>) throws -> [String:
        Double]
    {
        let (loaded, settings) = (job.loaded, job.settings)
        guard let end = loaded.endOfText.min() else { throw SelfGeneratedTrainingError.noEndOfText }
        let length = min(settings.blockLength, loaded.model.shape.context)
        let corpora = ToxicityClass.allCases.map { kind in
            var corpus = PackedTokens(blockLength: length, endOfText: end)
            for text in job.texts[kind] { corpus.append(loaded.tokenizer.encode(text)) }
            return corpus
        }
        loaded.model.computeType = settings.training.precision.dtype
        let shift = try VocabularyShiftWeights(freshFor: loaded, seed: settings.training.seed)
        let trainer = try Trainer(
            [("weight", shift.weight), ("bias", shift.bias)],
            task: ShiftedLanguageModeling(loaded.model, corpora, shift), settings: settings.training,
            identity: job.identity, folder: job.work)
        var loss = 0.0
        try trainer.run {
            loss = $0.loss
            job.report("training", $0.step, $0.total, remark: String(format: "loss %.3f", $0.loss))
        }
        try job.write { try shift.write(to: $0) }
        return ["last loss": loss]
    }
}

/// Next-token prediction with the shift of each block's class added to the frozen model's logits.
struct ShiftedLanguageModeling: TrainingTask {
    private let model: any CausalLanguageModel
    private let corpora: [PackedTokens]
    private let shift: VocabularyShiftWeights

    /// - Parameter corpora: one a class, in the order of ``ToxicityClass/index``.
    init(_ model: any CausalLanguageModel, _ corpora: [PackedTokens], _ shift: VocabularyShiftWeights) {
        self.model = model
        self.corpora = corpora
        self.shift = shift
    }

    var examples: Int { corpora.reduce(0) { $0 + $1.blocks } }
    var tokensPerExample: Int { corpora[0].blockLength }

    /// The class of an example and its tokens.
    private func block(_ example: Int) -> (kind: Int, tokens: [Int32]) {
        let kind = example < corpora[0].blocks ? 0 : 1
        let place = kind == 0 ? example : example - corpora[0].blocks
        let length = tokensPerExample
        return (kind, Array(corpora[kind].tokens[place * length..<(place + 1) * length]))
    }

    func accumulate(_ examples: [Int], scale: Double) throws -> Double {
        let blocks = examples.map(block)
        let length = tokensPerExample
        let logits = try Torch.withoutGradients {
            let batch = try TokenBatch(blocks.map(\.tokens), for: model.shape, on: model.device)
            return try model.logits(model.hidden(batch).slice(1, 0..<length - 1))
        }
        let added = try shift.added(blocks.map(\.kind)).reshape([blocks.count, 1, -1])
        let targets = try Tensor(
            blocks.flatMap { $0.tokens.dropFirst().map(Int64.init) }, shape: [blocks.count * (length - 1)],
            on: logits.device)
        let loss = try (logits + added).reshape([blocks.count * (length - 1), -1]).crossEntropy(targets)
        try (loss * scale).backward()
        return try loss.item()
    }
}
