import Foundation
import Testing
@testable import TheriacDetection

@Suite struct TextOffsetsTests {
    private static let pieces = [
        "a", "Z", " ", "\n", "\r\n", "é", "e\u{301}", "ß", "中", "한", "🙂", "👨‍👩‍👧‍👦", "🇩🇪", "\u{200B}", "\u{FEFF}",
        "𝓯", "\u{0}",
        "٣", "\u{1F3FD}", ".", "¡",
    ]

    static func text(seed: UInt64) -> String {
        var random = TestRandom(seed: seed)
        let pool = seed % 4 == 0 ? ["a", " ", ".", "\r\n"] : pieces
        return (0..<Int.random(in: 0...40, using: &random)).map { _ in
            pool[Int.random(in: 0..<pool.count, using: &random)]
        }.joined()
    }

    /// The slow way: cut the scalars out and count.
    private func slow(_ range: Range<Int>, in text: String) -> TextSpan {
        let scalars = Array(text.unicodeScalars)
        func string(_ part: ArraySlice<Unicode.Scalar>) -> String { String(String.UnicodeScalarView(part)) }
        let (before, inside) = (string(scalars[..<range.lowerBound]), string(scalars[range]))
        return TextSpan(
            scalars: range,
            utf8: before.utf8.count..<(before.utf8.count + inside.utf8.count),
            utf16: before.utf16.count..<(before.utf16.count + inside.utf16.count))
    }

    @Test(arguments: 0..<200 as Range<UInt64>)
    func agreesWithCountingByHand(seed: UInt64) {
        let text = Self.text(seed: seed)
        let offsets = TextOffsets(text)
        #expect(offsets.count == text.unicodeScalars.count)
        #expect(offsets.whole.utf16.upperBound == (text as NSString).length)
        var random = TestRandom(seed: seed &+ 1000)
        for _ in 0..<20 {
            let ends = [0, 1].map { _ in Int.random(in: 0...offsets.count, using: &random) }.sorted()
            let span = offsets.span(scalars: ends[0]..<ends[1])
            #expect(span == slow(ends[0]..<ends[1], in: text))
            for unit in OffsetUnit.allCases { #expect(offsets.span(span.range(in: unit), in: unit) == span) }
            let bytes = Array(text.utf8)[span.utf8]
            #expect(Array(offsets.text(of: span).utf8) == Array(bytes))
        }
    }

    @Test func anEndInsideAScalarMovesOutwards() {
        let offsets = TextOffsets("a🙂b")
        let emoji = offsets.span(scalars: 1..<2)
        #expect(emoji.utf8 == 1..<5 && emoji.utf16 == 1..<3)
        #expect(offsets.span(2..<3, in: .utf8) == emoji)
        #expect(offsets.span(2..<3, in: .utf16) == emoji)
        #expect(offsets.span(2..<4, in: .utf16) == offsets.span(scalars: 1..<3))
    }

    @Test func whatReachesBeyondTheTextIsCutOff() {
        for text in ["abc", "äbc", ""] {
            let offsets = TextOffsets(text)
            #expect(offsets.span(scalars: 1..<99).scalars == min(1, offsets.count)..<offsets.count)
            for unit in OffsetUnit.allCases { #expect(offsets.span(0..<99, in: unit) == offsets.whole) }
        }
    }
}
