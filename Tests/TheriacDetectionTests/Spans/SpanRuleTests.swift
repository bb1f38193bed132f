import Foundation
import Testing

@testable import TheriacDetection

@Suite struct SpanRuleTests {
    static let worked: [(predicted: [Range<Int>], marked: [Range<Int>], f1: Double)] = [
        ([3..<7], [4..<9], 6.0 / 9),
        ([], [], 1),
        ([0..<2], [], 0),
        ([], [0..<2], 0),
        ([0..<4, 2..<6], [0..<6], 1),  // overlapping spans count a character once
        ([0..<2, 8..<9], [1..<3, 4..<9], 2.0 * 2 / (3 + 7)),
    ]

    @Test(arguments: worked)
    func agreementIsThatOfTheTask(predicted: [Range<Int>], marked: [Range<Int>], f1: Double) {
        #expect(abs(SpanAgreement(predicted: predicted, marked: marked).f1 - f1) < 1e-12)
    }

    @Test(arguments: 0..<100 as Range<UInt64>)
    func agreementEqualsThatOfSets(seed: UInt64) {
        var random = TestRandom(seed: seed)
        func spans() -> [Range<Int>] {
            (0..<Int.random(in: 0...5, using: &random)).map { _ in
                let start = Int.random(in: 0...30, using: &random)
                return start..<(start + Int.random(in: 0...8, using: &random))
            }
        }
        let (one, other) = (spans(), spans())
        let (ours, theirs) = (Set(one.flatMap { Array($0) }), Set(other.flatMap { Array($0) }))
        let found = SpanAgreement(predicted: one, marked: other)
        #expect(found.shared == ours.intersection(theirs).count)
        #expect(found.predicted == ours.count && found.marked == theirs.count)
    }

    @Test func repairTrimsBlanksAndDropsShortRuns() {
        let text = "  ab cde f  ghi"
        #expect(SpanRepair.repaired([0..<5, 5..<8, 11..<15], in: text) == [2..<8, 12..<15])
        #expect(SpanRepair.repaired([2..<4], in: text) == [])  // two characters
        #expect(SpanRepair.repaired([0..<2, 4..<5], in: text) == [])
        #expect(SpanRepair.repaired([12..<99], in: text) == [12..<15])
    }

    @Test func wordsJoinOverOneBlankOnly() {
        let text = "one two, six  ten or it"
        let words = TextWords.words(of: text).map { WordEvidence(scalars: $0, weight: 1) }
        #expect(words.count == 6)
        let rule = SpanRule(threshold: 0.5)
        #expect(rule.spans(of: words, in: text) == [0..<7, 9..<12, 14..<23])
        #expect(rule.spans(of: [words[0], words[4]], in: text) == [0..<3])  // "or" alone is too short
        #expect(rule.spans(of: [], in: text) == [])
    }

    static let words: [(String, [String])] = [
        ("Don't, you f***ing a$$-hat!", ["Don't", "you", "f***ing", "a$$-hat"]),
        ("one/two (three) 4,5", ["one", "two", "three", "4", "5"]),
        ("sh!t! 'quoted' e\u{301}te\u{301} 🙂 -- **", ["sh!t", "quoted", "e\u{301}te\u{301}", "🙂"]),
        ("#tag @name b****", ["#tag", "@name", "b****"]),
        ("", []),
    ]

    @Test(arguments: words)
    func wordsKeepWhatStandsInsideThem(text: String, expected: [String]) {
        let offsets = TextOffsets(text)
        #expect(TextWords.words(of: text).map { offsets.text(of: offsets.span(scalars: $0)) } == expected)
    }
}
