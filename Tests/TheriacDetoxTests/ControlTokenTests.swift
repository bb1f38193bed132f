import Foundation
import TheriacModels
import TheriacOptions
import TheriacTensors
import TheriacTesting
import TheriacTokenizers
import TheriacTraining
import Testing

@testable import TheriacDetox
@testable import TheriacGeneration

@Suite struct ControlTokenTests {
    @Test func cutsLongTextsAndMarksEachPart() {
        let pieces = MarkedTexts.pieces([7, 8, 1, 2, 3, 4, 5], mark: [7, 8], end: 0, blockLength: 5)
        #expect(
            pieces == [.init(tokens: [7, 8, 1, 2, 3], mark: 2), .init(tokens: [7, 8, 4, 5, 0], mark: 2)])
        // An end alone teaches nothing.
        #expect(
            MarkedTexts.pieces([7, 8, 1, 2, 3], mark: [7, 8], end: 0, blockLength: 5)
                == [.init(tokens: [7, 8, 1, 2, 3], mark: 2)])
        // The mark's last token melted into the text's first.
        #expect(
            MarkedTexts.pieces([7, 9, 2], mark: [7, 8], end: 0, blockLength: 5)
                == [.init(tokens: [7, 9, 2, 0], mark: 1)])
        #expect(MarkedTexts.pieces([7, 8], mark: [7, 8], end: 0, blockLength: 5).isEmpty)
        #expect(MarkedTexts.pieces([7, 8, 1], mark: [7, 8], end: 0, blockLength: 3).isEmpty)
    }

    @Test func theMarkIsReadAndNotLearnt() throws {
        let loaded = try TinyModel().load()
        let task = try MarkedTexts(loaded, [("<x>", "the hill"), ("<y>", "rain")], blockLength: 32)
        let expected = try Torch.withoutGradients {
            var (sum, count) = (0.0, 0)
            for piece in task.pieces {
                let p = try loaded.model.logits(of: [piece.tokens]).logSoftmax().floats()
                for place in piece.mark..<piece.tokens.count {
                    sum -= Double(p[(place - 1) * TinyModel.vocabulary + Int(piece.tokens[place])])
                    count += 1
                }
            }
            return sum / Double(count)
        }
        let adapter = try LoRAAdapter(on: loaded.model, settings: LoRASettings(), seed: 1)
        for parameter in adapter.parameters { try parameter.setRequiresGradient() }
        expectClose(try task.accumulate([0, 1], scale: 1), expected, absolute: 1e-4)
    }

    @Test func standsBeforeEachPromptAndRefusesAModelThatDoesNotKnowIt() throws {
        let loaded = try TinyModel().load()
        let context = try DecodingMethodContractTests.context(loaded)
        #expect(throws: ControlTokenError.unknown("<|nontoxic|>")) {
            try DecodingStep(name: "control-token").makePart(context)
        }
        let step = try DecodingStep(name: "control-token", settings: .object(["text": .string("Kind: ")]))
        guard case .editor(var editor) = try step.makePart(context) else {
            Issue.record("it is an editor")
            return
        }
        #expect(try editor.edit(["a", ""]) == ["Kind: a", "Kind: "])
    }

    @Test func trainsAnAdapterThatLoads() throws {
        let model = try TinyModel()
        let folder = try TemporaryFolder()
        var settings = ControlTokenTrainingSettings()
        settings.training.steps = 2
        settings.training.precision = .fp32
        settings.adapter.rank = 2
        _ = try ControlTokenTraining.run(
            settings, texts: ClassedTexts(nontoxic: ["the rain is here"], toxic: ["not so kind"]),
            model: model.load(), output: folder.file("adapter"))
        #expect(try AdapterOrigin(folder: folder.file("adapter")).method == "control-token")
        let loaded = try model.load()
        let before = try Torch.withoutGradients { try loaded.model.logits(of: [[1, 2, 3]]).floats() }
        try LoRAAdapter(on: loaded.model, folder: folder.file("adapter")).merge()
        let after = try Torch.withoutGradients { try loaded.model.logits(of: [[1, 2, 3]]).floats() }
        #expect(largestDifference(before, after) > 1e-6)
    }
}
