import Foundation
import Testing
import TheriacModels
import TheriacTensors
import TheriacTesting

@testable import TheriacGeneration

/// Loops that read in one batch write what each would write alone.
@Suite struct SharedPassTests {
    /// Prefers what the model would say behind a prefix.
    private struct Behind: LogitsProcessor {
        let prefix: [Int32]
        var variant = 0
        var session: ModelSession?

        mutating func attach(to session: ModelSession) {
            variant = session.add(.init(prefix: prefix))
            self.session = session
        }

        func process(_ logits: Tensor, _ state: GenerationState) throws -> Tensor {
            guard let session else { return logits }
            return try logits + session.logits(variant) * 2
        }
    }

    /// Moves activations, by whose tokens they are.
    private final class Push: ActivationSteering {
        func residual(_ x: Tensor, layer: Int, _ sequences: [SteeredSequence]) throws -> Tensor {
            let strengths = sequences.flatMap { sequence in
                sequence.tokens.map { _ in Float(1 + abs(sequence.label) % 3) / 4 }
            }
            return try x + Tensor(strengths, shape: [1, strengths.count, 1])
        }
    }

    private struct Steered: LogitsProcessor {
        mutating func attach(to session: ModelSession) throws { try session.steer(Push()) }
        func process(_ logits: Tensor, _ state: GenerationState) throws -> Tensor { logits }
    }

    private static let chains: [@Sendable () -> [DecodingPart]] = [
        { [] },
        { [.processor(Behind(prefix: [7, 8, 9]))] },
        { [.processor(Steered())] },
        { [.processor(Steered()), .processor(Behind(prefix: [11]))] },
    ]

    private func loops(_ loaded: LoadedModel, _ pass: SharedPass?) throws -> [DecodeLoop] {
        try Self.chains.map {
            try DecodeLoop(loaded, newTokens: 40, batchRows: 3, memory: 1, parts: $0(), sharing: pass)
        }
    }

    /// Three orders, of which the loop writes three rows at a time.
    private func addOrders(to loop: DecodeLoop, _ number: Int) {
        for (place, tokens) in [[5, 17, 260], [9], [40, 41, 42, 43]].enumerated() {
            var order = GenerationOrder(id: "\(place)", tokens: tokens.map(Int32.init))
            order.samples = 1 + place
            order.maxNewTokens = 6 + 3 * number
            order.alternatives = place == 1 ? 2 : nil
            order.measuresPrompt = place == 2
            _ = loop.add(order)
        }
    }

    private struct Written: Equatable {
        var texts: [String: [Int32]] = [:]
        var likelihoods: [String: [Double]] = [:]
        var turns = 0

        mutating func add(_ turn: DecodeLoop.Turn) {
            turns += 1
            for done in turn.finished {
                let name = "\(done.order)/\(done.continuation.sample)"
                texts[name] = done.continuation.tokens
                likelihoods[name] = done.logProbabilities?.map { Double($0.logProbability) }
            }
        }
    }

    @Test(arguments: [DType.float32, .bfloat16])
    func writesWhatEachWritesAlone(_ type: DType) throws {
        let model = try TinyModel()
        let loaded = try model.load(precision: type)
        var alone: [Written] = []
        for (number, loop) in try loops(loaded, nil).enumerated() {
            addOrders(to: loop, number)
            var written = Written()
            while let turn = try loop.turn() { written.add(turn) }
            alone.append(written)
        }
        let pass = SharedPass(loaded)
        let together = try loops(loaded, pass)
        for (number, loop) in together.enumerated() { addOrders(to: loop, number) }
        var written = together.map { _ in Written() }
        while true {
            let turns = try DecodeLoop.turns(together).map { try $0.get() }
            if turns.allSatisfy({ $0 == nil }) { break }
            for (index, turn) in turns.enumerated() { if let turn { written[index].add(turn) } }
        }
        #expect(written == alone)
        #expect(Set(alone.map(\.texts)).count == alone.count, "the chains must differ")
        // One pass for all of them, as long as the longest takes.
        #expect(pass.count == alone.map(\.turns).max())
    }

    /// A loop that goes gives its room and its adapters back.
    @Test func roomIsGivenBack() throws {
        let model = try TinyModel()
        let loaded = try model.load()
        let pass = SharedPass(loaded)
        var capacities: [Int] = []
        for _ in 0..<4 {
            let loop = try loops(loaded, pass)[1]
            addOrders(to: loop, 3)
            _ = try loop.turn()
            capacities.append(pass.cache.capacity)
        }
        #expect(capacities.allSatisfy { $0 == capacities[0] })
    }

    /// What fails in one loop leaves the others alone.
    @Test func oneFailureIsOnesOwn() throws {
        struct Broken: LogitsProcessor {
            struct Failure: Error {}
            func read(_ state: GenerationState) throws { throw Failure() }
            func process(_ logits: Tensor, _ state: GenerationState) -> Tensor { logits }
        }
        let model = try TinyModel()
        let loaded = try model.load()
        let pass = SharedPass(loaded)
        let good = try DecodeLoop(loaded, newTokens: 40, batchRows: 3, memory: 1, sharing: pass)
        let bad = try DecodeLoop(
            loaded, newTokens: 40, batchRows: 3, memory: 1, parts: [.processor(Broken())], sharing: pass)
        addOrders(to: good, 0)
        addOrders(to: bad, 0)
        let results = DecodeLoop.turns([bad, good])
        #expect(throws: Broken.Failure.self) { try results[0].get() }
        #expect(try results[1].get()?.rows == 3)
    }
}
