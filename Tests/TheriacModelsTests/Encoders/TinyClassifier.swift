import Foundation
import TheriacFiles
import TheriacOptions
import TheriacTensors
import TheriacTesting

@testable import TheriacModels

/// A BERT classifier with random weights, small enough for unit tests, in a folder as Hugging Face has them.
struct TinyClassifier {
    private let temporary: TemporaryFolder
    var folder: URL { temporary.url.appendingPathComponent("model") }

    static let plain: [String: OptionValue] = [
        "model_type": .string("bert"), "vocab_size": .integer(TinyTokenizer.size),
        "hidden_size": .integer(32),
        "num_hidden_layers": .integer(2), "num_attention_heads": .integer(4),
        "intermediate_size": .integer(64),
        "max_position_embeddings": .integer(48), "layer_norm_eps": .number(1e-12),
        "architectures": .list([.string("BertForSequenceClassification")]), "dtype": .string("float32"),
    ]

    /// - Parameters:
    ///   - settings: members of `config.json` that differ.
    ///   - rename: names in the file; nil leaves a weight out.
    init(
        _ settings: [String: OptionValue] = [:], seed: UInt64 = 1, rename: (String) -> String? = { $0 }
    ) throws {
        temporary = try TemporaryFolder()
        let config = OptionValue.object(Self.plain.merging(settings) { $1 })
        var fields = try OptionFields(config, path: "", source: "config")
        fields.allowUnknown()
        let labels = try ClassifierLabels(&fields)
        let family = try Encoders.named(fields.require("model_type", as: String.self))
        let model = try SequenceClassifier(
            family, labels: labels.names, output: labels.output, &fields, ParameterStore(freshWithSeed: seed))
        let records = try model.parameters.enumerated().compactMap { index, parameter -> SafetensorsRecord? in
            guard let name = rename(parameter.name) else { return nil }
            let noise = try Tensor.random(parameter.tensor.shape, seed: seed &+ UInt64(index)) * 0.15
            let spread = try parameter.tensor + noise
            return SafetensorsRecord(
                name: name, dtype: .float32, shape: spread.shape, bytes: Data(try spread.bytes()))
        }
        try temporary.write(config.jsonData, to: "model/config.json")
        try temporary.write(TinyTokenizer.file(), to: "model/tokenizer.json")
        try SafetensorsFile.write(
            records, metadata: ["format": "pt"], to: folder.appendingPathComponent("model.safetensors"))
    }

    func model(precision: DType? = nil) throws -> SequenceClassifier {
        try withExtendedLifetime(temporary) { try classifierAlone(folder, precision: precision) }
    }

    static let sequences: [[Int32]] = [
        [5, 299, 17, 260, 4, 4, 81], [9], (0..<48).map { Int32($0 * 3) }, [1, 2, 3], [298, 7, 7, 40, 41, 5],
    ]
}
