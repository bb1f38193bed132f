internal import Foundation
public import TheriacModels
public import TheriacOptions
internal import TheriacTensors
internal import TheriacTokenizers
public import TheriacTraining

/// Settings of a class-conditional model's training.
public struct GeDiTrainingSettings: Options, Equatable {
    /// What texts of each class begin with; only the first token counts.
    public var wanted = " clean"
    public var unwanted = " dirty"
    /// λ in the paper: the share of the generative loss; the rest is discriminative.
    public var generative = 0.6
    /// Multiplies class scores, mean log-likelihoods in nats.
    public var logitScale = 1.0
    /// Tokens of an example, the code among them; longer texts are cut.
    public var blockLength = 64
    public var adapter = LoRASettings()
    public var training = TrainingSettings()

    public init() {
        adapter = .ofEveryLayer
        training.learningRate = 1e-3
        training.batch = 32
        training.microBatch = 16
        training.warmUp = 20
    }

    public mutating func read(_ fields: inout OptionFields) throws(OptionsError) {
        try fields.read("wanted", into: &wanted)
        try fields.read("unwanted", into: &unwanted)
        try fields.read("generative", into: &generative, in: 0...1)
        try fields.read("logit-scale", into: &logitScale, in: 0...1000)
        try fields.read("block-length", into: &blockLength, in: 3...1_000_000)
        try fields.read("adapter", into: &adapter)
        try fields.read("training", into: &training)
        guard wanted != unwanted, !wanted.isEmpty, !unwanted.isEmpty else {
            throw .refused(path: fields.pathOf("unwanted"), reason: "the two classes need codes that differ")
        }
    }
}

/// Tunes an adapter that writes clean text behind one code and toxic text behind another, and tells them apart.
///
/// Each text is read behind both codes; the loss is λ times its mean negative log-likelihood behind its own, plus 1 − λ
/// times the cross-entropy of telling its class by the two.
///
/// Source: Krause et al., *GeDi*, Findings of EMNLP 2021. There the scale of the class scores is learnt; here it is set.
public enum GeDiTraining: MethodTraining {
    public static let name = "gedi"
    public static let summary = "Train a class-conditional model on both classes, for GeDi."
    public static let discussion = """
        The result is a LoRA adapter in PEFT's layout with gedi.json, for --method gedi --set gedi.model=DIR. Killed and
        started again with the same command, it goes on.
        """

    public static func make(_ job: MethodTrainingJob<GeDiTrainingSettings>) throws -> [String: Double] {
        let settings = job.settings
        var codes = ClassCodes()
        codes.wanted = settings.wanted
        codes.unwanted = settings.unwanted
        codes.logitScale = settings.logitScale
        let task = try ClassConditionalTexts(job.loaded, job.texts, codes, settings)
        guard task.examples > 0 else { throw MethodTrainingError.noTokens(.nontoxic) }
        return try job.tune(settings.adapter, settings.training, on: task) { folder in
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .prettyPrinted]
            try encoder.encode(codes).write(to: folder.appendingPathComponent(ClassCodes.file))
        }
    }
}

/// Texts of both classes, each read behind both codes.
struct ClassConditionalTexts: TrainingTask {
    private let model: any CausalLanguageModel
    private let pieces: [(tokens: [Int32], isToxic: Bool)]
    private let codes: [Int32]  // wanted, unwanted
    private let generative: Double
    private let logitScale: Double

    init(
        _ loaded: LoadedModel, _ texts: ClassedTexts, _ codes: ClassCodes, _ settings: GeDiTrainingSettings
    ) throws {
        model = loaded.model
        self.codes = try [codes.wanted, codes.unwanted].map { code in
            guard let token = loaded.tokenizer.encode(code, addingSpecialTokens: false).first else {
                throw MethodTrainingError.noTokens(.nontoxic)
            }
            return token
        }
        generative = settings.generative
        logitScale = settings.logitScale
        let room = min(settings.blockLength, loaded.model.shape.context) - 1
        pieces = ToxicityClass.allCases.flatMap { kind in
            texts[kind].compactMap { text in
                let tokens = Array(loaded.tokenizer.encode(text, addingSpecialTokens: false).prefix(room))
                return tokens.count > 1 ? (tokens, kind == .toxic) : nil
            }
        }
    }

    var examples: Int { pieces.count }
    var tokensPerExample: Int {
        pieces.isEmpty ? 0 : 2 * pieces.reduce(0) { $0 + $1.tokens.count } / pieces.count
    }

    func accumulate(_ examples: [Int], scale: Double) throws -> Double {
        let chosen = examples.map { pieces[$0] }
        let rows = chosen.flatMap { piece in codes.map { [$0] + piece.tokens } }
        let batch = try TokenBatch(rows, for: model.shape, on: model.device)
        let length = batch.length - 1
        // Padding counts nothing; each row's mean is over its own tokens.
        var targets: [Int64] = []
        var shares: [Float] = []
        for row in rows {
            for place in 1..<batch.length {
                let isReal = place < row.count
                targets.append(isReal ? Int64(row[place]) : -100)
                shares.append(isReal ? 1 / Float(row.count - 1) : 0)
            }
        }
        let hidden = try model.hidden(batch).slice(1, 0..<length)
        let logits = try model.logits(hidden).reshape([targets.count, -1])
        let device = logits.device
        let losses = try logits.crossEntropy(
            Tensor(targets, shape: [targets.count], on: device), mean: false)
        let means = try (losses * Tensor(shares, shape: [shares.count], on: device))
            .reshape([rows.count, length]).sum(1).reshape([chosen.count, 2])
        let classes = try Tensor(
            chosen.map { $0.isToxic ? Int64(1) : 0 }, shape: [chosen.count], on: device)
        let own = try means.gather(1, classes.reshape([chosen.count, 1])).mean()
        let told = try (means * -logitScale).crossEntropy(classes)
        let loss = try own * generative + told * (1 - generative)
        try (loss * scale).backward()
        return try loss.item()
    }
}
