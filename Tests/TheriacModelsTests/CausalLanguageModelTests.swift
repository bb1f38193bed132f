import Testing
import TheriacOptions
import TheriacTensors
import TheriacTesting

@testable import TheriacModels

@Suite struct CausalLanguageModelTests {
    /// Logits after each of `steps` tokens read one at a time behind the prompts: `[step][row][vocabulary]`, flat.
    private func stepwise(
        _ loaded: LoadedModel, _ prompts: [[Int32]], then steps: [[Int32]], group: Int
    ) throws -> (afterPrompt: [Float], afterSteps: [[Float]]) {
        try Torch.withoutGradients {
            let model = loaded.model
            let cache = KVCache(model.shape, dtype: model.computeType)
            let segments = try prompts.map { try cache.take($0.count) }
            let reading = CacheTurn(
                cache, zip(segments, prompts).map { .init(own: $0, ownLength: 0, added: $1.count) })
            let read = try model.read(prompts.flatMap { $0 }, reading)
            let first = try model.logits(model.last(read, of: reading)).floats()
            let own = try steps.map { try cache.take($0.count) }
            var after: [[Float]] = []
            for step in steps[0].indices {
                let entries = steps.indices.map { row in
                    CacheTurn.Entry(
                        shared: segments[row / group], sharedLength: prompts[row / group].count,
                        own: own[row], ownLength: step, added: 1)
                }
                let hidden = try model.read(steps.map { $0[step] }, CacheTurn(cache, entries))
                after.append(try model.logits(hidden).floats())
            }
            return (first, after)
        }
    }

    @Test func severalTokensAtOnceEqualOneByOne() throws {
        let loaded = try TinyModel().load()
        let model = loaded.model
        let tokens: [Int32] = [4, 8, 15, 16, 23, 42]
        try Torch.withoutGradients {
            let cache = KVCache(model.shape, dtype: .float32)
            _ = try cache.take(3)  // the segment does not begin the pool
            let segment = try cache.take(tokens.count)
            var done = 0
            for count in [2, 1, 3] {
                let turn = CacheTurn(cache, [.init(own: segment, ownLength: done, added: count)])
                let read = try model.read(Array(tokens[done..<done + count]), turn)
                let found = try model.logits(model.last(read, of: turn)).floats()
                done += count
                let whole = try loaded.plainLogits([Array(tokens.prefix(done))])
                expectClose(found, Array(whole.suffix(300)), absolute: 2e-5, relative: 1e-5)
            }
        }
    }

    @Test func aReleasedSegmentIsTakenAgain() throws {
        let loaded = try TinyModel().load()
        let cache = KVCache(loaded.model.shape, dtype: .float32)
        let first = try (0..<3).map { _ in try cache.take(80) }
        let capacity = cache.capacity
        cache.release(first[1])
        #expect(try cache.take(80) == first[1])
        cache.release(first[0])
        cache.release(first[1])
        #expect(try cache.take(160).start == first[0].start, "two gaps that touch are one")
        #expect(cache.capacity == capacity)
        _ = try cache.take(1000)
        #expect(cache.capacity >= capacity + 900)
    }

    @Test(arguments: 0..<4 as Range<UInt64>)
    func cachedLogitsEqualThoseOfWholeSequences(seed: UInt64) throws {
        let loaded = try TinyModel(seed: seed + 1).load()
        var random = SplitMix64(seed: seed)
        let group = 3
        let prompts = [4, 1, 9].map { random.tokens($0, below: 300) }
        let steps = (0..<prompts.count * group).map { _ in random.tokens(5, below: 300) }
        let (afterPrompt, afterSteps) = try stepwise(loaded, prompts, then: steps, group: group)
        let vocabulary = 300
        for (row, step) in steps.enumerated() {
            let prompt = prompts[row / group]
            let whole = try loaded.plainLogits([prompt + step])
            func expected(_ place: Int) -> [Float] {
                Array(whole[place * vocabulary..<(place + 1) * vocabulary])
            }
            func part(_ all: [Float], _ index: Int) -> [Float] {
                Array(all[index * vocabulary..<(index + 1) * vocabulary])
            }
            // The two ways add in different orders: a few units in the last place of sums of about 10.
            expectClose(
                part(afterPrompt, row / group), expected(prompt.count - 1), absolute: 2e-5, relative: 1e-5)
            for place in step.indices {
                expectClose(
                    part(afterSteps[place], row), expected(prompt.count + place), absolute: 2e-5,
                    relative: 1e-5,
                    "row \(row) step \(place)")
            }
        }
    }

    @Test(arguments: 0..<4 as Range<UInt64>)
    func aBatchEqualsItsRowsOneByOne(seed: UInt64) throws {
        let loaded = try TinyModel(seed: seed + 1).load()
        var random = SplitMix64(seed: seed)
        let sequences = [7, 1, 12, 3].map { random.tokens($0, below: 300) }
        let together = try loaded.plainLogits(sequences)
        for (row, sequence) in sequences.enumerated() {
            let alone = try loaded.plainLogits([sequence])
            let start = row * 12 * 300
            expectClose(Array(together[start..<start + alone.count]), alone, absolute: 2e-5, relative: 1e-5)
        }
    }

    @Test func bfloat16StaysNearFloat32() throws {
        let tiny = try TinyModel()
        let exact = try tiny.load().plainLogits([[1, 50, 299, 7, 7]])
        let rounded = try tiny.load(precision: .bfloat16)
        #expect(rounded.model.computeType == .bfloat16)
        // 8 bits of mantissa through two blocks: 4 % of the logits' spread of about 2.
        try expectClose(rounded.plainLogits([[1, 50, 299, 7, 7]]), exact, absolute: 0.08, relative: 0.02)
        // The same for activations alone, over float32 weights.
        let mixed = try tiny.load()
        mixed.model.computeType = .bfloat16
        try expectClose(mixed.plainLogits([[1, 50, 299, 7, 7]]), exact, absolute: 0.08, relative: 0.02)
    }

    @Test func bfloat16CachedStaysNearUncached() throws {
        let loaded = try TinyModel().load(precision: .bfloat16)
        let (_, steps) = try stepwise(loaded, [[4, 8, 15]], then: [[16, 23, 42]], group: 1)
        let whole = try loaded.plainLogits([[4, 8, 15, 16, 23, 42]])
        expectClose(steps[2], Array(whole[5 * 300..<6 * 300]), absolute: 0.08, relative: 0.02)
    }

    @Test(arguments: ["gelu_new", "gelu", "relu", "silu"])
    func activationsDiffer(name: String) throws {
        let changed = try TinyModel(settings: ["activation_function": .string(name)]).load()
        let usual = try TinyModel().load()
        let same = try changed.plainLogits([[1, 2, 3]]) == usual.plainLogits([[1, 2, 3]])
        #expect(same == (name == "gelu_new"))
    }

    @Test(arguments: ["scale_attn_weights", "scale_attn_by_inverse_layer_idx"])
    func attentionScalesCount(name: String) throws {
        let changed = try TinyModel(settings: [name: .bool(name != "scale_attn_weights")]).load()
        let usual = try TinyModel().load()
        #expect(try changed.plainLogits([[1, 2, 3]]) != usual.plainLogits([[1, 2, 3]]))
    }

    @Test func readsUpToItsContextAndNoFurther() throws {
        let loaded = try TinyModel(settings: ["n_positions": .integer(8)]).load()
        let full = [Int32](repeating: 3, count: 8)
        #expect(try loaded.plainLogits([full]).count == 8 * 300)
        let error = #expect(throws: ModelError.self) { _ = try loaded.plainLogits([full + [1]]) }
        #expect(error?.description == "9 tokens do not fit the model's context of 8.")
    }

    @Test(arguments: [Int32(-1), 300, .max])
    func refusesTokensOutsideTheVocabulary(token: Int32) throws {
        let loaded = try TinyModel().load()
        let error = #expect(throws: ModelError.self) { _ = try loaded.plainLogits([[1, token]]) }
        #expect(
            error?.description
                == "Token \(token) is outside the model's vocabulary of 300. Does the tokenizer belong to the model?"
        )
    }

    @Test func makesTheSameFreshModelForTheSameSeed() throws {
        func weights(_ seed: UInt64) throws -> [Float] {
            let config = OptionValue.object([
                "model_type": .string("gpt2"), "n_layer": .integer(1), "n_embd": .integer(16),
                "n_head": .integer(2),
                "n_positions": .integer(8),
            ])
            let (model, complete) = try Architectures.fresh(config, vocabulary: 20, endOfText: 3, seed: seed)
            guard case .object(let members) = complete else { return [] }
            #expect(members["vocab_size"] == .integer(20))
            #expect(members["eos_token_id"] == .integer(3))
            return try model.parameters.flatMap { try $0.tensor.floats() }
        }
        let first = try weights(1)
        #expect(try weights(1) == first)
        #expect(try weights(2) != first)
    }

    @Test func startsFreshWeightsAsGPT2Does() throws {
        let config = OptionValue.object([
            "model_type": .string("gpt2"), "n_layer": .integer(2), "n_embd": .integer(64),
            "n_head": .integer(2),
            "n_positions": .integer(32),
        ])
        let (model, _) = try Architectures.fresh(config, vocabulary: 200, endOfText: 0, seed: 1)
        for parameter in model.parameters {
            let values = try parameter.tensor.floats()
            let deviation = (values.reduce(0) { $0 + $1 * $1 } / Float(values.count)).squareRoot()
            let name = parameter.name
            if parameter.tensor.rank == 1 {
                #expect(Set(values) == [name.hasSuffix("weight") ? 1 : 0], "\(name)")
            } else {
                // Residual projections start smaller, by √(2 · layers).
                expectClose(
                    deviation, name.hasSuffix("c_proj.weight") ? 0.01 : 0.02, absolute: 0.001, "\(name)")
            }
        }
    }
}
