import Testing
import TheriacCorpora

@Suite struct SplitTests {
    @Test(arguments: [("  A\tB \n", "a b"), ("", ""), ("ÉCOLE", "école"), ("a\u{A0}b", "a b")])
    func normalises(text: String, expected: String) {
        #expect(normalizedText(text) == expected)
    }

    @Test func equalTextsShareASplit() {
        for number in 0..<200 {
            #expect(Split(hashOf: "Text  number \(number)") == Split(hashOf: "text number\n\(number) "))
        }
    }

    @Test func dividesEightToOneToOne() {
        let splits = (0..<20_000).map { Split(hashOf: "text \($0)") }
        for (split, share) in [(Split.train, 0.8), (.valid, 0.1), (.test, 0.1)] {
            let found = Double(splits.count { $0 == split }) / 20_000
            #expect(abs(found - share) < 0.012)  // four standard deviations
        }
    }

    /// Recorded once: models and reports depend on the division, so it must never move.
    @Test func neverMoves() {
        let texts = ["a", "b", "c", "d", "e", "f", "g", "h"]
        #expect(texts.map { Split(hashOf: $0) } == [.test] + Array(repeating: .train, count: 7))
        #expect(Split(hashOf: "text 2") == .valid)
    }
}
