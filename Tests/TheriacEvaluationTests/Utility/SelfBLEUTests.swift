import Foundation
import Testing
import TheriacCorpora
import TheriacTesting

@testable import TheriacEvaluation

@Suite struct SelfBLEUTests {
    static func prompt(_ texts: [String]) -> ScoredPrompt {
        ScoredPrompt(
            prompt: Prompt(id: "1", text: "", toxicity: nil), scores: texts.map { _ in nil }, texts: texts)
    }

    @Test func givesTheWorkedValues() throws {
        let same = try #require(SelfBLEU().value(over: [Self.prompt(["a b c d", "a b c d"])]))
        expectClose(same, 1, absolute: 1e-12)
        let half = try #require(SelfBLEU(2).value(over: [Self.prompt(["a b", "a c"])]))
        expectClose(half, (0.5 * 0.1).squareRoot(), absolute: 1e-12)
        // Nothing in common.
        #expect(SelfBLEU().value(over: [Self.prompt(["a b", "c d"])]) == 0)
        // "a" against "a b c": precision 1, brevity exp(1 − 3); the other: 1 of 3, no brevity.
        let short = try #require(SelfBLEU(1).value(over: [Self.prompt(["a", "a b c"])]))
        expectClose(short, (exp(-2.0) + 1 / 3.0) / 2, absolute: 1e-12)
    }

    @Test func needsTwoTextsWithWords() {
        #expect(SelfBLEU().value(over: [Self.prompt(["a b", " ", ""])]) == nil)
    }

    /// The definition, text against text.
    private func slow(_ texts: [String], _ n: Int) -> Double? {
        let words = texts.map { $0.split(separator: " ").map(String.init) }.filter { !$0.isEmpty }
        guard words.count > 1 else { return nil }
        func grams(_ text: [String], _ order: Int) -> [String] {
            text.count < order
                ? [] : (0...(text.count - order)).map { text[$0..<($0 + order)].joined(separator: " ") }
        }
        func count(_ gram: String, _ text: [String], _ order: Int) -> Int {
            grams(text, order).count { $0 == gram }
        }
        var sum = 0.0
        for (place, text) in words.enumerated() {
            let others = words.indices.filter { $0 != place }.map { words[$0] }
            var product = 1.0
            for order in 1...n {
                let own = grams(text, order)
                let matches = Set(own).reduce(0) { sum, gram in
                    sum + min(count(gram, text, order), others.map { count(gram, $0, order) }.max() ?? 0)
                }
                if order == 1, matches == 0 { product = 0 }
                product *= (matches == 0 ? 0.1 : Double(matches)) / Double(max(1, own.count))
            }
            let nearest =
                others.map(\.count).sorted().min { abs($0 - text.count) < abs($1 - text.count) } ?? 0
            let brevity = text.count > nearest ? 1 : exp(1 - Double(nearest) / Double(text.count))
            sum += brevity * pow(product, 1 / Double(n))
        }
        return sum / Double(words.count)
    }

    @Test(arguments: 0..<30 as Range<UInt64>)
    func agreesWithTheDefinition(seed: UInt64) throws {
        for prompt in Invented.randomPrompts(4, samples: 6, seed: seed) {
            for n in [1, 2, 4] {
                let found = SelfBLEU(n).value(over: [prompt])
                let expected = slow(prompt.texts, n)
                #expect((found == nil) == (expected == nil))
                if let found, let expected {
                    expectClose(found, expected, absolute: 1e-12)
                    #expect((0...1 + 1e-12).contains(found))
                }
            }
        }
    }

    private static let hasNLTK =
        PythonReference.isPresent && (try? PythonReference.run("self_bleu_parity.py", ["--present"])) != nil

    @Test(.tags(.parity), .enabled(if: hasNLTK, "No Python with NLTK; run `make setup-tests`."))
    func agreesWithNLTK() throws {
        let folder = try TemporaryFolder()
        let prompts = Invented.randomPrompts(20, samples: 8, seed: 3)
        let cases = prompts.flatMap { prompt in
            [2, 4].map { ["texts": prompt.texts, "n": $0] as [String: Any] }
        }
        let file = try folder.write(
            String(decoding: try JSONSerialization.data(withJSONObject: cases), as: UTF8.self),
            to: "cases.json")
        let expected = try JSONDecoder().decode(
            [Double].self, from: try PythonReference.run("self_bleu_parity.py", [file.path]))
        let found = try prompts.flatMap { prompt in
            try [2, 4].map { try #require(SelfBLEU($0).value(over: [prompt])) }
        }
        expectClose(found, expected, absolute: 1e-12)
        showMeasured("self-BLEU: largest difference from NLTK \(largestDifference(found, expected))")
    }
}
