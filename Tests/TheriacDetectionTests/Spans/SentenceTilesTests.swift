import Foundation
import Testing
import TheriacCorpora
@testable import TheriacDetection

@Suite struct SentenceTilesTests {
    private func tiles(_ text: String) -> [String] {
        let offsets = TextOffsets(text)
        return SentenceTiles.tiles(of: text).map { offsets.text(of: offsets.span(scalars: $0)) }
    }

    /// `|` marks where a sentence begins.
    static let cut = [
        "Nice try 🙂. |You clown.",
        "One sentence without an end",
        "First. |Second! |third? |Fourth… |Fifth",
        "He met Dr. Doe of the U.S. navy at 3.30 p.m. on St. Mary's day.",
        "She said \"Stop!\" and left. |\"Why?\" |He did not know.",
        "See e.g. the list, i.e. the short one. |It ends (here.) |Now more.",
        "Wait... what? |Wait... |What?",
        "1. First point.\n|2. Second point.",
        "A title\n\n|A paragraph over\ntwo lines. |Its end.\r\n\r\n|Another.",
        "A list:\n|- one\n|- two\n|> quoted\n|* three",
        "これは文です。|次の文！|終わり",
        "J. Doe and I. |You too.",
        "It was I. |Then you.",
        "Go to www.example.com or v1.2.3 now. |Fine.",
        "Really?! |Yes!!! |!!! \n ... |Done.",
        "   Leading blanks. |Trailing ones.   ",
        "... |!",
        "   ",
        "",
    ]

    @Test(arguments: cut)
    func cutsWhereSentencesBegin(marked: String) {
        // "!!!" and "... " have nothing to score and join a neighbour.
        let expected =
            switch marked {
            case "Really?! |Yes!!! |!!! \n ... |Done.": ["Really?! ", "Yes!!! !!! \n ... ", "Done."]
            case "... |!": ["... !"]
            default: marked.isEmpty ? [] : marked.split(separator: "|").map(String.init)
            }
        #expect(tiles(marked.replacingOccurrences(of: "|", with: "")) == expected)
    }

    @Test(arguments: 0..<300 as Range<UInt64>)
    func tilesCoverTheText(seed: UInt64) {
        var random = TestRandom(seed: seed)
        let pieces = [
            "word", "Word", ".", "!", "?", "…", "。", " ", "  ", "\n", "\r\n", "\n\n", "\"", ")", "Dr.", "1.",
            "- ", "🙂",
            "é", ">", "e\u{301}", "\u{2028}",
        ]
        let text = (0..<Int.random(in: 0...30, using: &random)).map { _ in
            pieces[Int.random(in: 0..<pieces.count, using: &random)]
        }.joined()
        let ranges = SentenceTiles.tiles(of: text)
        #expect(ranges.first?.lowerBound ?? 0 == 0)
        #expect(ranges.last?.upperBound ?? 0 == text.unicodeScalars.count)
        for (one, next) in zip(ranges, ranges.dropFirst()) { #expect(one.upperBound == next.lowerBound) }
        #expect(ranges.allSatisfy { !$0.isEmpty })
        #expect(Array(tiles(text).joined().utf8) == Array(text.utf8))
    }

    @Test func tilesOfPerspectivesExampleAreInUTF16() {
        let text = "Nice try 🙂. You clown."
        let offsets = TextOffsets(text)
        #expect(SentenceTiles.tiles(of: text).map { offsets.span(scalars: $0).utf16 } == [0..<13, 13..<23])
    }

    @Test func eachTileHasItsOwnVerdictAndOneTileThatOfTheText() throws {
        let detector = LinearDetector(
            identity: DetectorIdentity(name: "test", version: "1", hash: ""),
            weights: randomWeights(seed: 3, features: .small))
        let texts = ["One sentence here.", "", "First one. Second one! Third.", "  "]
        let found = try detector.sentences(of: texts)
        #expect(found.map(\.count) == [1, 0, 3, 1])
        #expect(found[0][0].verdict == detector.verdicts(for: [texts[0]])[0])
        let parts = detector.verdicts(for: ["First one. ", "Second one! ", "Third."])
        #expect(found[2].map(\.verdict) == parts)
        #expect(found[3][0].verdict == .unscored(reason: "empty text"))
    }
}
