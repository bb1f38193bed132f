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

    @Test func anUnknownSettingOfAMethodIsNamed() {
        #expect {
            try DecodingStep(name: "word-filter", settings: .object(["wrds": .string("x")]))
        } throws: {
            "\($0)" == "Unknown option 'wrds' in method.word-filter. Did you mean 'words'?"
        }
    }
}
