internal import Foundation
internal import TheriacFiles
public import TheriacGeneration
internal import TheriacModels
public import TheriacOptions
internal import TheriacTensors
internal import TheriacTokenizers

/// Settings of the vocabulary shift.
public struct VocabularyShiftSettings: Options, Equatable {
    /// A folder made by `theriac train vocabulary-shift`; nil takes the shipped one of the model's name.
    public var shift: String?
    /// The class that is added. The other one is a check: it should make texts more toxic.
    public var `class` = ToxicityClass.nontoxic
    /// β in the paper: how often the shift is added; 0 changes nothing. The published row has 3.
    public var beta = 3.0
    /// How much of what both classes share is added too: 0 leaves it out, 1 adds all of it, which is the published method.
    public var common = 0.0

    public init() {}

    public mutating func read(_ fields: inout OptionFields) throws(OptionsError) {
        try fields.read("shift", into: &shift)
        try fields.read("class", into: &`class`)
        try fields.read("beta", into: &beta, in: -100...100)
        try fields.read("common", into: &common, in: 0...1)
    }
}

/// Adds to every token's logit a number learnt for the nontoxic class, whatever the text is.
///
/// Source: Ghosh et al., *Affect-LM*, ACL 2017, as in Gehman et al., *RealToxicityPrompts*, Findings of EMNLP 2020. The end
/// of text and tokens that are not UTF-8 by themselves are never shifted: the shift would otherwise favour ending early
/// and broken characters.
///
/// Unlike theirs, only what tells the classes apart is added unless ``VocabularyShiftSettings/common`` says otherwise. Both
/// classes' shifts also learn how the training texts differ from what the model was trained on (their punctuation, their
/// letter case, tokens that they never use), and β multiplies that as well. Theirs came from the model's own kind of text,
/// so that little was common.
public enum VocabularyShiftMethod: DecodingMethod {
    public static let card = MethodCard(
        name: "vocabulary-shift", title: "vocabulary shift",
        summary: "Adds to each token's logit a number that was learnt from nontoxic and toxic texts.",
        source:
            "Ghosh et al., Affect-LM, ACL 2017; Gehman et al., RealToxicityPrompts, Findings of EMNLP 2020",
        cost: "one addition a step")

    /// The kind of folder it is.
    public static let kind = "vocabulary-shifts"

    public static func makePart(
        _ settings: VocabularyShiftSettings, _ context: MethodContext
    ) throws -> DecodingPart {
        let loaded = context.model
        let folder = try context.folder(settings.shift ?? loaded.folder.lastPathComponent, kind: kind)
        try MethodFile.check(folder, madeBy: VocabularyShiftTraining.name)
        let weights = try VocabularyShiftWeights(folder: folder, for: loaded)
        return .processor(
            try VocabularyShift(
                weights.added(settings.class, common: settings.common), beta: settings.beta))
    }
}

/// The shift's processor.
struct VocabularyShift: LogitsProcessor {
    private let added: Tensor  // β times the shift, float32 [1, vocabulary]
    private let isInert: Bool

    /// - Parameter shift: of a class, float32 `[1, vocabulary]`.
    init(_ shift: Tensor, beta: Double) throws {
        added = try shift * beta
        isInert = beta == 0
    }

    mutating func process(_ logits: Tensor, _ state: GenerationState) throws -> Tensor {
        isInert ? logits : try logits + added
    }
}

/// W and b of a shift, and the tokens it leaves alone.
struct VocabularyShiftWeights {
    private static let fileName = "vocabulary-shift.safetensors"

    /// float32 `[vocabulary, 2]`; nontoxic, toxic.
    let weight: Tensor
    /// float32 `[vocabulary]`.
    let bias: Tensor
    /// 1, or 0 for tokens that are never shifted; `[1, vocabulary]`.
    private let isShifted: Tensor

    init(freshFor loaded: LoadedModel, seed: UInt64) throws {
        let vocabulary = loaded.model.shape.vocabulary
        weight = try Tensor.random([vocabulary, 2], seed: seed, on: loaded.model.device) * 0.02
        bias = try .zeros([vocabulary], on: loaded.model.device)
        isShifted = try Self.shifted(loaded)
    }

    init(folder: URL, for loaded: LoadedModel) throws {
        let vocabulary = loaded.model.shape.vocabulary
        let url = folder.appendingPathComponent(Self.fileName)
        let file = try SafetensorsFile(contentsOf: url)
        let device = loaded.model.device
        weight = try MethodFile.tensor("weight", [vocabulary, 2], in: file, url).to(.float32, on: device)
        bias = try MethodFile.tensor("bias", [vocabulary], in: file, url).to(.float32, on: device)
        isShifted = try Self.shifted(loaded)
    }

    /// W a + b for each of `classes`, 0 for tokens that are never shifted: float32 `[classes, vocabulary]`.
    func added(_ classes: [Int]) throws -> Tensor {
        let places = try Tensor(classes.map(Int64.init), shape: [classes.count], on: weight.device)
        return try (weight.transposed().select(0, places) + bias) * isShifted
    }

    /// W a + b of one class, with `common` times the mean over both classes instead of all of it: float32
    /// `[1, vocabulary]`.
    func added(_ kind: ToxicityClass, common: Double) throws -> Tensor {
        let classes = ToxicityClass.allCases
        let mean = try added(classes.map(\.index)).sum(0, keeping: true) * (1 / Double(classes.count))
        return try added([kind.index]) - mean * (1 - common)
    }

    func write(to folder: URL) throws {
        try MethodFile.write(
            [("weight", weight.detached()), ("bias", bias.detached())],
            to: folder.appendingPathComponent(Self.fileName))
    }

    private static func shifted(_ loaded: LoadedModel) throws -> Tensor {
        let tokenizer = loaded.tokenizer
        let special = Set(tokenizer.specialTokens.map(\.id)).union(loaded.endOfText)
        let vocabulary = loaded.model.shape.vocabulary
        let flags = (0..<vocabulary).map { token -> Float in
            guard token < tokenizer.vocabularySize, !special.contains(Int32(token)) else { return 0 }
            return String(validating: tokenizer.tokenBytes(Int32(token)), as: UTF8.self) == nil ? 0 : 1
        }
        return try Tensor(flags, shape: [1, vocabulary], on: loaded.model.device)
    }
}
