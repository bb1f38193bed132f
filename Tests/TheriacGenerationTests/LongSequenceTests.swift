import Testing
import TheriacModels
import TheriacOptions
import TheriacTensors
import TheriacTesting
import TheriacTokenizers

@testable import TheriacGeneration

/// Models with other positions for long sequences than for short ones: a row that grows long is read anew.
@Suite struct LongSequenceTests {
    /// Phi-3 whose positions change beyond 8 tokens.
    private func load() throws -> LoadedModel {
        let factors = OptionValue.object([
            "type": .string("longrope"),
            "short_factor": .list([.number(1), .number(1.1), .number(1.2), .number(1.3)]),
            "long_factor": .list([.number(1.5), .number(2.5), .number(4), .number(7)]),
        ])
        return try TinyModel(settings: [
            "model_type": .string("phi3"), "hidden_size": .integer(32), "intermediate_size": .integer(48),
            "num_hidden_layers": .integer(2), "num_attention_heads": .integer(4),
            "num_key_value_heads": .integer(2), "max_position_embeddings": .integer(32),
            "original_max_position_embeddings": .integer(8), "rope_scaling": factors,
        ]).load()
    }

    private static let prompts: [(id: String, tokens: [Int32])] = [
        ("a", [5, 17, 260]), ("b", [9, 1, 2, 3, 4, 5, 6]), ("c", [40, 41, 42, 43, 44, 45, 46, 47]),
        ("d", [40, 41, 42, 43, 44, 45, 46, 47, 48]),
    ]

    /// The most likely tokens one after the other, each from all before it.
    private func greedy(_ loaded: LoadedModel, _ prompt: [Int32], _ count: Int) throws -> [Int32] {
        try Torch.withoutGradients {
            var tokens = prompt
            for _ in 0..<count {
                let last = try Array(loaded.model.logits(of: [tokens]).floats().suffix(TinyModel.vocabulary))
                tokens.append(Int32(last.indices.max { last[$0] < last[$1] } ?? 0))
                if loaded.endOfText.contains(tokens[tokens.count - 1]) { break }
            }
            return Array(tokens[prompt.count...])
        }
    }

    private func settings() -> GenerationSettings {
        var settings = GenerationSettings()
        settings.samples = 2
        settings.maxNewTokens = 12
        settings.sampling.isGreedy = true
        return settings
    }

    @Test func continuesAsIfEachTokenWereReadFromTheStart() throws {
        let loaded = try load()
        #expect(loaded.model.longestShort == 8)
        let expected = try Self.prompts.flatMap { prompt in
            let tokens = try greedy(loaded, prompt.tokens, 12)
            return [tokens, tokens]
        }
        #expect(expected.contains { $0.count == 12 })
        var generator = try TextGenerator(loaded, settings: settings())
        #expect(try generator.continuations(of: Self.prompts).map { Array($0.tokens.prefix(12)) } == expected)
    }

    /// Takes tokens back on both sides of the border, and goes the same way again.
    @Test(arguments: [1, 5, 6, 8])
    func takesTokensBackAcrossTheBorder(kept: Int) throws {
        struct Once: ContinuationReviewer {
            let kept: Int
            var interval: Int? { 1 }
            mutating func review(_ drafts: [Draft]) throws -> [Review] {
                drafts.map { $0.rewinds == 0 && $0.tokens.count == 9 ? .rewind(tokens: kept) : .keep }
            }
        }
        let loaded = try load()
        var plain = try TextGenerator(loaded, settings: settings())
        var rewound = try TextGenerator(loaded, settings: settings(), parts: [.reviewer(Once(kept: kept))])
        let found = try rewound.continuations(of: Self.prompts)
        #expect(found.contains { $0.attempts == 2 })
        #expect(try plain.continuations(of: Self.prompts).map(\.tokens) == found.map(\.tokens))
    }
}
