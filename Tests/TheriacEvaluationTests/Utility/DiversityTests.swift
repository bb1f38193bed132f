import Testing
import TheriacCorpora

@testable import TheriacEvaluation

@Suite struct DiversityTests {
    @Test(arguments: zip([1, 2, 3], [6.0 / 9, 6.0 / 9, 3.0 / 9]))
    func givesTheWorkedDistinctN(n: Int, expected: Double) throws {
        let value = DistinctN(n).value(over: [Self.prompt(["the cat sat", "the dog sat down", "a cat"])])
        #expect(abs(try #require(value) - expected) < 1e-12)
    }

    @Test func averagesDistinctNOverPrompts() {
        let prompts = [Self.prompt(["a a"]), Self.prompt(["a b"]), Self.prompt(["", ""])]
        #expect(DistinctN(1).value(over: prompts) == 0.75)
    }

    @Test func measuresRepetition() throws {
        let value = try #require(
            RepeatedFourGrams().value(over: [Self.prompt(["a b c d a b c d", "too short"])]))
        #expect(abs(value - 0.2) < 1e-12)
        #expect(RepeatedFourGrams().value(over: [Self.prompt(["a b c"])]) == nil)
    }

    @Test func measuresLengthAndSilence() throws {
        let prompts = [Self.prompt(["the cat sat", "a cat"]), Self.prompt([" "])]
        #expect(abs(try #require(MeanLength().value(over: prompts)) - 5.0 / 3) < 1e-12)
        #expect(abs(try #require(EmptyShare().value(over: prompts)) - 1.0 / 3) < 1e-12)
        #expect(MeanLength().value(over: Invented.prompts()) == nil)
    }

    /// The obvious way, with the words themselves.
    @Test(arguments: 0..<30 as Range<UInt64>)
    func agreesWithCountingWords(seed: UInt64) throws {
        let prompts = Invented.randomPrompts(4, seed: seed)
        for n in 1...3 {
            let slow = prompts.compactMap { prompt -> Double? in
                let texts = prompt.texts.filter { !$0.isEmpty }.map {
                    $0.split(separator: " ", omittingEmptySubsequences: false)
                }
                let words = texts.reduce(0) { $0 + $1.count }
                let grams = texts.flatMap { text in
                    text.indices.dropLast(n - 1).map { text[$0..<($0 + n)].joined(separator: " ") }
                }
                return words == 0 ? nil : Double(Set(grams).count) / Double(words)
            }
            let value = try #require(DistinctN(n).value(over: prompts))
            #expect(abs(value - slow.reduce(0, +) / Double(slow.count)) < 1e-12)
        }
    }

    @Test func splitsAsPythonDoes() {
        #expect(Words(of: "a  b ", separatedBy: .singleSpace).hashes.count == 4)
        #expect(Words(of: " a\n\u{2003}b ", separatedBy: .whiteSpace).hashes.count == 2)
        #expect(Words(of: "", separatedBy: .singleSpace).hashes.count == 1)
        #expect(Words(of: " \t", separatedBy: .whiteSpace).hashes.isEmpty)
        #expect(
            Words(of: "ab ba", separatedBy: .singleSpace).grams(of: 2)
                != Words(of: "ba ab", separatedBy: .singleSpace).grams(of: 2))
    }

    private static func prompt(_ texts: [String]) -> ScoredPrompt {
        ScoredPrompt(
            prompt: Prompt(id: "1", text: "", toxicity: nil), scores: texts.map { _ in 0.1 }, texts: texts)
    }
}
