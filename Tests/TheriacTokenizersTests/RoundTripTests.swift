import Foundation
import Testing

@testable import TheriacTokenizers

@Suite struct RoundTripTests {
    static let merges = [
        ("Ġ", "a"), ("a", "b"), ("Ã", "©"), ("ð", "Ł"), ("ðŁ", "ĺ"), ("Ċ", "Ċ"), ("e", "Ì"), ("0", "0"),
    ]

    /// Of bytes, with these merges.
    static func tokenizer() throws -> Tokenizer {
        try TokenizerFixture(["tokenizer.json": try TokenizerFixture.file(merges: merges)]).load()
    }

    @Test(arguments: 0..<200 as Range<UInt64>)
    func givesBackAnyText(seed: UInt64) throws {
        let tokenizer = try Self.tokenizer()
        var draws = Draws(state: seed)
        for _ in 0..<5 {
            let text = draws.text(upTo: 80)
            let encoding = tokenizer.encodeWithOffsets(text)
            #expect(tokenizer.decode(encoding.ids).utf8.elementsEqual(text.utf8))
            #expect(encoding.ids == tokenizer.encode(text))
            #expect(encoding.ids.flatMap(tokenizer.tokenBytes).elementsEqual(text.utf8))
            // The tokens cover all scalars, in order.
            #expect(encoding.offsets.first?.lowerBound ?? 0 == 0)
            #expect(encoding.offsets.last?.upperBound ?? 0 == text.unicodeScalars.count)
            #expect(
                zip(encoding.offsets, encoding.offsets.dropFirst()).allSatisfy {
                    $0.upperBound >= $1.lowerBound
                })
        }
    }

    /// Maximal parts of broken sequences, as in table 3-8 of the Unicode standard.
    @Test(
        arguments: [
            (
                [0x61, 0xF1, 0x80, 0x80, 0xE1, 0x80, 0xC2, 0x62, 0x80, 0x63, 0x80, 0xBF, 0x64],
                "a\u{FFFD}\u{FFFD}\u{FFFD}b\u{FFFD}c\u{FFFD}\u{FFFD}d"
            ),
            ([0xC0, 0xAF], "\u{FFFD}\u{FFFD}"), ([0xED, 0xA0, 0x80], "\u{FFFD}\u{FFFD}\u{FFFD}"),
            ([0xE2, 0x82], "\u{FFFD}"),
        ] as [([Int32], String)])
    func replacesWhatIsNotUTF8(ids: [Int32], expected: String) throws {
        let tokenizer = try TokenizerFixture(["tokenizer.json": try TokenizerFixture.file()]).load()
        #expect(tokenizer.decode(ids) == expected)
        #expect(tokenizer.decode([-1] + ids + [1 << 30]) == expected)
    }

    @Test func encodesTheSameFromManyThreads() async throws {
        let tokenizer = try Self.tokenizer()
        let texts = (0..<64).map { seed in
            var draws = Draws(state: UInt64(seed))
            return draws.text(upTo: 200)
        }
        let expected = texts.map { tokenizer.encode($0) }
        await withTaskGroup(of: (Int, [Int32]).self) { group in
            for (index, text) in texts.enumerated() { group.addTask { (index, tokenizer.encode(text)) } }
            for await (index, ids) in group { #expect(ids == expected[index]) }
        }
    }
}
