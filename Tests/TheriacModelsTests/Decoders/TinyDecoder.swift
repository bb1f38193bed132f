import Foundation
import TheriacOptions
import TheriacTensors

@testable import TheriacModels

/// Small decoders of every rotary family, with random weights; each turns on what its family has of its own.
enum TinyDecoder {
    static let vocabulary = 97

    /// Members of `config.json` that differ between families; positions stretch and windows end within 20 tokens.
    static let settings: [String: String] = [
        "llama": """
        "attention_bias": true, "mlp_bias": true, "head_dim": 12, "rope_parameters": {"rope_type": "llama3",
        "rope_theta": 10000.0, "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
        "original_max_position_embeddings": 16}
        """,
        "mistral": """
        "sliding_window": 5, "num_key_value_heads": 1, "rope_theta": 5000.0
        """,
        "qwen2": """
        "use_sliding_window": true, "sliding_window": 4, "max_window_layers": 1, "tie_word_embeddings": true,
        "rope_scaling": {"type": "yarn", "factor": 4.0, "original_max_position_embeddings": 16}
        """,
        "qwen3": """
        "head_dim": 16, "rope_parameters": {"rope_type": "linear", "rope_theta": 10000.0, "factor": 2.0}
        """,
        "gemma2": """
        "head_dim": 8, "sliding_window": 4, "attn_logit_softcapping": 2.0, "final_logit_softcapping": 4.0,
        "query_pre_attn_scalar": 10
        """,
        "gemma3_text": """
        "head_dim": 8, "sliding_window": 4, "sliding_window_pattern": 2, "query_pre_attn_scalar": 8,
        "rope_local_base_freq": 500.0
        """,
        "phi3": """
        "original_max_position_embeddings": 8, "partial_rotary_factor": 0.75, "rope_scaling": {"type": "longrope",
        "short_factor": [1.0, 1.1, 1.2], "long_factor": [1.5, 2.5, 4.0]}
        """,
    ]
    static let families = settings.keys.sorted()

    /// A complete `config.json`.
    ///
    /// - Parameter changes: members that differ, over those of the family.
    static func configuration(
        _ family: String, _ changes: [String: OptionValue] = [:]
    ) throws -> OptionValue {
        let own = settings[family].map { ", \($0)" } ?? ""
        let text = """
            {"model_type": "\(family)", "hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 2,
            "num_attention_heads": 4, "max_position_embeddings": 64, "initializer_range": 0.2,
            "vocab_size": \(vocabulary)\(own)}
            """
        let plain = try OptionValue(json: Data(text.utf8), source: family)
        let shared = OptionValue.object(["num_key_value_heads": .integer(2)])
        guard case .object(var members) = shared.merging(plain) else { return plain }
        members.merge(changes) { $1 }
        return .object(members)
    }

    /// - Returns: the model, whose norms and biases are not 1 and 0, and its configuration.
    static func make(
        _ family: String, _ changes: [String: OptionValue] = [:]
    ) throws -> (model: any Architecture, configuration: OptionValue) {
        let made = try Architectures.fresh(
            configuration(family, changes), vocabulary: vocabulary, endOfText: 0, seed: 5)
        for (index, parameter) in made.model.parameters.enumerated() where parameter.tensor.rank == 1 {
            let noise = try Tensor.random(parameter.tensor.shape, seed: UInt64(index)) * 0.1
            try parameter.tensor.assign(parameter.tensor + noise)
        }
        return made
    }

    /// Token ids that depend on the seed only.
    static func sequence(_ length: Int, seed: Int) -> [Int32] {
        (0..<length).map { Int32((($0 + 3) * ($0 + seed * 7 + 1) * 31 + seed * 17) % (vocabulary - 1) + 1) }
    }
}

extension CausalLanguageModel {
    /// Logits at every position of `sequences`, row-major.
    func plainLogits(_ sequences: [[Int32]]) throws -> [Float] {
        try Torch.withoutGradients { try logits(of: sequences).floats() }
    }
}
