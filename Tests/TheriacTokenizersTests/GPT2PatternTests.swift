import Testing

@testable import TheriacTokenizers

@Suite struct GPT2PatternTests {
    /// From the library itself; the first five are those of the interface notes.
    static let cases: [(text: String, pieces: [String])] = [
        ("Don't  stop: 12345!!", ["Don", "'t", " ", " stop", ":", " 12345", "!!"]),
        ("I'LL go…ok", ["I", "'", "LL", " go", "…", "ok"]),
        (" lead  ", [" lead", "  "]),
        ("tab\t\tx\r\ny", ["tab", "\t", "\t", "x", "\r", "\n", "y"]),
        ("e\u{301}\n\n  x", ["e", "\u{301}", "\n\n ", " x"]),
        ("", []), (" ", [" "]), ("'", ["'"]), ("''s", ["''", "s"]), ("'sx", ["'s", "x"]),
        ("'re've'll'd'm", ["'re", "'ve", "'ll", "'d", "'m"]),
        ("a 's", ["a", " '", "s"]), ("½ⅷ٣", ["½ⅷ٣"]), (" \u{A0}x", [" ", "\u{A0}", "x"]),
        ("\u{85}\u{3000}", ["\u{85}\u{3000}"]), ("a\0b", ["a", "\0", "b"]), ("👩‍👧 hi", ["👩‍👧", " hi"]),
    ]

    @Test(arguments: cases)
    func cutsAsTheRegularExpressionDoes(text: String, pieces: [String]) {
        #expect(Self.pieces(of: text).map(Array.init) == pieces.map { Array($0.utf8) })
    }

    @Test(arguments: 0..<200 as Range<UInt64>)
    func coversTheTextWithoutEmptyPieces(seed: UInt64) {
        var draws = Draws(state: seed)
        let text = draws.text(upTo: 60)
        let pieces = Self.pieces(of: text)
        #expect(pieces.allSatisfy { !$0.isEmpty })
        #expect(Array(pieces.joined()) == Array(text.utf8))
    }

    /// The same expression in the standard library's own engine, on scalars it and the reference both know.
    @Test(arguments: 0..<100 as Range<UInt64>)
    func agreesWithTheExpressionItself(seed: UInt64) throws {
        let expression = try Regex(
            #"'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"#
        )
        .matchingSemantics(.unicodeScalar)
        var draws = Draws(state: seed)
        let alphabet = Array("ab'sdmtlver 12 ½é你 \n\t.,!_’\u{301}😀".unicodeScalars)
        var scalars = String.UnicodeScalarView()
        for _ in 0..<40 { scalars.append(try #require(alphabet.randomElement(using: &draws))) }
        let text = String(scalars)
        let expected = text.matches(of: expression).map { Array(text[$0.range].utf8) }
        #expect(Self.pieces(of: text).map(Array.init) == expected)
    }

    static func pieces(of text: String) -> [ArraySlice<UInt8>] {
        let bytes = Array(text.utf8)
        var pieces: [Range<Int>] = []
        bytes.withUnsafeBufferPointer {
            GPT2Pattern.appendMatches(in: 0..<$0.count, of: $0, to: &pieces)
        }
        return pieces.map { bytes[$0] }
    }
}
