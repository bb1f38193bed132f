public import Foundation
public import TheriacModels
public import TheriacOptions
public import TheriacTensors

/// A GPT-2 with random weights, small enough for unit tests, in a folder as Hugging Face has them.
///
/// Two layers of width 32 and a byte-level vocabulary of 300, unless told otherwise. Weights are wider than at the start
/// of a training, and biases and norms are not 0 and 1: logits differ clearly, and a forgotten bias shows.
public final class TinyModel {
    /// With `config.json`, `model.safetensors` and `tokenizer.json`; removed with this value.
    public var folder: URL { temporary.url.appendingPathComponent("model") }
    public let configuration: OptionValue
    private let temporary: TemporaryFolder

    public static let endOfText = Int32(TinyTokenizer.size - 1)
    public static let vocabulary = TinyTokenizer.size

    /// - Parameter settings: members of `config.json` that differ, for example `["n_positions": .integer(16)]`.
    public init(settings: [String: OptionValue] = [:], dtype: DType = .float32, seed: UInt64 = 1) throws {
        let plain: [String: OptionValue] = [
            "model_type": .string("gpt2"), "n_layer": .integer(2), "n_embd": .integer(32),
            "n_head": .integer(4),
            "n_positions": .integer(64), "layer_norm_epsilon": .number(1e-5),
            "activation_function": .string("gelu_new"),
        ]
        let (model, complete) = try Architectures.fresh(
            .object(plain.merging(settings) { $1 }), vocabulary: Self.vocabulary,
            endOfText: Int(Self.endOfText),
            seed: seed)
        try Self.spreadOut(model, seed: seed)
        configuration = complete
        temporary = try TemporaryFolder()
        let tokenizer = try temporary.write(TinyTokenizer.file(), to: "tokenizer.json")
        try CheckpointWriter.write(
            model, configuration: complete, tokenizerFiles: [tokenizer], dtype: dtype,
            to: temporary.file("model"))
    }

    public func load(precision: DType? = nil) throws -> LoadedModel {
        try LoadedModel(folder: folder, precision: precision)
    }

    private static func spreadOut(_ model: any CausalLanguageModel, seed: UInt64) throws {
        for (index, parameter) in model.parameters.enumerated() {
            let tensor = parameter.tensor
            if tensor.rank == 1 {
                let noise = try Tensor.random(tensor.shape, seed: seed &+ UInt64(index)) * 0.1
                try tensor.assign(tensor + noise)
            } else {
                try tensor.scale(by: 12)
            }
        }
    }
}

/// The tokenizer of ``TinyModel``: 256 bytes, some pairs, and `<|endoftext|>` at the end.
public enum TinyTokenizer {
    public static let size = 300

    /// A `tokenizer.json` of GPT-2's kind.
    public static func file() throws -> String {
        let bytes = (0...255).map { symbol(UInt8($0)) }
        let pairs = merges()
        var vocabulary: [String: Int] = [:]
        for (id, token) in (bytes + pairs.map { $0.0 + $0.1 } + ["<|endoftext|>"]).enumerated() {
            vocabulary[token] = id
        }
        precondition(vocabulary.count == size)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        let words = String(decoding: try encoder.encode(vocabulary), as: UTF8.self)
        let rules = String(decoding: try encoder.encode(pairs.map { [$0.0, $0.1] }), as: UTF8.self)
        return """
            {"version": "1.0", "truncation": null, "padding": null, "added_tokens": [{"id": \(size - 1), \
            "content": "<|endoftext|>", "single_word": false, "lstrip": false, "rstrip": false, "normalized": false, \
            "special": true}], "normalizer": null, "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": false, \
            "trim_offsets": true, "use_regex": true}, "post_processor": null, "decoder": {"type": "ByteLevel"}, \
            "model": {"type": "BPE", "dropout": null, "unk_token": null, "continuing_subword_prefix": null, \
            "end_of_word_suffix": null, "fuse_unk": false, "byte_fallback": false, "vocab": \(words), "merges": \(rules)}}
            """
    }

    /// A blank before each letter, then common pairs, until the vocabulary is full.
    private static func merges() -> [(String, String)] {
        let letters = "abcdefghijklmnopqrstuvwxyz".map { (symbol(0x20), String($0)) }
        let pairs = [
            "th", "he", "in", "er", "an", "re", "on", "at", "en", "nd", "ti", "es", "or", "te", "of", "ed",
            "is",
        ]
        return letters + pairs.map { (String($0.prefix(1)), String($0.suffix(1))) }
    }

    /// GPT-2's printable stand-in for a byte: itself where it prints, else a character from 256 on.
    private static func symbol(_ byte: UInt8) -> String {
        func prints(_ byte: UInt8) -> Bool {
            (0x21...0x7E).contains(byte) || (0xA1...0xAC).contains(byte) || byte >= 0xAE
        }
        if prints(byte) { return String(Unicode.Scalar(byte)) }
        let place = (0..<byte).count { !prints($0) }
        return Unicode.Scalar(256 + UInt32(place)).map { String($0) } ?? ""
    }
}
