public import Foundation
public import TheriacOptions
public import TheriacTensors
public import TheriacTokenizers

/// A sequence classifier with its tokenizer, from a folder in Hugging Face's layout.
public struct LoadedClassifier {
    public let classifier: SequenceClassifier
    public let tokenizer: Tokenizer
    /// `config.json` as it was read; with the new labels where the head is fresh.
    public let configuration: OptionValue
    /// Whether `config.json` names its labels, or only numbers them.
    public let hasNamedLabels: Bool
    /// SHA-256 over configuration, tokenizer and weight files; names the model in results. A fresh head does not count.
    public let hash: String
    public let folder: URL

    /// Reads the folder of a classifier that has its head.
    ///
    /// - Parameter precision: of products and their matrices; nil keeps the type the checkpoint is stored in. Embeddings,
    ///   norms and the head are float32 in any case.
    /// - Throws: ``ModelError`` naming what is missing or does not fit.
    public init(folder: URL, precision: DType? = nil, device: Device = .cpu) throws {
        var files = try CheckpointFolder(folder)
        let (model, labels) = try Self.model(&files, precision: precision, device: device)
        try self.init(model, files, files.configuration, hasNamedLabels: labels.areNamed)
    }

    /// Reads a base checkpoint and gives it a fresh head for `labels`, each to be scored for itself.
    ///
    /// Names of weights may lack the family's prefix. What the file has of the head before its last layers (a pooler) is
    /// used, the rest is made fresh, the same for the same seed.
    public init(
        base folder: URL, labels: [String], seed: UInt64, precision: DType? = nil, device: Device = .cpu
    ) throws {
        let files = try CheckpointFolder(folder)
        let (model, configuration) = try Self.model(
            base: files, labels: labels, seed: seed, precision: precision, device: device)
        try self.init(model, files, configuration, hasNamedLabels: true)
    }

    private init(
        _ model: SequenceClassifier, _ files: CheckpointFolder, _ configuration: OptionValue,
        hasNamedLabels: Bool
    ) throws {
        classifier = model
        tokenizer = try Tokenizer(folder: files.url)
        guard tokenizer.vocabularySize <= model.shape.vocabulary else {
            throw ModelError.tokenOutOfRange(tokenizer.vocabularySize - 1, vocabulary: model.shape.vocabulary)
        }
        self.configuration = configuration
        self.hasNamedLabels = hasNamedLabels
        hash = try files.hash()
        folder = files.url
    }

    /// The classifier of a folder, without its tokenizer.
    static func model(
        _ files: inout CheckpointFolder, precision: DType?, device: Device = .cpu
    ) throws -> (SequenceClassifier, ClassifierLabels) {
        let family = try Encoders.named(files.modelType())
        if case .list(let classes)? = files.fields.value("architectures"),
            case .string(let name)? = classes.first, !name.hasSuffix("ForSequenceClassification")
        {
            throw ModelError.unsupportedSetting(
                "architectures \(name)",
                reason:
                    "a classifier needs a head (\(family.className)); train one over this checkpoint first")
        }
        let labels = try ClassifierLabels(&files.fields)
        let store = try files.store(
            prefix: family.headPrefix, precision: precision, device: device, roundsFactorsOnly: true)
        let model = try SequenceClassifier(
            family, labels: labels.names, output: labels.output, &files.fields, store)
        return (model, labels)
    }

    /// The classifier over a base, without its tokenizer.
    static func model(
        base files: CheckpointFolder, labels: [String], seed: UInt64, precision: DType?,
        device: Device = .cpu
    ) throws -> (SequenceClassifier, OptionValue) {
        guard !labels.isEmpty, Set(labels).count == labels.count else {
            throw ModelError.unsupportedSetting(
                "labels \(labels)", reason: "a classifier needs one or more different labels")
        }
        var files = files
        let family = try Encoders.named(files.modelType())
        let store = try files.store(
            prefix: family.headPrefix, precision: precision, device: device, headSeed: seed,
            roundsFactorsOnly: true)
        let model = try SequenceClassifier(family, labels: labels, output: .sigmoid, &files.fields, store)
        return (model, ClassifierLabels.multiLabel(labels, family, over: files.configuration))
    }
}
