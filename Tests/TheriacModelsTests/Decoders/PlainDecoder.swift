import Foundation
import Testing
import TheriacFiles
import TheriacOptions
import TheriacTensors
import TheriacTesting

@testable import TheriacModels

/// Tiny models of the families with plain feed-forward layers, in the ways their checkpoints differ.
struct PlainDecoder: CustomTestStringConvertible, Sendable {
    let name: String
    let settings: [String: OptionValue]
    var testDescription: String { name }

    static let vocabulary = 61
    static let context = 24

    static let all: [PlainDecoder] = [
        .init("gpt-neox", neoX),
        .init("gpt-neox sequential", neoX, ["use_parallel_residual": .bool(false)]),
        .init("gpt-neox tied", neoX, ["tie_word_embeddings": .bool(true), "attention_bias": .bool(false)]),
        .init("gptj", gptJ),
        .init("gptj tied", gptJ, ["tie_word_embeddings": .bool(true)]),
        .init("opt", opt),
        .init(
            "opt post-norm", opt,
            ["do_layer_norm_before": .bool(false), "word_embed_proj_dim": .integer(12)]),
        .init(
            "opt bare", opt, ["enable_bias": .bool(false), "layer_norm_elementwise_affine": .bool(false)]),
        .init("opt untied", opt, ["tie_word_embeddings": .bool(false)]),
    ]

    private init(
        _ name: String, _ common: [String: OptionValue], _ own: [String: OptionValue] = [:]
    ) {
        self.name = name
        settings = common.merging(own) { $1 }
    }

    private static let neoX: [String: OptionValue] = [
        "model_type": .string("gpt_neox"), "hidden_size": .integer(32), "num_hidden_layers": .integer(2),
        "num_attention_heads": .integer(4), "intermediate_size": .integer(40),
        "max_position_embeddings": .integer(context), "rotary_pct": .number(0.5),
    ]
    private static let gptJ: [String: OptionValue] = [
        "model_type": .string("gptj"), "n_embd": .integer(32), "n_layer": .integer(2), "n_head": .integer(4),
        "n_inner": .integer(40), "n_positions": .integer(context), "rotary_dim": .integer(6),
    ]
    private static let opt: [String: OptionValue] = [
        "model_type": .string("opt"), "hidden_size": .integer(32), "num_hidden_layers": .integer(2),
        "num_attention_heads": .integer(4), "ffn_dim": .integer(40),
        "max_position_embeddings": .integer(context),
    ]

    /// Weights wide enough that logits differ by a few units; a forgotten bias or norm shows.
    func make(seed: UInt64 = 1) throws -> (model: any Architecture, configuration: OptionValue) {
        let made = try Architectures.fresh(
            .object(settings), vocabulary: Self.vocabulary, endOfText: 0, seed: seed)
        for (index, parameter) in made.model.parameters.enumerated() {
            let tensor = parameter.tensor
            if tensor.rank == 1 {
                try tensor.assign(tensor + Tensor.random(tensor.shape, seed: seed &+ UInt64(index)) * 0.1)
            } else {
                try tensor.scale(by: 8)
            }
        }
        return made
    }
}

extension Architectures {
    /// A model without a tokenizer, as `save_pretrained` leaves it.
    static func alone(_ folder: URL, precision: DType = .float32) throws -> any Architecture {
        var files = try CheckpointFolder(folder)
        let architecture = try named(files.modelType())
        let store = try files.store(prefix: architecture.headPrefix, precision: precision, device: .cpu)
        return try architecture.init(&files.fields, store)
    }
}

extension CausalLanguageModel {
    /// Logits of a sequence read over a cache in the parts given, float32 `[parts, vocabulary]`: after each part.
    func cachedLogits(_ parts: [[Int32]]) throws -> [[Float]] {
        try Torch.withoutGradients {
            let cache = KVCache(shape, dtype: computeType)
            let own = try cache.take(parts.reduce(0) { $0 + $1.count })
            var length = 0
            return try parts.map { part in
                let turn = CacheTurn(cache, [.init(own: own, ownLength: length, added: part.count)])
                length += part.count
                return try logits(last(read(part, turn), of: turn)).floats()
            }
        }
    }

    /// The most likely tokens one after the other, over the cache.
    func likeliest(after prompt: [Int32], count: Int) throws -> [Int32] {
        guard count > 0 else { return [] }
        return try Torch.withoutGradients {
            let cache = KVCache(shape, dtype: computeType)
            let own = try cache.take(prompt.count + count)
            var (length, next, tokens) = (0, prompt, [Int32]())
            while tokens.count < count {
                let turn = CacheTurn(cache, [.init(own: own, ownLength: length, added: next.count)])
                length += next.count
                next = [Int32(try logits(last(read(next, turn), of: turn)).argmax(1).integers()[0])]
                tokens += next
            }
            return tokens
        }
    }
}
