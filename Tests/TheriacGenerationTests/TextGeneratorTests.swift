import Foundation
import Testing
import TheriacModels
import TheriacOptions
import TheriacTensors
import TheriacTesting
import TheriacTokenizers

@testable import TheriacGeneration
@testable import TheriacModels

@Suite struct TextGeneratorTests {
    private func settings(
        samples: Int = 3, tokens: Int = 12, seed: UInt64 = 1, topP: Double = 0.9, greedy: Bool = false
    ) -> GenerationSettings {
        var settings = GenerationSettings()
        settings.samples = samples
        settings.maxNewTokens = tokens
        settings.seed = seed
        settings.sampling.topP = topP
        settings.sampling.isGreedy = greedy
        return settings
    }

    private static let prompts: [(id: String, tokens: [Int32])] = [
        ("a", [5, 17, 260]), ("b", [9]), ("c", [40, 41, 42, 43, 44, 45, 46]), ("d", [261, 12]),
    ]

    // MARK: Draws

    @Test func doesNotDependOnWhatElseIsInTheBatch() throws {
        let loaded = try TinyModel().load()
        var generator = try TextGenerator(loaded, settings: settings())
        let together = try generator.continuations(of: Self.prompts)
        #expect(together.map(\.promptID) == ["a", "a", "a", "b", "b", "b", "c", "c", "c", "d", "d", "d"])
        #expect(together.map(\.sample) == [0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2])
        let backwards = try generator.continuations(of: Self.prompts.reversed())
        let alone = try Self.prompts.flatMap { try generator.continuations(of: [$0]) }
        #expect(alone == together)
        #expect(backwards.sorted { ($0.promptID, $0.sample) < ($1.promptID, $1.sample) } == together)
        // More samples keep the first ones as they are.
        var more = try TextGenerator(loaded, settings: settings(samples: 5))
        #expect(try more.continuations(of: Self.prompts).filter { $0.sample < 3 } == together)
        // And fewer tokens are the beginning of more.
        var fewer = try TextGenerator(loaded, settings: settings(tokens: 4))
        #expect(
            try fewer.continuations(of: Self.prompts).map(\.tokens)
                == together.map { Array($0.tokens.prefix(4)) })
    }

    @Test func dependsOnSeedPromptAndSample() throws {
        let loaded = try TinyModel().load()
        var first = try TextGenerator(loaded, settings: settings(samples: 20))
        var second = try TextGenerator(loaded, settings: settings(samples: 20, seed: 2))
        let texts = try first.continuations(of: [("a", [5, 17])]).map(\.tokens)
        #expect(Set(texts).count == 20)
        #expect(try second.continuations(of: [("a", [5, 17])]).map(\.tokens) != texts)
        #expect(try first.continuations(of: [("b", [5, 17])]).map(\.tokens) != texts)
        #expect(try first.continuations(of: [("a", [5, 17])]).map(\.tokens) == texts)
    }

    @Test func fitsItsRowsToTheMemory() throws {
        let loaded = try TinyModel().load()
        let journal = Journal()
        var settings = settings(samples: 25, tokens: 6)
        var usual = try TextGenerator(
            loaded, settings: settings, parts: [.processor(Witness(name: "w", journal: journal))])
        let found = try usual.continuations(of: Self.prompts)
        settings.memory = 0.0002
        let small = Journal()
        var bounded = try TextGenerator(
            loaded, settings: settings, parts: [.processor(Witness(name: "w", journal: small))])
        #expect(try bounded.continuations(of: Self.prompts) == found)
        #expect(journal.mostRows == 100 && small.mostRows < 40 && small.mostRows > 2, "\(small.mostRows)")
        settings.memory = 0.000001
        var hopeless = try TextGenerator(loaded, settings: settings)
        #expect(throws: GenerationError.self) { _ = try hopeless.continuations(of: Self.prompts) }
    }

    @Test func anEndedRowMakesRoomForTheNext() throws {
        // Prompts b and d end at once, so that the others fill the batch of four to the last.
        let loaded = try TinyModel().load()
        let journal = Journal()
        var settings = settings(samples: 4, tokens: 6)
        settings.batchRows = 5
        let parts: [DecodingPart] = [
            .processor(Ban(tokens: [TinyModel.endOfText])), .processor(EndAtOnce(ids: ["b", "d"])),
            .processor(Witness(name: "w", journal: journal)),
        ]
        var generator = try TextGenerator(loaded, settings: settings, parts: parts)
        let found = try generator.continuations(of: Self.prompts)
        #expect(found.map(\.tokens.count) == [6, 6, 6, 6, 0, 0, 0, 0, 6, 6, 6, 6, 0, 0, 0, 0])
        // The first line is the attachment; the last steps have fewer rows than the batch.
        let full = journal.lines.dropFirst().filter { $0.contains("[5, 300]") }.count
        #expect(full >= journal.lines.count - 1 - 7, "\(journal.lines)")
    }

    /// Ends continuations of some prompts before their first token.
    private struct EndAtOnce: LogitsProcessor {
        var ids: Set<String>

        func process(_ logits: Tensor, _ state: GenerationState) throws -> Tensor {
            let rows = state.rows.indices.filter {
                ids.contains(state.prompts[state.rows[$0].prompt]?.id ?? "")
            }
            let copy = try logits.clone()
            try copy.put(
                1e6, rows: rows.map(Int64.init), columns: rows.map { _ in Int64(TinyModel.endOfText) })
            return copy
        }
    }

    @Test func greedyFollowsTheLargestLogitsOfWholeSequences() throws {
        let loaded = try TinyModel().load()
        var generator = try TextGenerator(loaded, settings: settings(samples: 2, tokens: 10, greedy: true))
        for continuation in try generator.continuations(of: Self.prompts) {
            var tokens = try #require(Self.prompts.first { $0.id == continuation.promptID }).tokens
            for token in continuation.tokens {
                let logits = try Torch.withoutGradients { try loaded.model.logits(of: [tokens]).floats() }
                    .suffix(300)
                let largest = try #require(logits.max())
                #expect(Int(token) == logits.firstIndex(of: largest).map { $0 - logits.startIndex })
                tokens.append(token)
            }
        }
    }

    @Test func drawsFromTheModelsDistribution() throws {
        // 2000 first tokens beside the softmax; χ² over tokens expected five times or more.
        let loaded = try TinyModel().load()
        var generator = try TextGenerator(loaded, settings: settings(samples: 2000, tokens: 1, topP: 1))
        let tokens = try generator.continuations(of: [("a", [5, 17, 260])]).map {
            $0.tokens.first ?? TinyModel.endOfText
        }
        let logits = try Torch.withoutGradients { try loaded.model.logits(of: [[5, 17, 260]]) }
        let probabilities = try logits.softmax().floats().suffix(300).map(Double.init)
        var (statistic, freedom, rest) = (0.0, 0.0, (found: 0.0, expected: 0.0))
        for (token, probability) in probabilities.enumerated() {
            let expected = probability * 2000
            let found = Double(tokens.count { $0 == token })
            if expected < 5 {
                rest = (rest.found + found, rest.expected + expected)
            } else {
                statistic += (found - expected) * (found - expected) / expected
                freedom += 1
            }
        }
        statistic += (rest.found - rest.expected) * (rest.found - rest.expected) / rest.expected
        let limit = freedom * pow(1 - 2 / (9 * freedom) + 3.72 * (2 / (9 * freedom)).squareRoot(), 3)
        #expect(statistic < limit)
    }

    // MARK: Ends

    /// Makes `token` certain for rows that have written `count` tokens.
    private struct Force: LogitsProcessor {
        var token: Int32
        var count: Int

        func process(_ logits: Tensor, _ state: GenerationState) throws -> Tensor {
            let rows = state.rows.indices.filter { state.rows[$0].written.count == count }
            let copy = try logits.clone()
            try copy.put(1e6, rows: rows.map(Int64.init), columns: rows.map { _ in Int64(token) })
            return copy
        }
    }

    @Test(arguments: [0, 1, 4])
    func endsWithTheTextAndLeavesItsTokenOut(count: Int) throws {
        let loaded = try TinyModel().load()
        var generator = try TextGenerator(
            loaded, settings: settings(),
            parts: [.processor(Force(token: TinyModel.endOfText, count: count))])
        for continuation in try generator.continuations(of: Self.prompts) {
            #expect(continuation.finish == .eos)
            #expect(continuation.tokens.count <= count)  // the model may have ended by itself before
            #expect(!continuation.tokens.contains(TinyModel.endOfText))
            #expect(!continuation.text.contains("endoftext"))
            #expect(continuation.text == loaded.tokenizer.decode(continuation.tokens))
        }
    }

    @Test func endsWithTheContext() throws {
        let loaded = try TinyModel(settings: ["n_positions": .integer(8)]).load()
        let ban = Ban(tokens: [TinyModel.endOfText])
        var long = try TextGenerator(
            loaded, settings: settings(samples: 2, tokens: 20), parts: [.processor(ban)])
        let prompts: [(id: String, tokens: [Int32])] = [
            ("five", [1, 2, 3, 4, 5]), ("two", [1, 2]), ("seven", [1, 2, 3, 4, 5, 6, 7]),
        ]
        let found = try long.continuations(of: prompts)
        #expect(found.map(\.tokens.count) == [3, 3, 6, 6, 1, 1])
        #expect(found.allSatisfy { $0.finish == .context })
        // Each as if it were alone.
        #expect(try prompts.flatMap { try long.continuations(of: [$0]) } == found)
        var exact = try TextGenerator(
            loaded, settings: settings(samples: 1, tokens: 3), parts: [.processor(ban)])
        #expect(try exact.continuations(of: prompts).map(\.finish) == [.length, .length, .context])
    }

    @Test func endsWithTheLimit() throws {
        let loaded = try TinyModel().load()
        var generator = try TextGenerator(
            loaded, settings: settings(tokens: 5), parts: [.processor(Ban(tokens: [TinyModel.endOfText]))])
        let found = try generator.continuations(of: Self.prompts)
        #expect(found.allSatisfy { $0.finish == .length && $0.tokens.count == 5 })
        #expect(try generator.continuations(of: []).isEmpty)
    }

    // MARK: Prompts

    @Test func beginsAnEmptyPromptWithTheTokenForIt() throws {
        let loaded = try TinyModel().load()
        #expect(try TextGenerator(loaded, settings: settings()).tokens(of: "") == [299])
        #expect(try TextGenerator(loaded, settings: settings()).tokens(of: " the").count > 0)
        let without = LoadedModel(
            model: loaded.model, tokenizer: loaded.tokenizer, configuration: .null, hash: "",
            folder: loaded.folder,
            endOfText: [], beginOfText: nil)
        let error = #expect(throws: GenerationError.self) {
            _ = try TextGenerator(without, settings: settings()).tokens(of: "")
        }
        #expect(
            error?.description
                == "The prompt is empty and the model has no begin-of-text token. Give a prompt.")
    }

    @Test func refusesAPromptThatFillsTheContext() throws {
        let loaded = try TinyModel(settings: ["n_positions": .integer(8)]).load()
        let generator = try TextGenerator(loaded, settings: settings())
        #expect(try generator.tokens(of: "0123456").count == 7)
        let error = #expect(throws: GenerationError.self) { _ = try generator.tokens(of: "01234567") }
        #expect(
            error?.description
                == "The prompt has 8 tokens; the model reads 8, and one must be left to write. Shorten it.")
    }

    // MARK: Processors

    private struct Ban: LogitsProcessor {
        var tokens: [Int32]

        func process(_ logits: Tensor, _ state: GenerationState) throws -> Tensor {
            let copy = try logits.clone()
            for token in tokens {
                try copy.put(
                    -.infinity, rows: state.rows.indices.map(Int64.init),
                    columns: state.rows.map { _ in Int64(token) })
            }
            return copy
        }
    }

    @Test func neverWritesABannedToken() throws {
        let loaded = try TinyModel().load()
        var free = try TextGenerator(loaded, settings: settings(samples: 20))
        let usual = try free.continuations(of: Self.prompts).flatMap(\.tokens)
        let common = Set(usual).sorted { a, b in usual.count { $0 == a } > usual.count { $0 == b } }.prefix(
            10)
        var banned = try TextGenerator(
            loaded, settings: settings(samples: 20), parts: [.processor(Ban(tokens: Array(common)))])
        let found = try banned.continuations(of: Self.prompts).flatMap(\.tokens)
        #expect(found.count > 100)
        #expect(Set(found).isDisjoint(with: common))
    }

    @Test func saysWhenNothingIsLeftToDraw() throws {
        let loaded = try TinyModel().load()
        struct BanRow: LogitsProcessor {
            func process(_ logits: Tensor, _ state: GenerationState) throws -> Tensor {
                guard state.rows[0].written.count == 2 else { return logits }
                let copy = try logits.clone()
                try copy.put(
                    -.infinity, rows: [Int64](repeating: 4, count: 300), columns: (0..<300).map(Int64.init))
                return copy
            }
        }
        var generator = try TextGenerator(
            loaded, settings: settings(),
            parts: [.processor(Ban(tokens: [TinyModel.endOfText])), .processor(BanRow())])
        let error = #expect(throws: GenerationError.self) {
            _ = try generator.continuations(of: Self.prompts)
        }
        #expect(
            error?.description
                == "No token is left to draw for prompt b at step 2: the model's logits are not finite, or the methods ban "
                + "the whole vocabulary.")
    }

    private final class Journal {
        var lines: [String] = []
        var mostRows = 0
    }

    private struct Witness: LogitsProcessor {
        var name: String
        var journal: Journal
        var calls = 0

        func attach(to session: ModelSession) { journal.lines.append("\(name) is attached") }

        mutating func process(_ logits: Tensor, _ state: GenerationState) throws -> Tensor {
            journal.lines.append("\(name) \(calls): \(logits.shape), \(state.rows.map(\.written.count))")
            journal.mostRows = max(journal.mostRows, state.rows.count)
            calls += 1
            return logits
        }
    }

    @Test func callsProcessorsInTheirOrder() throws {
        let loaded = try TinyModel().load()
        let journal = Journal()
        var generator = try TextGenerator(
            loaded, settings: settings(samples: 2, tokens: 2),
            parts: [
                .processor(Ban(tokens: [TinyModel.endOfText])),
                .processor(Witness(name: "first", journal: journal)),
                .processor(Witness(name: "second", journal: journal)),
            ])
        _ = try generator.continuations(of: [("a", [5, 17])])
        #expect(
            journal.lines == [
                "first is attached", "second is attached", "first 0: [2, 300], [0, 0]",
                "second 0: [2, 300], [0, 0]", "first 1: [2, 300], [1, 1]", "second 1: [2, 300], [1, 1]",
            ])
    }

    @Test func stateKnowsPromptsOfRows() {
        let state = GenerationState(prompts: [[1], [2, 3]], group: 2)
        #expect(state.rows.map { state.prompt(of: $0) } == [[1], [1], [2, 3], [2, 3]])
        #expect(state.rows.map(\.id) == [0, 1, 2, 3])
    }

    // MARK: Housekeeping

    @Test func freesEveryTensor() throws {
        let loaded = try TinyModel().load()
        try expectNoTensorLeaks {
            var generator = try TextGenerator(
                loaded, settings: settings(), parts: [.processor(Ban(tokens: [3]))])
            _ = try generator.continuations(of: Self.prompts)
        }
        let tiny = try TinyModel(settings: ["n_positions": .integer(8)]).load()
        try expectNoTensorLeaks {  // also on the way out of an error
            var generator = try TextGenerator(
                tiny, settings: settings(), parts: [.processor(Ban(tokens: Array(0..<300)))])
            _ = try? generator.continuations(of: Self.prompts)
        }
    }

    @Test func writesContinuationsWithTheirPublishedNames() throws {
        let continuation = Continuation(promptID: "p-1", sample: 2, text: "Hé", tokens: [7, 8], finish: .eos)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        let line = String(decoding: try encoder.encode(continuation), as: UTF8.self)
        #expect(line == #"{"finish":"eos","prompt_id":"p-1","sample":2,"text":"Hé","tokens":[7,8]}"#)
        #expect(try JSONDecoder().decode(Continuation.self, from: Data(line.utf8)) == continuation)
    }

    @Test func readsItsOptions() throws {
        let yaml =
            "{samples: 4, max-new-tokens: 30, seed: 9, top-p: 0.5, top-k: 3, temperature: 0.8, greedy: false, batch-rows: 50}"
        let options = try GenerationSettings(
            OptionValue(yaml: yaml, source: "r"), path: "generation", source: "r")
        var expected = settings(samples: 4, tokens: 30, seed: 9, topP: 0.5)
        expected.sampling.topK = 3
        expected.sampling.temperature = 0.8
        expected.batchRows = 50
        #expect(options == expected)
        for (yaml, message) in [
            ("{top-P: 0.5}", "Unknown option 'top-P' in generation. Did you mean 'top-p'?"),
            ("{samples: 0}", "generation.samples is 0; it must be in 1...100000."),
            ("{temperature: 0}", "generation.temperature is 0.0; it must be in 0.001...1000.0."),
        ] {
            let error = #expect(throws: OptionsError.self) {
                _ = try GenerationSettings(
                    OptionValue(yaml: yaml, source: "r"), path: "generation", source: "r")
            }
            #expect(error?.description == message)
        }
    }
}
