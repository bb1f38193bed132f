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
