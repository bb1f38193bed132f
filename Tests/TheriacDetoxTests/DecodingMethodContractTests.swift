import Foundation
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

    private func processor(_ name: String, _ loaded: LoadedModel) throws -> any LogitsProcessor {
        let assets = try #require(PackageFolder.above(#filePath)).appendingPathComponent("Assets")
        return try DecodingStep(name: name).makeProcessor(
            MethodContext(model: loaded) { assets.appendingPathComponent($0) })
    }

    @Test(arguments: names)
    func keepsShapeAndTypeAndWhatIsForbidden(name: String) throws {
        let loaded = try TinyModel().load()
        var processor = try processor(name, loaded)
        let state = GenerationState(prompts: [[72, 101], [84]], group: 2)
        var values = SplitMix64(seed: 7)
        var row = values.floats(4 * TinyModel.vocabulary)
        row[5] = -.infinity
        let logits = try Tensor(row, shape: [4, TinyModel.vocabulary])
        try processor.begin(state)
        let result = try processor.process(logits, state)
        #expect(result.shape == logits.shape && result.dtype == .float32)
        #expect(try result.floats()[5] == -.infinity)
        #expect(try logits.floats() == row, "the given logits were changed")
    }

    @Test(arguments: names)
    func treatsEachRowAloneAsInABatch(name: String) throws {
        let loaded = try TinyModel().load()
        var values = SplitMix64(seed: 8)
        let row = values.floats(2 * TinyModel.vocabulary)
        let prompts: [[Int32]] = [[72, 101, 97], [84, 32]]
        var batch = try processor(name, loaded)
        let both = GenerationState(prompts: prompts, group: 1)
        try batch.begin(both)
        let together = try batch.process(Tensor(row, shape: [2, TinyModel.vocabulary]), both).floats()
        for (index, prompt) in prompts.enumerated() {
            var alone = try processor(name, loaded)
            let state = GenerationState(prompts: [prompt], group: 1)
            try alone.begin(state)
            let own = Array(row[index * TinyModel.vocabulary..<(index + 1) * TinyModel.vocabulary])
            let result = try alone.process(Tensor(own, shape: [1, TinyModel.vocabulary]), state).floats()
            #expect(
                result == Array(together[index * TinyModel.vocabulary..<(index + 1) * TinyModel.vocabulary]))
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
