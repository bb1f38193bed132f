public import Foundation
internal import TheriacFiles
public import TheriacOptions
public import TheriacTensors

/// Writes model folders that transformers and vLLM load.
public enum CheckpointWriter {
    /// Writes `config.json`, `model.safetensors` and the tokenizer's files; the folder appears whole or not at all.
    ///
    /// - Parameters:
    ///   - configuration: the model's `config.json`; the stored type is written into it under both its names.
    ///   - tokenizerFiles: copied as they are.
    public static func write(
        _ model: any CausalLanguageModel, configuration: OptionValue, tokenizerFiles: [URL], dtype: DType,
        to folder: URL
    ) throws {
        try write(
            model.parameters, configuration: configuration, tokenizerFiles: tokenizerFiles, dtype: dtype,
            to: folder)
    }

    /// The same for a classifier with its head.
    public static func write(
        _ classifier: SequenceClassifier, configuration: OptionValue, tokenizerFiles: [URL], dtype: DType,
        to folder: URL
    ) throws {
        try write(
            classifier.parameters, configuration: configuration, tokenizerFiles: tokenizerFiles,
            dtype: dtype, to: folder)
    }

    private static func write(
        _ parameters: [Parameter], configuration: OptionValue, tokenizerFiles: [URL], dtype: DType,
        to folder: URL
    ) throws {
        var config: [String: OptionValue] = [:]
        if case .object(let members) = configuration { config = members }
        config["dtype"] = .string(dtype.name)
        config["torch_dtype"] = .string(dtype.name)
        try AtomicFile.replaceFolder(at: folder) { target in
            try AtomicFile.write(
                OptionValue.object(config).jsonData, to: target.appendingPathComponent("config.json"))
            try SafetensorsFile.write(
                records(of: parameters, dtype: dtype), metadata: ["format": "pt"],
                to: target.appendingPathComponent("model.safetensors"))
            for file in tokenizerFiles {
                try FileManager.default.copyItem(
                    at: file, to: target.appendingPathComponent(file.lastPathComponent))
            }
        }
    }

    static func records(of parameters: [Parameter], dtype: DType) throws -> [SafetensorsRecord] {
        try parameters.map { parameter in
            let plain = try parameter.tensor.detached().to(dtype)
            let stored = parameter.isStoredTransposed ? try plain.transposed() : plain
            return SafetensorsRecord(
                name: parameter.name, dtype: dtype.stored, shape: stored.shape,
                bytes: Data(try stored.bytes()))
        }
    }

    /// The tokenizer's files of a model folder.
    public static func tokenizerFiles(in folder: URL) -> [URL] {
        [
            "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "vocab.json", "merges.txt",
            "vocab.txt",
        ]
        .map { folder.appendingPathComponent($0) }
        .filter { FileManager.default.fileExists(atPath: $0.path) }
    }
}
