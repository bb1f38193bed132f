import Foundation
import TheriacDetection
import Testing
import TheriacGeneration
import TheriacModels
import TheriacOptions
import TheriacTensors
import TheriacTesting

@testable import TheriacDetox

/// What every decoding-time method promises; the table's entries are the arguments.
@Suite struct DecodingMethodContractTests {
    static let names = DecodingMethods.all.map { $0.card.name }

    /// What a method gets that is made beside the package's own assets.
    static func context(_ loaded: LoadedModel, newTokens: Int = 8) throws -> MethodContext {
        let assets = try #require(PackageFolder.above(#filePath)).appendingPathComponent("Assets")
        return MethodContext(
            model: loaded, newTokens: newTokens,
            sources: .init(
                asset: { assets.appendingPathComponent($0) },
                folder: {
                    $0.hasPrefix("/")
                        ? URL(fileURLWithPath: $0)
                        : assets.appendingPathComponent($1).appendingPathComponent($0)
                },
                detector: { try Detectors.load(folder: assets.appendingPathComponent("detectors/\($0)")) },
                load: { try LoadedModel(folder: $0) }))
    }

    /// Logits of the token after each row, as the chain of this one method leaves them.
    private func logits(
        _ name: String, _ loaded: LoadedModel, _ state: GenerationState, _ given: [Float]? = nil
    ) throws -> (before: [Float], after: Tensor)? {
        let folder = try TemporaryFolder()
        let settings = try ContractFixtures.settings(of: name, in: folder.url)
        guard
            case .processor(var processor) = try DecodingStep(name: name, settings: settings).makePart(
                Self.context(loaded))
        else { return nil }
        return try Torch.withoutGradients {
            let session = ModelSession(loaded, newTokens: 8)
            try processor.attach(to: session)
            try processor.read(state)
            try session.read(state)
            let logits =
                try given.map { try Tensor($0, shape: [state.rows.count, TinyModel.vocabulary]) }
                ?? session.logits()
            let before = try logits.floats()
            let after = try processor.process(logits, state)
            #expect(try logits.floats() == before, "the given logits were changed")
            return (before, after)
        }
    }

    @Test(arguments: names)
    func keepsShapeAndTypeAndWhatIsForbidden(name: String) throws {
        let loaded = try TinyModel().load()
        var values = SplitMix64(seed: 7)
        var row = values.floats(4 * TinyModel.vocabulary)
        row[5] = -.infinity
        let state = GenerationState(prompts: [[72, 101], [84]], group: 2)
        guard let (_, after) = try logits(name, loaded, state, row) else { return }
        #expect(after.shape == [4, TinyModel.vocabulary] && after.dtype == .float32)
        #expect(try after.floats()[5] == -.infinity)
    }

    @Test(arguments: names)
    func treatsEachRowAloneAsInABatch(name: String) throws {
        let loaded = try TinyModel().load()
        let prompts: [[Int32]] = [[72, 101, 97], [84, 32]]
        guard let together = try logits(name, loaded, GenerationState(prompts: prompts, group: 1)) else {
            return
        }
        let all = try together.after.floats()
        for (index, prompt) in prompts.enumerated() {
            let alone = try #require(
                try logits(name, loaded, GenerationState(prompts: [prompt], group: 1)))
            let own = all[index * TinyModel.vocabulary..<(index + 1) * TinyModel.vocabulary]
            // Sums of products are grouped by the number of rows.
            try expectClose(alone.after.floats(), Array(own), absolute: 1e-4, relative: 1e-4)
        }
    }

    /// The whole generation with the method alone in the chain.
    private func continuations(
        _ name: String, rows: Int, memory: Double = 4, prompts: [(id: String, tokens: [Int32])],
        extra: OptionValue = .object([:])
    ) throws -> [Continuation] {
        let loaded = try TinyModel().load()
        let folder = try TemporaryFolder()
        let settings = try ContractFixtures.settings(of: name, in: folder.url).merging(extra)
        var generation = GenerationSettings()
        generation.samples = 4
        generation.maxNewTokens = 7
        generation.batchRows = rows
        generation.memory = memory
        let part = try DecodingStep(name: name, settings: settings).makePart(
            Self.context(loaded, newTokens: generation.maxNewTokens))
        var generator = try TextGenerator(loaded, settings: generation, parts: [part])
        return try generator.continuations(of: prompts)
    }

    private static let prompts: [(id: String, tokens: [Int32])] = [
        ("a", [5, 17, 260]), ("b", [9]), ("c", [40, 41, 42, 43, 44, 45, 46]),
    ]

    @Test(arguments: names)
    func drawsTheSameWhateverTheBatch(name: String) throws {
        let together = try continuations(name, rows: 200, prompts: Self.prompts)
        #expect(together.count == 12)
        let few = try continuations(name, rows: 3, prompts: Self.prompts)
        #expect(few == together)
        let alone = try Self.prompts.flatMap { try continuations(name, rows: 1, prompts: [$0]) }
        #expect(alone == together)
    }

    /// Settings at which a method does nothing.
    static let inert: [(name: String, settings: OptionValue)] = [
        ("dexperts", .object(["alpha": .number(0)])), ("gedi", .object(["omega": .number(0)])),
        ("self-debiasing", .object(["decay": .number(0)])),
        ("toxification-reversal", .object(["strength": .number(0)])),
        ("steering", .object(["strength": .number(0)])),
        ("rejection", .object(["threshold": .number(1), "detector": .string("lexicon")])),
        ("streaming-guard", .object(["threshold": .number(1), "detector": .string("lexicon")])),
        ("best-of-n", .object(["count": .integer(1), "detector": .string("lexicon")])),
    ]

    @Test(arguments: inert.map(\.name))
    func atStrengthZeroItDoesNothing(name: String) throws {
        let settings = try #require(Self.inert.first { $0.name == name }?.settings)
        let found = try continuations(name, rows: 200, prompts: Self.prompts, extra: settings)
        var generation = GenerationSettings()
        generation.samples = 4
        generation.maxNewTokens = 7
        var plain = try TextGenerator(TinyModel().load(), settings: generation)
        #expect(try found.map(\.tokens) == plain.continuations(of: Self.prompts).map(\.tokens))
    }

    @Test func twoMethodsThatReviewOrSteerAreRefusedTogether() throws {
        let loaded = try TinyModel().load()
        let context = try Self.context(loaded)
        let rejection = try DecodingStep(
            name: "rejection", settings: .object(["detector": .string("lexicon")]))
        let reversal = try DecodingStep(
            name: "toxification-reversal",
            settings: .object(["negative": .string("bad: "), "positive": .string("good: ")]))
        for step in [rejection, reversal] {
            #expect(throws: GenerationError.self) {
                _ = try TextGenerator(
                    loaded, settings: GenerationSettings(),
                    parts: [step.makePart(context), step.makePart(context)])
            }
        }
        #expect(context.detectors.map(\.name) == ["lexicon"])
    }

    @Test func anUnknownSettingOfAMethodIsNamed() {
        #expect {
            try DecodingStep(name: "word-filter", settings: .object(["wrds": .string("x")]))
        } throws: {
            "\($0)" == "Unknown option 'wrds' in method.word-filter. Did you mean 'words'?"
        }
    }
}
