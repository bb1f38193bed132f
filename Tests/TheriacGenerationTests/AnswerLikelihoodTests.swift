import Testing
import TheriacModels
import TheriacOptions
import TheriacTensors
import TheriacTesting
import TheriacTokenizers

@testable import TheriacGeneration

/// Against the obvious loop: the logits of prompt and answer written out, one pair at a time.
@Suite struct AnswerLikelihoodTests {
    private func slow(_ prompt: [Int32], _ answer: [Int32], _ loaded: LoadedModel) throws -> Double {
        let logits = try Torch.withoutGradients {
            try loaded.model.logits(of: [prompt + answer]).logSoftmax().floats()
        }
        let vocabulary = loaded.model.shape.vocabulary
        return answer.enumerated().reduce(0) {
            $0 + Double(logits[(prompt.count - 1 + $1.offset) * vocabulary + Int($1.element)])
        }
    }

    /// Words of one token and of several, alike at the beginning and not.
    static let questions: [[String]] = [
        [" y", " n"], [" Yes", " No"], ["safe", "unsafe"], [" yes", " yet", " on"], [" maybe"],
    ]

    @Test(arguments: questions)
    func isTheProbabilityOfTheWholeAnswer(answers: [String]) throws {
        let loaded = try TinyModel().load()
        let likelihood = try AnswerLikelihood(loaded, answers: answers, after: "Answer:", batchTokens: 64)
        let tail = loaded.tokenizer.encode("Answer:")
        for (text, tokens) in zip(answers, likelihood.answers) {
            #expect(tail + tokens == loaded.tokenizer.encode("Answer:" + text))
        }
        let prompts = ["Answer:", "Is it so? Answer:", "A longer question than the other one? Answer:"]
            .map { loaded.tokenizer.encode($0) }
        let found = try likelihood.logProbabilities(after: prompts)
        for (prompt, values) in zip(prompts, found) {
            let expected = try likelihood.answers.map { try slow(prompt, $0, loaded) }
            expectClose(values, expected, absolute: 1e-4)  // sums of a few float32 logarithms
        }
    }

    @Test func aPromptDoesNotDependOnTheOthers() throws {
        let loaded = try TinyModel().load()
        let likelihood = try AnswerLikelihood(loaded, answers: [" Yes", " No"], after: "Answer:")
        let prompts = ["Answer:", "Some question. Answer:", "Answer:"].map { loaded.tokenizer.encode($0) }
        let together = try likelihood.logProbabilities(after: prompts)
        for (prompt, values) in zip(prompts, together) {
            expectClose(values, try likelihood.logProbabilities(after: [prompt])[0], absolute: 1e-5)
        }
        #expect(try likelihood.logProbabilities(after: []).isEmpty)
    }

    @Test func whatCannotBeAskedIsRefused() throws {
        let loaded = try TinyModel(settings: ["n_positions": .integer(8)]).load()
        #expect(throws: GenerationError.noAnswer("", reason: "it has no token")) {
            try AnswerLikelihood(loaded, answers: ["", " No"], after: "A:")
        }
        #expect(throws: GenerationError.noAnswer(" n", reason: "another answer begins with it")) {
            try AnswerLikelihood(loaded, answers: [" n", " nx"], after: "A:")
        }
        let likelihood = try AnswerLikelihood(loaded, answers: [" xyz", " n"], after: "A:")
        #expect(likelihood.longestPrompt == 8 - 2)
        #expect(throws: GenerationError.promptTooLong(tokens: 7, limit: 6)) {
            try likelihood.logProbabilities(after: [[1, 2, 3, 4, 5, 6, 7]])
        }
        #expect(throws: GenerationError.emptyPrompt) { try likelihood.logProbabilities(after: [[]]) }
    }
}
