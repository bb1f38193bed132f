import Testing
import TheriacModels
import TheriacOptions
import TheriacTensors
import TheriacTesting
import TheriacTokenizers

@testable import TheriacGeneration

/// Against the obvious loop: one token at a time, from the logits of the whole text.
@Suite struct LikelihoodTests {
    private func slow(_ tokens: [Int32], from: Int, _ loaded: LoadedModel) throws -> Double {
        let logits = try Torch.withoutGradients {
            try loaded.model.logits(of: [tokens]).logSoftmax().floats()
        }
        let vocabulary = loaded.model.shape.vocabulary
        return (from..<tokens.count).reduce(0) {
            $0 - Double(logits[($1 - 1) * vocabulary + Int(tokens[$1])])
        }
    }

    @Test func ofContinuationsCountsOnlyWhatFollowsThePrompt() throws {
        let loaded = try TinyModel().load()
        let texts = [
            ("The cat", " sat down"), ("", "begins"), ("x", ""), ("Another prompt that is longer", " ends."),
        ]
        let found = try Likelihood(loaded, batchTokens: 16).ofContinuations(
            texts.map { (prompt: $0.0, continuation: $0.1) })
        for (text, value) in zip(texts, found) {
            let prompt = loaded.tokenizer.encode(text.0)
            var whole = loaded.tokenizer.encode(text.0 + text.1)
            var from = zip(prompt, whole).prefix { $0 == $1 }.count
            if from == 0 {
                whole = [TinyModel.endOfText] + whole
                from = 1
            }
            guard whole.count > from else {
                #expect(value == nil)
                continue
            }
            let measured = try #require(value)
            #expect(measured.tokens == whole.count - from)
            expectClose([measured.sum], [try slow(whole, from: from, loaded)], absolute: 1e-3)
        }
    }

    @Test func aLongDocumentIsReadInWindows() throws {
        let loaded = try TinyModel(settings: ["n_positions": .integer(16)]).load()
        let text = String(repeating: "some words and more ", count: 6)
        let tokens = loaded.tokenizer.encode(text)
        var expected = 0.0
        var start = 0
        while start < tokens.count {
            let end = min(tokens.count, start + 15)
            let before = start == 0 ? TinyModel.endOfText : tokens[start - 1]
            expected += try slow([before] + tokens[start..<end], from: 1, loaded)
            start = end
        }
        let found = try Likelihood(loaded, batchTokens: 48).ofDocuments(["ab", text])
        #expect(found[1].tokens == tokens.count)
        expectClose([found[1].sum], [expected], absolute: 1e-2)
    }
}

/// Answers as lm-evaluation-harness counts them, against the obvious loop.
@Suite struct AnswerTests {
    private struct Slow {
        var logProbability = 0.0
        var isGreedy = true
        var tokens = 0
    }

    /// One sequence at a time, from the logits of all its places.
    private func slow(
        _ context: String, _ continuation: String, _ loaded: LoadedModel
    ) throws -> Slow {
        var before = context.isEmpty ? [TinyModel.endOfText] : loaded.tokenizer.encode(context)
        let whole = loaded.tokenizer.encode(context + continuation)
        let answer = context.isEmpty ? whole : Array(whole[before.count...])
        before = Array((before + answer).suffix(loaded.model.shape.context + 1).dropLast(answer.count))
        let input = Array((before + answer).dropLast())
        let logits = try Torch.withoutGradients {
            try loaded.model.logits(of: [input]).logSoftmax().floats()
        }
        let vocabulary = loaded.model.shape.vocabulary
        var result = Slow(tokens: answer.count)
        for (place, token) in answer.enumerated() {
            let start = (before.count + place - 1) * vocabulary
            let row = logits[start..<(start + vocabulary)]
            result.logProbability += Double(row[start + Int(token)])
            if row[start + Int(token)] < row.max() ?? 0 { result.isGreedy = false }
        }
        return result
    }

    @Test func agreesWithTheLoop() throws {
        let loaded = try TinyModel(settings: ["n_positions": .integer(24)]).load()
        let pairs = [
            ("The cat", " sat down"), ("The cat", " sat up"), ("The cat", " sat"), ("", " begins here"),
            ("A much longer context than the model can hold at once, so it is cut", " ends."), ("Hm", "m"),
        ]
        let found = try Likelihood(loaded, batchTokens: 48).ofAnswers(
            pairs.map { (context: $0.0, continuation: $0.1) })
        for (pair, value) in zip(pairs, found) {
            let value = try #require(value)
            let expected = try slow(pair.0, pair.1, loaded)
            expectClose(value.logProbability, expected.logProbability, absolute: 1e-3)
            #expect(value.tokens == expected.tokens && value.isGreedy == expected.isGreedy)
        }
    }

    @Test func whatGreedyDecodingWritesIsGreedy() throws {
        let loaded = try TinyModel().load()
        let context = loaded.tokenizer.encode("Once upon")
        var tokens = context
        for _ in 0..<3 {
            let logits = try Torch.withoutGradients { try loaded.model.logits(of: [tokens]).floats() }
            let last = logits.suffix(loaded.model.shape.vocabulary)
            let best = last.indices.max { last[$0] < last[$1] } ?? 0
            tokens.append(Int32(best - last.startIndex))
        }
        var other = tokens
        other[other.count - 1] = (tokens[tokens.count - 1] + 1) % 250
        let found = try Likelihood(loaded).scores(
            of: [tokens, other].map { Likelihood.ScoredTokens(tokens: $0, from: context.count) }, greedy: true
        )
        #expect(found.map(\.isGreedy) == [true, false])
    }

    @Test func blanksGoOverToTheAnswer() throws {
        let likelihood = Likelihood(try TinyModel().load())
        let found = try likelihood.ofAnswers([("The cat ", "sat"), ("The cat", " sat")])
        #expect(found[0] == found[1] && found[0] != nil)
    }

    @Test func whatCannotBeAskedIsNil() throws {
        let loaded = try TinyModel(settings: ["n_positions": .integer(8)]).load()
        let found = try Likelihood(loaded).ofAnswers([
            ("The cat", ""), ("The cat", " " + String(repeating: "x", count: 9)), ("The cat", "s"),
        ])
        #expect(found[0] == nil && found[1] == nil && found[2] != nil)
    }
}
