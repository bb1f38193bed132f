import Foundation
import Testing
import TheriacModels
import TheriacTensors
import TheriacTesting

@testable import TheriacTraining

@Suite struct PackedTokensTests {
    @Test func joinsDocumentsWithTheEndOfText() {
        var packed = PackedTokens(blockLength: 3, endOfText: 99)
        packed.append([1, 2])
        packed.append([])
        packed.append([3, 4, 5, 6])
        #expect(packed.tokens == [1, 2, 99, 3, 4, 5, 6, 99])
        #expect(packed.blocks == 2)  // two tokens are left over
        #expect(Array(packed.block(1)) == [3, 4, 5])
    }

    @Test(arguments: [0, 1])
    func hasNoBlocksToGuessIn(length: Int) {
        var packed = PackedTokens(blockLength: length, endOfText: 99)
        packed.append([1, 2, 3])
        #expect(packed.blocks == 0)
    }
}

@Suite struct ExampleOrderTests {
    @Test func showsEveryExampleOnceAPass() {
        var order = ExampleOrder(count: 13, seed: 4)
        let passes = (0..<3).map { pass in (0..<13).map { order.example(at: pass * 13 + $0) } }
        for pass in passes { #expect(pass.sorted() == Array(0..<13)) }
        #expect(Set(passes).count == 3)
        // A position says it all, whatever was asked before.
        var again = ExampleOrder(count: 13, seed: 4)
        #expect(again.example(at: 2 * 13 + 5) == passes[2][5])
        #expect(again.example(at: 5) == passes[0][5])
        var other = ExampleOrder(count: 13, seed: 5)
        #expect((0..<13).map { other.example(at: $0) } != passes[0])
    }
}

@Suite struct LanguageModelingTests {
    /// Random text of eight blocks; all its gradients.
    private func gradients(
        _ loaded: LoadedModel, parts: [[Int]], recomputing: Bool = false, of parameters: [Tensor]? = nil
    ) throws -> (loss: Double, gradients: [[Float]]) {
        let task = LanguageModeling(loaded.model, corpus(), recomputesActivations: recomputing)
        #expect(task.examples == 8)
        #expect(task.tokensPerExample == 16)
        let parameters = parameters ?? loaded.model.parameters.map(\.tensor)
        for parameter in parameters { try parameter.setRequiresGradient() }
        var loss = 0.0
        for part in parts {
            loss += try task.accumulate(part, scale: 1 / Double(parts.count)) / Double(parts.count)
        }
        let gradients = try parameters.map { try #require(try $0.gradient()).floats() }
        return (loss, gradients)
    }

    private func corpus() -> PackedTokens {
        var random = SplitMix64(seed: 9)
        var packed = PackedTokens(blockLength: 16, endOfText: TinyModel.endOfText)
        packed.append(random.tokens(8 * 16 - 1, below: 299))
        return packed
    }

    @Test func lossIsTheMeanNegativeLogLikelihood() throws {
        let loaded = try TinyModel().load()
        let (loss, _) = try gradients(loaded, parts: [[2, 5]])
        var sum = 0.0
        for index in [2, 5] {
            let block = Array(corpus().block(index))
            let logits = try Torch.withoutGradients {
                try loaded.model.logits(of: [block]).logSoftmax().floats()
            }
            for place in 1..<16 { sum -= Double(logits[(place - 1) * 300 + Int(block[place])]) }
        }
        expectClose(loss, sum / 30, absolute: 1e-5)
    }

    /// Float32 sums in another order: some units of the seventh digit of the largest gradients.
    @Test func eightPartsOfOneEqualOneOfEight() throws {
        let tiny = try TinyModel()
        let whole = try gradients(tiny.load(), parts: [Array(0..<8)])
        let parts = try gradients(tiny.load(), parts: (0..<8).map { [$0] })
        expectClose(parts.loss, whole.loss, absolute: 1e-5)
        for (a, b) in zip(parts.gradients, whole.gradients) {
            expectClose(a, b, absolute: 1e-6, relative: 1e-4)
        }
    }

    @Test func recomputedActivationsGiveTheSameGradients() throws {
        let tiny = try TinyModel()
        let kept = try gradients(tiny.load(), parts: [[0, 3, 4]])
        let recomputed = try gradients(tiny.load(), parts: [[0, 3, 4]], recomputing: true)
        #expect(recomputed.loss == kept.loss)
        for (a, b) in zip(recomputed.gradients, kept.gradients) {
            expectClose(a, b, absolute: 1e-7, relative: 1e-5)
        }
    }

    @Test func recomputesForAnAdapterToo() throws {
        let tiny = try TinyModel()
        func run(recomputing: Bool) throws -> [[Float]] {
            let loaded = try tiny.load()
            var settings = LoRASettings()
            settings.targets = ["c_attn", "c_fc"]
            let adapter = try LoRAAdapter(on: loaded.model, settings: settings, seed: 1)
            for layer in adapter.layers {
                try layer.addition.b.assign(.random(layer.addition.b.shape, seed: 2))
            }
            let found = try gradients(
                loaded, parts: [[1, 2]], recomputing: recomputing, of: adapter.parameters)
            #expect(try loaded.model.parameters.allSatisfy { try $0.tensor.gradient().map(\.rank) == nil })
            return found.gradients
        }
        let (recomputed, kept) = (try run(recomputing: true), try run(recomputing: false))
        // What blocks begin with is computed without gradients, by products that add in another order.
        for (a, b) in zip(recomputed, kept) { expectClose(a, b, absolute: 5e-6, relative: 1e-4) }
    }

    @Test func keepsFloat32GradientsUnderBfloat16() throws {
        let tiny = try TinyModel()
        let exact = try gradients(tiny.load(), parts: [[0, 1]])
        let mixed = try tiny.load()
        mixed.model.computeType = .bfloat16
        let rounded = try gradients(mixed, parts: [[0, 1]])
        #expect(try #require(try mixed.model.parameters[0].tensor.gradient()).dtype == .float32)
        expectClose(rounded.loss, exact.loss, absolute: 0.05)  // eight bits of each logit
        for (a, b) in zip(rounded.gradients, exact.gradients) {
            // The direction stays: the cosine between both is near 1.
            let dot = zip(a, b).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
            let norms = [a, b].map { $0.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot() }
            #expect(dot / (norms[0] * norms[1]) > 0.99)
        }
    }

    @Test func freesEveryTensor() throws {
        let loaded = try TinyModel().load()
        for recomputing in [false, true] {
            try expectNoTensorLeaks {
                _ = try gradients(loaded, parts: [[0], [1]], recomputing: recomputing)
                for parameter in loaded.model.parameters { try parameter.tensor.clearGradient() }
            }
        }
    }
}
