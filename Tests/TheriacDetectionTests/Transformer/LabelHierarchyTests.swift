import Testing
import TheriacCorpora

@testable import TheriacDetection

@Suite struct LabelHierarchyTests {
    @Test func lowerLevelsAreAskedOnlyWhereTheOneAboveSaysSo() {
        let olid = LabelHierarchy.olid
        let low: [String: Float] = ["olid/TIN": 0.9, "olid/IND": 0.2, "olid/GRP": 0.7, "olid/OTH": 0.1]
        #expect(olid.classes(low.merging(["olid/OFF": 0.6]) { $1 }) == ["OFF", "TIN", "GRP"])
        #expect(olid.classes(low.merging(["olid/OFF": 0.4]) { $1 }) == ["NOT"])
        #expect(olid.classes(["olid/OFF": 1, "olid/TIN": 0]) == ["OFF", "UNT"])
        #expect(olid.classes([:]) == [])
    }

    @Test func macroF1IsTheMeanOverClasses() {
        // OFF: 1 hit, 1 miss, 1 false: 2/4. NOT: 1 hit, 1 miss, 1 false: 2/4.
        let value = LabelHierarchy.macroF1(
            ["OFF", "NOT"], ["OFF", "OFF", "NOT", "NOT"], ["OFF", "NOT", "OFF", "NOT"])
        #expect(value == 0.5)
        #expect(LabelHierarchy.macroF1(["A", "B"], ["A", nil], ["A", nil]) == 0.5)
    }

    @Test func measuresConditionalAndEndToEnd() throws {
        struct Fixed: LabelScoring {
            let identity = DetectorIdentity(name: "fixed", version: "1", hash: "")
            let attributes: [Attribute] = []
            let labels = ["olid/OFF", "olid/TIN"]
            let scores: [String: [String: Float]]
            func verdicts(for texts: [String]) -> [Verdict] { texts.map { _ in .scored([:]) } }
            func labelScores(for texts: [String]) -> [[String: Float]?] { texts.map { scores[$0] } }
        }
        let texts = [("a", 1, 1), ("b", 1, 0), ("c", 0, -1)].map { text, off, tin in
            LabelledText(
                id: text, text: text, labels: [:],
                native: tin < 0
                    ? ["olid/OFF": Float(off)] : ["olid/OFF": Float(off), "olid/TIN": Float(tin)],
                dataset: "olid", split: nil)
        }
        let detector = Fixed(scores: [
            "a": ["olid/OFF": 0.2, "olid/TIN": 0.9], "b": ["olid/OFF": 0.9, "olid/TIN": 0.1],
            "c": ["olid/OFF": 0.1, "olid/TIN": 0.9],
        ])
        let levels = try #require(try LabelHierarchy.measure(detector, on: texts))
        #expect(levels.map(\.level) == ["A", "B"])
        #expect(levels[1].texts == 2 && levels[1].endToEndTexts == 3)
        #expect(levels[1].conditional == 1)
        // "a" is not called offensive, so its target is never asked: TIN has no hit, UNT one.
        #expect(levels[1].endToEnd == 0.5)
    }
}
