internal import Foundation
internal import TheriacFiles
internal import TheriacOptions
internal import TheriacTensors

/// The files of a model folder in Hugging Face's layout, found and opened.
struct CheckpointFolder {
    let url: URL
    /// `config.json` as it was read.
    let configuration: OptionValue
    var fields: OptionFields
    private let weights: ShardedSafetensors

    /// - Throws: ``ModelError`` naming what is missing or not supported.
    init(_ folder: URL) throws {
        url = folder
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
        fields = try OptionFields(configuration, path: "", source: configFile.path)
        fields.allowUnknown()
        let hasWeights = ["model.safetensors", "model.safetensors.index.json"].contains {
            FileManager.default.fileExists(atPath: folder.appendingPathComponent($0).path)
        }
        guard hasWeights else { throw ModelError.missingFile("model.safetensors", folder: folder.path) }
        weights = try ShardedSafetensors(folder: folder)
    }

    /// `model_type`, of a checkpoint that is not quantised.
    mutating func modelType() throws -> String {
        if let quantization = fields.value("quantization_config"), quantization != .null {
            throw ModelError.unsupportedSetting(
                "quantization_config", reason: "use the checkpoint in bf16 or fp32")
        }
        return try fields.require("model_type", as: String.self)
    }

    /// Its weights.
    ///
    /// - Parameters:
    ///   - prefix: of the weights' names, when the file was saved with its head.
    ///   - precision: nil keeps the type the checkpoint is stored in.
    ///   - headSeed: makes the head fresh.
    ///   - roundsFactorsOnly: `precision` is for the matrices of products; embeddings, norms and biases stay float32.
    mutating func store(
        prefix: String, precision: DType?, device: Device, headSeed: UInt64? = nil,
        roundsFactorsOnly: Bool = false
    ) throws -> ParameterStore {
        try ParameterStore(
            weights, folder: url.path, headPrefix: prefix, dtype: precision ?? storedType(), device: device,
            headSeed: headSeed, roundsFactorsOnly: roundsFactorsOnly)
    }

    private mutating func storedType() throws -> DType {
        // transformers 5 writes `dtype`, 4 wrote `torch_dtype`; the file itself decides when both are silent.
        for name in ["dtype", "torch_dtype"] {
            if case .string(let text)? = fields.value(name), let type = DType(precision: text) { return type }
        }
        return weights.tensors.values.lazy.compactMap { DType($0.dtype) }.first(where: \.isFloatingPoint)
            ?? .float32
    }

    /// SHA-256 over the names and contents of configuration, tokenizer and weight files.
    func hash() throws -> String {
        let names = try FileManager.default.contentsOfDirectory(atPath: url.path).sorted()
        var hasher = SHA256Hasher()
        for name in names
        where name == "config.json" || name == "tokenizer.json" || name.hasSuffix(".safetensors") {
            hasher.update(name)
            hasher.update(try sha256(ofFileAt: url.appendingPathComponent(name)))
        }
        return hasher.finish()
    }
}
