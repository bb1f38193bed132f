import Foundation
import Testing
import TheriacGeneration
import TheriacTesting

@testable import TheriacRemote

/// The server's tokens are words with the blank before them; each has the logarithm −(its letters)/10.
@Suite(.enabled(if: Served.isPresent, Served.reason)) struct RemoteLikelihoodTests {
    @Test func onlyTheContinuationCounts() throws {
        let likelihood = try RemoteLikelihood(try Served.model())
        let found = try likelihood.likelihoods(of: [
            ("The sky", " is blue"), ("The sky", ""), ("A cat", " sat on"), ("The sk", "y is grey"),
            ("", "Alone here"),
        ])
        #expect(found.count == 5)
        expect(found[0], sum: 0.8, tokens: 2)  // " is", " blue"
        #expect(found[1] == .none)
        expect(found[2], sum: 0.7, tokens: 2)
        expect(found[3], sum: 1.2, tokens: 3)  // " sky" reaches over the border
        #expect(found[4] == .none)  // nothing is before its first token
    }

    private func expect(_ found: ContinuationLikelihood, sum: Double, tokens: Int) {
        guard case .measured(let value, let count) = found else {
            Issue.record("\(found)")
            return
        }
        #expect(abs(value - sum) < 1e-12 && count == tokens)
    }

    @Test func textsThatLookAlikeAreDifferentTexts() throws {
        let likelihood = try RemoteLikelihood(try Served.model())
        let found = try likelihood.likelihoods(of: [("A", " caf\u{E9}"), ("A", " cafe\u{301}")])
        expect(found[0], sum: 0.5, tokens: 1)
        expect(found[1], sum: 0.6, tokens: 1)
    }

    @Test func oneFailureConcernsOneText() throws {
        let likelihood = try RemoteLikelihood(try Served.model())
        let found = try likelihood.likelihoods(of: [("x", " [400 0]"), ("x", " y"), ("x", " [noecho 0]")])
        guard case .failed(let reason) = found[0], case .failed = found[2] else {
            Issue.record("\(found)")
            return
        }
        #expect(!reason.contains("400 0"))
        expect(found[1], sum: 0.2, tokens: 1)
    }

    @Test func aServerWithoutTheCountIsReadByPlaces() throws {
        let likelihood = try RemoteLikelihood(try Served.model())
        let found = try likelihood.likelihoods(of: [("a", " [nousage 0] bc")])
        expect(found[0], sum: 0.9 + 0.3 + 0.3, tokens: 3)
    }

    @Test func aChatIsRefused() throws {
        let failure = try #require(throws: RemoteFailure.self) {
            try RemoteLikelihood(try Served.model { $0.endpoint = .chat })
        }
        #expect(failure.description.contains("does not say how likely a given text is"))
    }

    @Test func theTextsTokensAreFoundInEachShapeOfAnswer() {
        func count(
            _ tokens: [String], text: String, all: String, counted: Int?, offsets: [Int]? = nil
        ) -> Int? {
            let values = [Double?](repeating: -1, count: tokens.count)
            let choice = CompletionAnswer.Choice(
                text: all, finish: .length,
                logProbabilities: .init(tokens: tokens, values: values, offsets: offsets))
            return RemoteLikelihood.promptTokens(of: text, in: choice, counted: counted)
        }
        #expect(count(["a", " b", " c"], text: "a b", all: "a b c", counted: 2) == 2)
        // The new token is not among them.
        #expect(count(["a", " b"], text: "a b", all: "a b", counted: 2) == 2)
        #expect(count(["a", " b", " c"], text: "a b", all: "a b c", counted: nil) == 2)
        #expect(count(["a", " b"], text: "a b", all: "a b", counted: nil) == 2)
        #expect(count(["a", " b", " c"], text: "a b", all: "a b c", counted: nil, offsets: [0, 1, 3]) == 2)
        #expect(count([" c"], text: "a b", all: " c", counted: 2) == nil)  // no echo
        #expect(count([" c"], text: "a b", all: " c", counted: nil) == nil)
        #expect(count(["<s>", "a", " b", " c"], text: "a b", all: "a b c", counted: 3) == 3)
    }
}
