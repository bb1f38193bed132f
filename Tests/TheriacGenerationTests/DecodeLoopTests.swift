import Foundation
import Testing
import TheriacModels
import TheriacOptions
import TheriacTensors
import TheriacTesting
import TheriacTokenizers

@testable import TheriacGeneration
@testable import TheriacModels

@Suite struct DecodeLoopTests {
    private func loop(_ loaded: LoadedModel, rows: Int = 50, parts: [DecodingPart] = []) throws -> DecodeLoop
    {
        try DecodeLoop(loaded, newTokens: 40, batchRows: rows, memory: 1, parts: parts)
    }

    private func order(_ tokens: [Int32], seed: UInt64 = 1, count: Int = 12) -> GenerationOrder {
        var order = GenerationOrder(id: "\(tokens)", tokens: tokens)
        order.maxNewTokens = count
        order.seed = seed
        order.ignoresEndOfText = true
        return order
    }

    /// Runs until nothing is left; continuations by order and sample.
    private func finish(_ loop: DecodeLoop) throws -> [Int: [DecodeLoop.Finished]] {
        var found: [Int: [DecodeLoop.Finished]] = [:]
        while let turn = try loop.turn() {
            for done in turn.finished { found[done.order, default: []].append(done) }
        }
        return found.mapValues { $0.sorted { $0.continuation.sample < $1.continuation.sample } }
    }

    private static let orders: [(tokens: [Int32], change: @Sendable (inout GenerationOrder) -> Void)] = [
        ([5, 17, 260], { $0.sampling.topP = 0.9 }),
        (
            [9],
            {
                $0.sampling.isGreedy = true
                $0.maxNewTokens = 30
            }
        ),
        (
            [40, 41, 42, 43],
            {
                $0.samples = 3
                $0.sampling.temperature = 1.5
                $0.seed = 7
            }
        ),
        (
            [261, 12],
            {
                $0.adjustments.bias = [5: 3, 6: -100]
                $0.adjustments.frequencyPenalty = 1
                $0.sampling.topK = 20
            }
        ),
        (
            [8, 9],
            {
                $0.adjustments.repetitionPenalty = 1.3
                $0.alternatives = 3
                $0.measuresPrompt = true
            }
        ),
    ]

    /// Rows with settings of their own that come at different times write what each writes alone.
    @Test func whatIsWrittenDoesNotDependOnWhatElseIsThere() throws {
        let loaded = try TinyModel().load()
        let made = Self.orders.map { tokens, change in
            var order = order(tokens)
            change(&order)
            return order
        }
        let alone = try made.map { order in
            let loop = try loop(loaded)
            let number = loop.add(order)
            return try #require(finish(loop)[number])
        }
        let shared = try loop(loaded, rows: 4)
        var numbers: [Int] = []
        var found: [Int: [DecodeLoop.Finished]] = [:]
        var waiting = made[...]
        var turns = 0
        repeat {
            if turns % 3 == 0, let next = waiting.popFirst() { numbers.append(shared.add(next)) }
            turns += 1
            guard let turn = try shared.turn() else { continue }
            #expect(turn.rows <= 4)
            for done in turn.finished { found[done.order, default: []].append(done) }
        } while !waiting.isEmpty || found.values.reduce(0, { $0 + $1.count }) < 7
        for (number, expected) in zip(numbers, alone) {
            let got = (found[number] ?? []).sorted { $0.continuation.sample < $1.continuation.sample }
            #expect(got.map(\.continuation) == expected.map(\.continuation))
            #expect(got.map(\.logProbabilities) == expected.map(\.logProbabilities))
        }
        #expect(Set(alone.flatMap { $0 }.map(\.continuation.tokens)).count == 7)
    }

    /// Tokens' log-probabilities against a softmax over whole sequences.
    @Test func tellsHowLikelyTokensWere() throws {
        let loaded = try TinyModel().load()
        var wanted = order([5, 17, 260, 30], count: 6)
        wanted.alternatives = 4
        wanted.measuresPrompt = true
        let loop = try loop(loaded)
        let number = loop.add(wanted)
        var prompt: [TokenLogProbability?] = []
        var written: [TokenLogProbability] = []
        var tokens: [Int32] = []
        while let turn = try loop.turn() {
            prompt += turn.prompts.first { $0.order == number }?.values ?? []
            for done in turn.finished {
                written = done.logProbabilities ?? []
                tokens = done.continuation.tokens
            }
        }
        #expect(prompt.count == 4 && prompt[0] == nil && written.map(\.token) == tokens)
        let all = wanted.tokens + tokens
        let values = try Torch.withoutGradients {
            try loaded.model.logits(of: [all]).logSoftmax().floats()
        }
        for (place, value) in (prompt + written).enumerated().dropFirst() {
            let value = try #require(value)
            let row = Array(values[(place - 1) * 300..<place * 300])
            #expect(value.token == all[place])
            #expect(abs(value.logProbability - row[Int(all[place])]) < 1e-4)
            let best = row.indices.sorted { row[$0] > row[$1] }.prefix(4)
            #expect(value.top.map { Int($0.token) } == Array(best))
            // The likeliest token has one number, not two that are nearly alike.
            if value.token == value.top[0].token {
                #expect(value.logProbability == value.top[0].logProbability)
            }
        }
    }

    /// Sums over prompts are what ``Likelihood`` finds.
    @Test func promptsAreAsLikelyAsLikelihoodSays() throws {
        let loaded = try TinyModel().load()
        let sequences: [[Int32]] = [[5, 17, 260, 30], [9, 8], [40, 41, 42, 43, 44, 45, 46, 47]]
        let loop = try loop(loaded)
        for tokens in sequences {
            var order = order(tokens, count: 1)
            order.alternatives = 0
            order.measuresPrompt = true
            _ = loop.add(order)
        }
        let turn = try #require(try loop.turn())
        let expected = try Likelihood(loaded).scores(of: sequences.map { .init(tokens: $0, from: 1) })
        #expect(turn.prompts.count == 3)
        for (prompt, expected) in zip(turn.prompts, expected) {
            let sum = prompt.values.reduce(0.0) { $0 + Double($1?.logProbability ?? 0) }
            #expect(abs(sum + expected.loss) < 1e-4)
        }
    }

    @Test func endsWhereAStopTextBegins() throws {
        let loaded = try TinyModel().load()
        for seed in 1...20 as ClosedRange<UInt64> {
            let plain = try loop(loaded)
            _ = plain.add(order([5, 17], seed: seed, count: 30))
            let text = try #require(finish(plain)[0]?.first).continuation.text
            let scalars = Array(text.unicodeScalars)
            guard scalars.count > 12, !scalars.contains("\u{FFFD}") else { continue }
            var view = String.UnicodeScalarView()
            view.append(contentsOf: scalars[6..<9])
            let stop = String(view)
            var stopped = order([5, 17], seed: seed, count: 30)
            stopped.stops = ["never there", stop]
            let cut = try loop(loaded)
            _ = cut.add(stopped)
            let found = try #require(finish(cut)[0]?.first)
            let end = try #require(text.utf8.firstRange(of: stop.utf8)).lowerBound
            #expect(found.continuation.text == String(text[..<end]))
            #expect(found.continuation.finish == .stopText)
            #expect(
                found.continuation.text.hasPrefix(loaded.tokenizer.decode(found.continuation.tokens)))
            #expect(found.drawn >= found.continuation.tokens.count)
        }
    }

    /// An order for which nothing can be drawn ends alone.
    @Test func aFailureStaysWithItsOrder() throws {
        let loaded = try TinyModel().load()
        let usual = try loop(loaded)
        let expected = try #require(
            try finish(
                { () -> DecodeLoop in
                    _ = usual.add(order([5, 17]))
                    return usual
                }())[0]?.first
        ).continuation
        let loop = try loop(loaded)
        var hopeless = order([9, 9])
        hopeless.samples = 2
        hopeless.adjustments.bias = Dictionary(
            uniqueKeysWithValues: (0..<Int32(300)).map { ($0, -Float.infinity) })
        let (bad, good) = (loop.add(hopeless), loop.add(order([5, 17])))
        var failed: [Int] = []
        var found: [Continuation] = []
        while let turn = try loop.turn() {
            failed += turn.failed.map(\.order)
            found += turn.finished.filter { $0.order == good }.map(\.continuation)
        }
        #expect(failed == [bad])
        #expect(found == [expected])
    }

    @Test func aCancelledOrderLeavesAtOnce() throws {
        let loaded = try TinyModel().load()
        let loop = try loop(loaded)
        let (first, second) = (loop.add(order([5, 17])), loop.add(order([6, 18])))
        #expect(try loop.turn()?.rows == 2)
        loop.cancel(first)
        #expect(try loop.turn()?.rows == 1)
        let found = try finish(loop)
        #expect(found[first] == nil && found[second]?.first?.continuation.tokens.count == 12)
        #expect(try loop.turn() == nil)
    }

    /// Many orders through one loop leave nothing behind.
    @Test func keepsNothingOfWhatIsDone() throws {
        let loaded = try TinyModel().load()
        let loop = try loop(loaded)
        var shares: Set<Double> = []
        for round in 0..<20 {
            for place in 0..<5 { _ = loop.add(order([5, Int32(round + place)], count: 5 + round % 3)) }
            _ = try finish(loop)
            shares.insert(loop.memoryShare)
        }
        #expect(shares == [0])
    }

    @Test(arguments: [0, 3]) func minNewTokensHoldsTheEndBack(least: Int) throws {
        let loaded = try TinyModel().load()
        let loop = try loop(loaded)
        var order = order([5, 17])
        order.ignoresEndOfText = false
        // The end is certain as soon as it may come.
        order.adjustments.bias = [TinyModel.endOfText: 1000]
        order.adjustments.minNewTokens = least
        _ = loop.add(order)
        let found = try #require(finish(loop)[0]?.first)
        #expect(found.continuation.tokens.count == least && found.continuation.finish == .eos)
        #expect(found.drawn == least + 1)
    }

    @Test func adjustsLogitsAsTheInterfaceSays() {
        var adjustments = LogitAdjustments()
        adjustments.frequencyPenalty = 0.5
        adjustments.presencePenalty = 0.25
        adjustments.bias = [3: 2]
        var logits: [Float] = [1, -1, 2, 0]
        adjustments.apply(to: &logits, prompt: [2], written: [0, 0, 1], ends: [])
        #expect(logits == [-0.25, -1.75, 2, 2])
        var repeated = LogitAdjustments()
        repeated.repetitionPenalty = 2
        logits = [1, -1, 2, 0]
        repeated.apply(to: &logits, prompt: [2], written: [1], ends: [])
        #expect(logits == [1, -2, 1, 0])
    }
}
