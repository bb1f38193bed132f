public import Foundation
internal import TheriacFiles
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
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: folder.path, isDirectory: &isFolder), isFolder.boolValue
        else {
            throw ModelError.noSuchFolder(folder.path)
        }
        let configFile = folder.appendingPathComponent("config.json")
        guard FileManager.default.fileExists(atPath: configFile.path) else {
            throw ModelError.missingFile("config.json", folder: folder.path)
        }
        configuration = try OptionValue(json: Data(contentsOf: configFile), source: configFile.path)
        var fields = try OptionFields(configuration, path: "", source: configFile.path)
        fields.allowUnknown()
        let architecture = try Architectures.named(fields.require("model_type", as: String.self))
        if let quantization = fields.value("quantization_config"), quantization != .null {
            throw ModelError.unsupportedSetting(
                "quantization_config", reason: "use the checkpoint in bf16 or fp32")
        }
        let hasWeights = ["model.safetensors", "model.safetensors.index.json"].contains {
            FileManager.default.fileExists(atPath: folder.appendingPathComponent($0).path)
        }
        guard hasWeights else { throw ModelError.missingFile("model.safetensors", folder: folder.path) }
        let weights = try ShardedSafetensors(folder: folder)
        let store = ParameterStore(
            weights, folder: folder.path, headPrefix: architecture.headPrefix,
            dtype: try precision ?? Self.storedType(&fields, weights), device: device)
        model = try architecture.init(&fields, store)
        tokenizer = try Tokenizer(folder: folder)
        guard tokenizer.vocabularySize <= model.shape.vocabulary else {
            throw ModelError.tokenOutOfRange(tokenizer.vocabularySize - 1, vocabulary: model.shape.vocabulary)
        }
        var begin: Int?
        try fields.read("bos_token_id", into: &begin)
        endOfText = try Self.endTokens(fields.value("eos_token_id"), tokenizer)
        // Configurations of small models often keep the id of the original's big vocabulary.
        let vocabulary = model.shape.vocabulary
        beginOfText = begin.flatMap { 0..<vocabulary ~= $0 ? Int32($0) : nil } ?? endOfText.min()
        hash = try Self.hash(of: folder)
        self.folder = folder
    }

    private static func storedType(_ fields: inout OptionFields, _ weights: ShardedSafetensors) throws
        -> DType
    {
        // transformers 5 writes `dtype`, 4 wrote `torch_dtype`; the file itself decides when both are silent.
        for name in ["dtype", "torch_dtype"] {
            if case .string(let text)? = fields.value(name), let type = DType(precision: text) { return type }
        }
        return weights.tensors.values.lazy.compactMap { DType($0.dtype) }.first(where: \.isFloatingPoint)
            ?? .float32
    }

    private static func endTokens(_ value: OptionValue?, _ tokenizer: Tokenizer) throws -> Set<Int32> {
        switch value {
        case .integer(let id)?: [Int32(clamping: id)]
        case .list(let ids)?:
            Set(ids.compactMap { if case .integer(let id) = $0 { Int32(clamping: id) } else { nil } })
        default: Set([tokenizer.endOfText].compactMap { $0 })
        }
    }

    /// SHA-256 over the names and contents of configuration, tokenizer and weight files.
    static func hash(of folder: URL) throws -> String {
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
        var hasher = SHA256Hasher()
        for name in names
        where name == "config.json" || name == "tokenizer.json" || name.hasSuffix(".safetensors") {
            hasher.update(name)
            hasher.update(try sha256(ofFileAt: folder.appendingPathComponent(name)))
        }
        return hasher.finish()
    }
}
