import Foundation
import Testing
import TheriacCorpora
import TheriacTesting

@testable import TheriacDetection

@Suite struct AuditTests {
    private func near(_ one: Double?, _ other: Double) -> Bool { one.map { abs($0 - other) < 1e-4 } ?? false }

    @Test func wilsonInterval() throws {
        let share = try #require(Estimate.share(9, of: 10))
        #expect(share.value == 0.9 && near(share.low, 0.5958) && near(share.high, 0.9821))
        #expect(Estimate.share(0, of: 0) == nil)
        #expect(Estimate.share(0, of: 5)?.low == 0)
        #expect(Estimate.share(5, of: 5)?.high == 1)
    }

    /// A detector that scores every mention of a group high shows it in that group's figures and in no other's.
    @Test func auditFindsTheWrongedGroup() throws {
        var random = SplitMix(seed: 4)
        var scores: [Double] = []
        var labels: [Bool] = []
        var wronged: [Bool] = []
        var other: [Bool] = []
        for _ in 0..<1200 {
            let isToxic = random.next() % 2 == 0
            let group = random.next() % 3
            var score = (isToxic ? 0.6 : 0.1) + Double(random.next() % 300) / 1000
            if group == 0 { score = 0.85 + Double(random.next() % 100) / 1000 }
            scores.append(score)
            labels.append(isToxic)
            wronged.append(group == 0)
            other.append(group == 1)
        }
        let audit = try SetAudit(
            name: "made", grouping: "mention", scores: scores, labels: labels,
            groups: [("wronged", wronged), ("other", other), ("none", scores.map { _ in false })],
            resamples: 60)
        #expect(audit.groups.map(\.group) == ["wronged", "other"])
        #expect(audit.byFalsePositives.first?.group == "wronged")
        let bad = audit.groups[0]
        #expect(!bad.isSmall && bad.falsePositiveRate?.value == 1 && bad.falseNegativeRate?.value == 0)
        #expect((bad.backgroundPositive?.value ?? 1) < 0.3)
        #expect((bad.negativeGap?.value ?? 0) > 0.4)
        #expect((audit.groups[1].negativeGap?.value ?? 1) < 0)
        let interval = try #require(bad.subgroup)
        #expect(interval.low < interval.value && interval.value < interval.high && interval.low > 0.3)
        #expect(audit.summary.groups == 2)
        #expect(near(audit.summary.equalizedOddsDifference, 1))
        let worst = try #require(audit.summary.powerMeanBackgroundPositive)
        #expect(worst < 0.5)
        #expect(audit.counts.texts == 1200)
    }

    @Test func smallGroupsAreFlaggedAndInNoSummary() throws {
        let scores = (0..<40).map { Double($0) / 40 }
        let audit = try SetAudit(
            name: "made", grouping: "mention", scores: scores, labels: scores.map { $0 > 0.5 },
            groups: [("few", scores.map { $0 < 0.2 })], resamples: 5)
        #expect(audit.groups[0].isSmall && audit.summary.groups == 0 && audit.summary.finalScore == nil)
        #expect(audit.groups[0].subgroup == nil && audit.groups[0].falseNegativeRate == nil)
    }

    @Test func suiteCountsByFunctionalityAndTarget() {
        let cases = [
            FunctionalCase(text: "a", functionality: "threat", isHateful: true, target: "women"),
            FunctionalCase(text: "b", functionality: "threat", isHateful: true, target: "Muslims"),
            FunctionalCase(text: "c", functionality: "praise", isHateful: false, target: "women"),
            FunctionalCase(text: "d", functionality: "praise", isHateful: false, target: nil),
            FunctionalCase(text: "e", functionality: "praise", isHateful: false, target: "women"),
        ]
        let audit = SuiteAudit(
            name: "made", attribute: .identityAttack, cases: cases, scores: [0.9, 0.2, 0.8, 0.1, nil])
        #expect(audit.cases == 4 && audit.unscored == 1 && audit.accuracy?.value == 0.5)
        #expect(audit.functionalities.map(\.name) == ["threat", "praise"])
        #expect(audit.functionalities.map(\.accuracy.value) == [0.5, 0.5])
        #expect(audit.functionalities.map(\.isHateful) == [true, false])
        #expect(audit.targets.map(\.name) == ["Muslims", "women"])
        #expect(audit.targets.map(\.accuracy.value) == [0, 0.5])
        #expect(audit.falseAlarms.map(\.name) == ["women"] && audit.falseAlarms[0].accuracy.value == 1)
    }

    @Test func swapsCountChangesAndFlips() {
        let audit = SwapAudit(
            name: "made", pairs: [(0.4, 0.6, false), (0.9, 0.8, true), (0.1, 0.1, false), (0.2, 0.3, false)])
        #expect(near(audit.meanChange?.value, 0.1))
        #expect(audit.flipped?.value == 0.25 && near(audit.flippedNontoxic?.value, 1.0 / 3))
    }

    @Test func readsPhrasesOfBothForms() throws {
        let folder = try TemporaryFolder()
        let one = try folder.write(
            Data(
                "template,toxicity,phrase\nbeing_adj,toxic,Being deaf is vile\nname_adj,toxic,Bo is a vile deaf\n"
                    .utf8),
            to: "a.csv")
        let two = try folder.write(
            Data(
                "Text,Label,Template\nBeing latinx is good.,NOT_BAD,being_adj\ni am sikh,NOT_BAD,am_hate_adj\n"
                    .utf8),
            to: "b.csv")
        let phrases = try IdentityPhrases(paths: [one.path, two.path])
        #expect(phrases.terms == ["deaf", "latinx", "sikh"] && phrases.labels == [true, false, false])
    }

    @Test func readsSuitesOfBothForms() throws {
        let folder = try TemporaryFolder()
        let table = try folder.write(
            Data(
                """
                functionality,case_id,test_case,label_gold,target_ident
                derog,1,"bad, bad",hateful,women
                praise,2,good,non-hateful,
                praise,3,odd,perhaps,women

                """.utf8), to: "a.csv")
        let reading = try FunctionalSuiteFile.read(path: table.path)
        #expect(reading.problems.count == 1 && reading.elements.count == 2)
        #expect(
            reading.elements[0]
                == FunctionalCase(text: "bad, bad", functionality: "derog", isHateful: true, target: "women"))
        #expect(reading.elements[1].target == nil)
        let lines = try folder.write(
            Data(#"{"id":1,"text":"x","hate":0,"functionality":"swap","target":"None"}"#.utf8), to: "b.jsonl")
        let second = try FunctionalSuiteFile.read(path: lines.path)
        #expect(
            second.elements == [
                FunctionalCase(text: "x", functionality: "swap", isHateful: false, target: nil)
            ])
        let groups = try folder.write(Data("text,toxic,group\nhi,0,north\nho,2,south\n".utf8), to: "c.csv")
        let grouped = try GroupedTextFile.read(path: groups.path)
        #expect(
            grouped.elements.count == 1 && grouped.elements[0].group == "north" && grouped.problems.count == 1
        )
    }

    @Test func markdownNamesEveryPart() throws {
        var audit = DetectorAudit(
            detector: DetectorIdentity(name: "made", version: "1", hash: "ab"), attribute: .toxicity,
            threshold: 0.5)
        audit.sets = [
            try SetAudit(
                name: "set", grouping: "mention", scores: [0.1, 0.9], labels: [false, true],
                groups: [("deaf", [true, true])], resamples: 3)
        ]
        audit.swaps = [SwapAudit(name: "pairs", pairs: [(0.1, 0.2, false)])]
        audit.suites = [SuiteAudit(name: "suite", attribute: .toxicity, cases: [], scores: [])]
        audit.notes = ["A note."]
        let text = audit.markdown
        for part in [
            "## set, by mention", "| deaf † | 1 | 1 |", "| pairs | 1 |", "## suite, answered by toxicity",
            "- A note.",
        ] {
            #expect(text.contains(part), "\(part)")
        }
    }
}
