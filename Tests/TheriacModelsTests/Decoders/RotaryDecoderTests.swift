import Foundation
import Testing
import TheriacOptions
import TheriacTensors
import TheriacTesting

@testable import TheriacModels

@Suite struct RotaryDecoderTests {
    /// Both sides of what windows and stretched positions change at.
    private static let sequences = [
        TinyDecoder.sequence(19, seed: 1), TinyDecoder.sequence(5, seed: 2), TinyDecoder.sequence(9, seed: 3),
    ]

    private func row(_ logits: [Float], _ position: Int) -> [Float] {
        Array(logits[position * TinyDecoder.vocabulary..<(position + 1) * TinyDecoder.vocabulary])
    }

    @Test(arguments: TinyDecoder.families)
    func readsOverACacheWhatItReadsWhole(family: String) throws {
        let (model, _) = try TinyDecoder.make(family)
        let reading = CachedReading(model)
        // Two rows share each prompt: one goes on with its sequence, the other with another text.
        let prompts = [6, 2, 1]
        let begun = try reading.begin(
            zip(Self.sequences, prompts).map { Array($0[..<$1]) }, copies: 2, room: 20)
        var rows: [[Int32]] = []
        for (index, prompt) in prompts.enumerated() {
            let sequence = Self.sequences[index]
            rows += [sequence, Array(sequence[..<prompt]) + TinyDecoder.sequence(12, seed: 9 + index)]
        }
        var read = prompts.flatMap { [$0, $0] }
        func expectAsWhole(_ found: [Float], _ index: Int) throws {
            let text = Array(rows[index][..<read[index]])
            try expectClose(
                found, row(model.plainLogits([text]), text.count - 1), absolute: 2e-5, relative: 1e-5,
                "row \(index) after \(text.count)")
        }
        for (index, found) in begun.enumerated() { try expectAsWhole(found, 2 * index) }
        for turn in 0..<20 {
            // Pieces of one to three tokens; a row rests now and then, and leaves when it is at its end.
            let pieces = rows.indices.map { index -> [Int32] in
                let count = (turn + index) % 4
                return Array(rows[index][read[index]..<min(read[index] + count, rows[index].count)])
            }
            guard pieces.contains(where: { !$0.isEmpty }) else { continue }
            let found = try reading.add(pieces)
            for (index, piece) in pieces.enumerated() { read[index] += piece.count }
            for (place, index) in pieces.indices.filter({ !pieces[$0].isEmpty }).enumerated() {
                try expectAsWhole(found[place], index)
            }
        }
        #expect(read == rows.map(\.count))
    }

    @Test(arguments: TinyDecoder.families)
    func readsABatchAsOneByOne(family: String) throws {
        let (model, _) = try TinyDecoder.make(family)
        let together = try model.plainLogits(Self.sequences)
        let longest = Self.sequences.map(\.count).max() ?? 0
        for (index, sequence) in Self.sequences.enumerated() {
            let alone = try model.plainLogits([sequence])
            let start = index * longest * TinyDecoder.vocabulary
            expectClose(
                Array(together[start..<start + alone.count]), alone, absolute: 2e-5, relative: 1e-5)
        }
    }

    @Test(arguments: TinyDecoder.families)
    func gradientsAreSlopes(family: String) throws {
        let (model, _) = try TinyDecoder.make(family)
        let batch = try TokenBatch([Array(Self.sequences[0][..<12])], for: model.shape)
        let targets = try Tensor(Self.sequences[0][1..<13].map(Int64.init), shape: [12])
        func loss() throws -> Tensor {
            try model.logits(model.hidden(batch)).reshape([12, -1]).crossEntropy(targets)
        }
        let parameters = model.parameters.map(\.tensor)
        for parameter in parameters { try parameter.setRequiresGradient() }
        let recorded = try Torch.withGradients { try loss() }
        try recorded.backward()
        let plain = try Torch.withoutGradients { try loss().item() }
        expectClose(try recorded.item(), plain, absolute: 1e-5)
        var gradients: [Tensor] = []
        for parameter in model.parameters {
            let gradient = try #require(try parameter.tensor.gradient(), "\(parameter.name)").clone()
            #expect(try (gradient * gradient).sum().item() > 0, "\(parameter.name)")
            gradients.append(gradient)
        }
        // Along the gradient the loss grows by its squared length.
        let squares = try gradients.reduce(0.0) { try $0 + ($1 * $1).sum().item() }
        let step = 2e-3 / squares.squareRoot()
        func moved(_ factor: Double) throws -> Double {
            try Torch.withoutGradients {
                for (parameter, gradient) in zip(parameters, gradients) {
                    try parameter.assign(parameter + gradient * (step * factor))
                }
                return try loss().item()
            }
        }
        let slope = try (moved(1) - moved(-2)) / (2 * step)
        expectClose(slope, squares, absolute: 0, relative: 0.02)
    }

    @Test(arguments: TinyDecoder.families)
    func adaptersAttachToTheUsualAndToAllLayers(family: String) throws {
        let (model, _) = try TinyDecoder.make(family)
        let plain = try model.plainLogits(Self.sequences)
        var all = LoRASettings()
        all.targets = [LoRASettings.allLinear]
        for settings in [LoRASettings(), all] {
            let adapter = try LoRAAdapter(on: model, settings: settings, seed: 1)
            let isFused = family == "phi3"
            let perLayer = settings.targets.isEmpty ? (isFused ? 1 : 2) : (isFused ? 4 : 7)
            #expect(adapter.layers.count == 2 * perLayer)
            #expect(adapter.layers.allSatisfy { $0.path.hasPrefix("model.layers.") })
            #expect(try model.plainLogits(Self.sequences) == plain)
            for (index, layer) in adapter.layers.enumerated() {
                try layer.addition.b.assign(
                    Tensor.random(layer.addition.b.shape, seed: UInt64(index)) * 0.1)
            }
            let changed = try model.plainLogits(Self.sequences)
            #expect(largestDifference(changed, plain) > 0.01)
            for (_, layer, _) in adapter.layers { layer.attach(nil) }
        }
    }

    @Test(arguments: TinyDecoder.families)
    func writesWhatItReads(family: String) throws {
        let (model, configuration) = try TinyDecoder.make(family)
        let folder = try TemporaryFolder()
        try CheckpointWriter.write(
            model, configuration: configuration, tokenizerFiles: [], dtype: .float32,
            to: folder.file("model"))
        var files = try CheckpointFolder(folder.file("model"))
        let architecture = try Architectures.named(files.modelType())
        let store = try files.store(prefix: architecture.headPrefix, precision: nil, device: .cpu)
        let read = try architecture.init(&files.fields, store)
        #expect(read.shape == model.shape)
        #expect(try read.plainLogits(Self.sequences) == model.plainLogits(Self.sequences))
    }

    @Test(arguments: TinyDecoder.families)
    func bfloat16StaysNear(family: String) throws {
        let (model, _) = try TinyDecoder.make(family)
        let exact = try model.plainLogits(Self.sequences)
        model.computeType = .bfloat16
        // 8 bits of mantissa through two blocks, for logits of a spread of 1 to 3.
        try expectClose(model.plainLogits(Self.sequences), exact, absolute: 0.15, relative: 0.02)
        let found = try CachedReading(model).begin(Self.sequences, room: 1)
        let longest = Self.sequences.map(\.count).max() ?? 0
        for (index, sequence) in Self.sequences.enumerated() {
            expectClose(
                found[index], row(exact, index * longest + sequence.count - 1), absolute: 0.15,
                relative: 0.02)
        }
    }

    @Test func theHeadIsOnlyStoredWhereItIsNotTied() throws {
        for isTied in [true, false] {
            let (model, _) = try TinyDecoder.make("llama", ["tie_word_embeddings": .bool(isTied)])
            #expect(model.parameters.contains { $0.name == "lm_head.weight" } != isTied)
        }
    }

    /// What a cache holds of a short sequence is not what a long one needs.
    @Test func refusesToGrowBeyondItsShortPositions() throws {
        let (model, _) = try TinyDecoder.make("phi3")
        #expect(model.longestShort == 8)
        let cache = KVCache(model.shape, dtype: .float32)
        let segment = try cache.take(12)
        func read(_ before: Int, _ added: Int) throws {
            _ = try Torch.withoutGradients {
                try model.read(
                    TinyDecoder.sequence(added, seed: 1),
                    CacheTurn(cache, [.init(own: segment, ownLength: before, added: added)]))
            }
        }
        try read(0, 7)
        try read(7, 1)
        let error = #expect(throws: ModelError.self) { try read(8, 1) }
        #expect(
            error?.description
                == "A sequence grew beyond 8 tokens, where the model's positions change. Read it again from its first token."
        )
        try read(0, 9)
        try read(9, 1)
    }

    @Test(
        arguments: [
            ("llama", ["num_key_value_heads": OptionValue.integer(3)], "num_key_value_heads 3"),
            ("llama", ["head_dim": .integer(7)], "head_dim 7"),
            ("llama", ["hidden_act": .string("snake")], "snake"),
            ("llama", ["rope_parameters": .object(["rope_type": .string("proportional")])], "proportional"),
            (
                "llama", ["rope_parameters": .object(["rope_type": .string("linear")])],
                "linear without factor"
            ),
            ("llama", ["rope_parameters": .object(["mrope_section": .list([.integer(1)])])], "mrope_section"),
            ("llama", ["partial_rotary_factor": .number(0.5)], "partial_rotary_factor 0.5"),
            (
                "mistral", ["layer_types": .list([.string("full_attention"), .string("sliding_attention")])],
                "layer_types"
            ),
            ("qwen2", ["layer_types": .list([.string("full_attention")])], "1 layers of 2"),
            (
                "qwen2", ["layer_types": .list([.string("linear_attention"), .string("x")])],
                "linear_attention"
            ),
            (
                "qwen3",
                ["layer_types": .list([.string("full_attention"), .string("sliding_attention")])],
                "sliding_window says no window"
            ),
            ("gemma2", ["use_bidirectional_attention": .bool(true)], "looks back only"),
            ("gemma3", [:], "gemma3_text"),
            (
                "phi3",
                ["rope_scaling": .object(["type": .string("su"), "short_factor": .list([.number(1)])])],
                "0 numbers in long_factor"
            ),
        ])
    func refusesWhatItCannotCompute(family: String, changes: [String: OptionValue], part: String) throws {
        var message = ""
        do { _ = try TinyDecoder.make(family, changes) } catch { message = "\(error)" }
        #expect(message.contains(part), "found: \(message)")
    }
}
