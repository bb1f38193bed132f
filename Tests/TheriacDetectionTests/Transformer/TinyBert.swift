import Foundation
import TheriacFiles
import TheriacModels
import TheriacOptions
import TheriacTensors

@testable import TheriacDetection

/// A BERT with random weights: two layers of width 16, 40 positions, a WordPiece vocabulary of invented words.
enum TinyBert {
    static let words = [
        "tree", "river", "walk", "paper", "window", "music", "garden", "letter", "morning", "bread", "grumpy",
        "rotten", "you", "are", "a", "what", "the", "is",
    ]
    static let tokens = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"] + words + ["##s", "##ly", "0", "1", "2", "3"]

    /// Writes a base checkpoint, or a classifier with a head of its own when `labels` are given.
    static func write(
        to folder: URL, labels: [String] = [], settings: [String: OptionValue] = [:], seed: UInt64 = 1
    ) throws {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        var config: [String: OptionValue] = [
            "model_type": .string("bert"), "vocab_size": .integer(tokens.count), "hidden_size": .integer(16),
            "num_hidden_layers": .integer(2), "num_attention_heads": .integer(2),
            "intermediate_size": .integer(32), "max_position_embeddings": .integer(40),
            "hidden_act": .string("gelu"), "type_vocab_size": .integer(2), "layer_norm_eps": .number(1e-12),
            "architectures": .list([.string(labels.isEmpty ? "BertModel" : "BertForSequenceClassification")]),
        ]
        if !labels.isEmpty {
            config["id2label"] = .object(
                Dictionary(uniqueKeysWithValues: labels.enumerated().map { ("\($0)", .string($1)) }))
        }
        config.merge(settings) { $1 }
        var fields = try OptionFields(.object(config), path: "", source: "config")
        fields.allowUnknown()
        let store = ParameterStore(freshWithSeed: seed)
        let bert = try Bert(&fields, store)
        let head = labels.isEmpty ? nil : try bert.makeHead(labels: labels.count, &fields, store)
        let records = try (bert.parameters + (head?.parameters ?? [])).enumerated().map { place, parameter in
            var tensor = parameter.tensor
            // Wider than at the start of a training, so that texts differ clearly.
            if tensor.rank == 2 { tensor = try tensor * 8 }
            if parameter.name == "classifier.bias" {
                tensor = try Tensor.random(tensor.shape, seed: seed &+ UInt64(place))
            }
            let name = labels.isEmpty ? String(parameter.name.dropFirst(5)) : parameter.name
            return SafetensorsRecord(
                name: name, dtype: .float32, shape: tensor.shape, bytes: Data(try tensor.bytes()))
        }
        try SafetensorsFile.write(
            records, metadata: ["format": "pt"], to: folder.appending(path: "model.safetensors"))
        try OptionValue.object(config).jsonData.write(to: folder.appending(path: "config.json"))
        try tokenizer().write(to: folder.appending(path: "tokenizer.json"))
    }

    private static func tokenizer() throws -> Data {
        let special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"].enumerated().map { id, token in
            """
            {"id": \(id), "content": "\(token)", "single_word": false, "lstrip": false, "rstrip": false, \
            "normalized": false, "special": true}
            """
        }
        let vocabulary = tokens.enumerated().map { "\"\($1)\": \($0)" }.joined(separator: ", ")
        return Data(
            """
            {"version": "1.0", "truncation": null, "padding": null, "added_tokens": [\(special.joined(separator: ", "))], \
            "normalizer": {"type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true, \
            "strip_accents": null, "lowercase": true}, "pre_tokenizer": {"type": "BertPreTokenizer"}, \
            "post_processor": {"type": "TemplateProcessing", "single": [{"SpecialToken": {"id": "[CLS]", "type_id": 0}}, \
            {"Sequence": {"id": "A", "type_id": 0}}, {"SpecialToken": {"id": "[SEP]", "type_id": 0}}], "pair": \
            [{"SpecialToken": {"id": "[CLS]", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}, \
            {"SpecialToken": {"id": "[SEP]", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}}, \
            {"SpecialToken": {"id": "[SEP]", "type_id": 1}}], "special_tokens": {"[CLS]": {"id": "[CLS]", "ids": [2], \
            "tokens": ["[CLS]"]}, "[SEP]": {"id": "[SEP]", "ids": [3], "tokens": ["[SEP]"]}}}, "decoder": {"type": \
            "WordPiece", "prefix": "##", "cleanup": true}, "model": {"type": "WordPiece", "unk_token": "[UNK]", \
            "continuing_subword_prefix": "##", "max_input_chars_per_word": 100, "vocab": {\(vocabulary)}}}
            """.utf8)
    }

    /// A text of `count` words drawn by seed.
    static func text(_ count: Int, using random: inout TestRandom) -> String {
        (0..<count).map { _ in words.randomElement(using: &random) ?? "" }.joined(separator: " ")
    }
}
