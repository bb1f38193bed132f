import Foundation
import TheriacModels
import TheriacOptions
import TheriacTensors
import TheriacTesting
import TheriacTraining
import TheriacTokenizers
import Testing

@testable import TheriacDetox
@testable import TheriacGeneration

@Suite struct VocabularyShiftTests {
    @Test func addsBetaTimesTheClassAndLeavesExcludedTokens() throws {
        let loaded = try TinyModel().load()
        let shift = try VocabularyShiftWeights(freshFor: loaded, seed: 9)
        try shift.bias.assign(.full([TinyModel.vocabulary], 0.25))
        let weights = try shift.weight.floats()
        for (kind, beta) in [(ToxicityClass.nontoxic, 3.0), (.toxic, -1.5), (.toxic, 0)] {
            var processor = try VocabularyShift(shift.added([kind.index]), beta: beta)
            var row = [Float](repeating: 1, count: TinyModel.vocabulary)
            row[40] = -.infinity
            let found = try processor.process(
                Tensor(row, shape: [1, row.count]), GenerationState(prompts: [[1]], group: 1)
            ).floats()
            for token in row.indices where token != 40 {
                // Bytes from 128 on are not UTF-8 by themselves, and the last token ends the text.
                let isShifted = !loaded.endOfText.contains(Int32(token)) && isPlain(token, loaded)
                let expected = isShifted ? 1 + Float(beta) * (weights[2 * token + kind.index] + 0.25) : 1
                expectClose(found[token], expected, absolute: 1e-5)
            }
            #expect(found[40] == -.infinity)
        }
        #expect((0..<TinyModel.vocabulary).count { !isPlain($0, loaded) } == 128)
    }

    /// What both classes favour alike must not be multiplied by β: it says how the texts differ from the model's own.
    @Test func leavesOutWhatTheClassesShare() throws {
        let loaded = try TinyModel().load()
        let shift = try VocabularyShiftWeights(freshFor: loaded, seed: 9)
        let weights = try shift.weight.floats()
        let (own, alone) = try (shift.added([0]).floats(), shift.added(.nontoxic, common: 0).floats())
        // The comma's byte, as if both classes were full of commas.
        let comma = 44
        try shift.bias.assign(
            Tensor((0..<TinyModel.vocabulary).map { $0 == comma ? 3 : 0 }, shape: [TinyModel.vocabulary]))
        let found = try shift.added(.nontoxic, common: 0).floats()
        let opposite = try shift.added(.toxic, common: 0).floats()
        for token in found.indices {
            expectClose(found[token], alone[token], absolute: 1e-6)
            expectClose(found[token], -opposite[token], absolute: 1e-6)
        }
        expectClose(found[comma], (weights[2 * comma] - weights[2 * comma + 1]) / 2, absolute: 1e-6)
        // The published method, and half of the way there.
        expectClose(try shift.added(.nontoxic, common: 1).floats()[comma], own[comma] + 3, absolute: 1e-6)
        expectClose(
            try shift.added(.nontoxic, common: 0.5).floats()[comma],
            (found[comma] + own[comma] + 3) / 2, absolute: 1e-6)
    }

    private func isPlain(_ token: Int, _ loaded: LoadedModel) -> Bool {
        // An independent way to ask: decoding by itself gives a replacement character.
        !loaded.tokenizer.decode([Int32(token)], skippingSpecialTokens: false).contains("\u{FFFD}")
    }

    @Test func theLossIsThatOfShiftedLogits() throws {
        let loaded = try TinyModel().load()
        let shift = try VocabularyShiftWeights(freshFor: loaded, seed: 2)
        var random = SplitMix64(seed: 5)
        let corpora = (0..<2).map { _ in
            var corpus = PackedTokens(blockLength: 6, endOfText: TinyModel.endOfText)
            corpus.append(random.tokens(11, below: 299))
            return corpus
        }
        let task = ShiftedLanguageModeling(loaded.model, corpora, shift)
        #expect(task.examples == 4)
        for example in 0..<4 {
            let tokens = Array(corpora[example / 2].tokens[example % 2 * 6..<example % 2 * 6 + 6])
            let (found, expected) = try Torch.withoutGradients {
                let logits =
                    try loaded.model.logits(of: [tokens]).reshape([6, -1]) + shift.added([example / 2])
                let p = try logits.logSoftmax().floats()
                let sum = (1..<6).reduce(0.0) {
                    $0 - Double(p[($1 - 1) * TinyModel.vocabulary + Int(tokens[$1])])
                }
                return (0.0, sum / 5)
            }
            _ = found
            try shift.weight.setRequiresGradient()
            expectClose(try task.accumulate([example], scale: 1), expected, absolute: 1e-4)
        }
        // Every gradient of an excluded token is 0.
        let gradient = try #require(try shift.weight.gradient()).floats()
        #expect(gradient[2 * Int(TinyModel.endOfText)] == 0 && gradient[2 * 200] == 0)
        #expect(gradient.contains { $0 != 0 })
    }

    @Test func recoversAPlantedShift() throws {
        let loaded = try TinyModel().load()
        var settings = GenerationSettings()
        settings.samples = 100
        settings.maxNewTokens = 24
        settings.sampling.topP = 1
        func texts(_ parts: [DecodingPart]) throws -> PackedTokens {
            var generator = try TextGenerator(loaded, settings: settings, parts: parts)
            var corpus = PackedTokens(blockLength: 24, endOfText: TinyModel.endOfText)
            for text in try generator.continuations(of: [("a", [72])]) { corpus.append(text.tokens) }
            return corpus
        }
        let plain = try texts([])
        // Of the tokens the model writes most often and that may be shifted, every second one is favoured.
        let counts = Dictionary(grouping: plain.tokens, by: { $0 }).mapValues(\.count)
        let common = counts.filter { isPlain(Int($0.key), loaded) && $0.key != TinyModel.endOfText }
            .sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(12).map { Int($0.key) }
        let favoured = common.enumerated().filter { $0.offset % 2 == 0 }.map(\.element)
        let others = common.filter { !favoured.contains($0) }
        var planted = [Float](repeating: 0, count: TinyModel.vocabulary)
        for token in favoured { planted[token] = 1.5 }
        let added = try Tensor(planted, shape: [1, planted.count])
        let corpora = [try texts([.processor(VocabularyShift(added, beta: 1))]), plain]
        let shift = try VocabularyShiftWeights(freshFor: loaded, seed: 1)
        var training = VocabularyShiftTrainingSettings().training
        training.precision = .fp32
        training.learningRate = 0.1
        training.steps = 40
        training.batch = 32
        training.microBatch = 32
        let folder = try TemporaryFolder()
        try Trainer(
            [("weight", shift.weight), ("bias", shift.bias)],
            task: ShiftedLanguageModeling(loaded.model, corpora, shift), settings: training, identity: "x",
            folder: folder.url
        ).run()
        let learnt = try Torch.withoutGradients { try shift.added([0, 1]).floats() }
        func lead(_ kind: Int) -> Double {
            let row = learnt[kind * planted.count..<(kind + 1) * planted.count].map(Double.init)
            return favoured.reduce(0) { $0 + row[$1] } / Double(favoured.count)
                - others.reduce(0) { $0 + row[$1] } / Double(others.count)
        }
        // Known up to what few samples leave open; the class without a shift has none.
        #expect(abs(lead(0) - 1.5) < 0.25)
        #expect(abs(lead(1)) < 0.25)
    }

    @Test func aMadeShiftIsFoundAndNotMadeAgain() throws {
        let model = try TinyModel()
        let folder = try TemporaryFolder()
        let output = folder.file("shift")
        let texts = ClassedTexts(
            nontoxic: ["the rain is on the hill and in the trees here"],
            toxic: ["one or the other of these is not so kind at all"])
        var settings = VocabularyShiftTrainingSettings()
        settings.blockLength = 8
        settings.training.steps = 2
        let measures = try VocabularyShiftTraining.run(
            settings, texts: texts, model: model.load(), output: output)
        #expect(measures["last loss"]?.isFinite == true)
        #expect(try folder.names() == ["shift"])
        #expect(try AdapterOrigin(folder: output).method == "vocabulary-shift")
        let step = try DecodingStep(
            name: "vocabulary-shift", settings: .object(["shift": .string(output.path)]))
        _ = try step.makePart(DecodingMethodContractTests.context(model.load()))
        #expect(
            try VocabularyShiftTraining.run(settings, texts: texts, model: model.load(), output: output)
                .isEmpty)
        settings.training.seed = 2
        #expect(throws: MethodTrainingError.otherRun(output.path)) {
            try VocabularyShiftTraining.run(settings, texts: texts, model: model.load(), output: output)
        }
    }
}
