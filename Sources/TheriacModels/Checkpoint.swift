public import Foundation
public import TheriacOptions
public import TheriacTensors
public import TheriacTokenizers

/// A language model with its tokenizer, from a folder in Hugging Face's layout.
public struct LoadedModel {
    public let model: any Architecture
    public let tokenizer: Tokenizer
    /// `config.json` as it was read.
    public let configuration: OptionValue
    /// SHA-256 over configuration and weight files; names the model in results.
    public let hash: String
    public let folder: URL
    /// Tokens that end a text.
    public let endOfText: Set<Int32>
    /// The token generation starts from when there is no prompt.
    public let beginOfText: Int32?
}

extension LoadedModel {
    /// Reads a model folder.
    ///
    /// - Parameters:
    ///   - precision: nil keeps the type the checkpoint is stored in.
    ///   - computeType: the type of activations, when it shall differ from that of the weights.
    /// - Throws: ``ModelError`` naming what is missing or does not fit.
    public init(
        folder: URL, precision: DType? = nil, device: Device = .cpu, threads: Int? = nil
    ) throws {
        var files = try CheckpointFolder(folder)
        configuration = files.configuration
        let architecture = try Architectures.named(files.modelType())
        let store = try files.store(
            prefix: architecture.headPrefix, precision: precision, device: device)
        model = try architecture.init(&files.fields, store)
        tokenizer = try Tokenizer(folder: folder)
        guard tokenizer.vocabularySize <= model.shape.vocabulary else {
            throw ModelError.tokenOutOfRange(tokenizer.vocabularySize - 1, vocabulary: model.shape.vocabulary)
        }
        var begin: Int?
        try files.fields.read("bos_token_id", into: &begin)
        endOfText = try Self.endTokens(files.fields.value("eos_token_id"), tokenizer)
        // Configurations of small models often keep the id of the original's big vocabulary.
        let vocabulary = model.shape.vocabulary
        beginOfText = begin.flatMap { 0..<vocabulary ~= $0 ? Int32($0) : nil } ?? endOfText.min()
        hash = try files.hash()
        self.folder = folder
    }

    private static func endTokens(_ value: OptionValue?, _ tokenizer: Tokenizer) throws -> Set<Int32> {
        switch value {
        case .integer(let id)?: [Int32(clamping: id)]
        case .list(let ids)?:
            Set(ids.compactMap { if case .integer(let id) = $0 { Int32(clamping: id) } else { nil } })
        default: Set([tokenizer.endOfText].compactMap { $0 })
        }
    }
}
