import Foundation
import Testing
import TheriacCorpora

@testable import TheriacDetection

@Suite struct NormalizingDetectorTests {
    /// Says how long a text is: normalising shortens it, so the higher score may be the one before.
    private struct Finder: Detector {
        let identity = DetectorIdentity(name: "finder", version: "1", hash: "ab")
        let attributes: [Attribute] = [.toxicity, .insult]

        func verdicts(for texts: [String]) -> [Verdict] {
            texts.map { text in
                if text.isEmpty { return .emptyText }
                return .scored([
                    .toxicity: text.contains("shit") ? 0.9 : 0.1, .insult: text.contains("1") ? 0.7 : 0.2,
                ])
            }
        }
    }

    @Test func takesTheHigherScoreOfEveryAttribute() throws {
        let detector = try NormalizingDetector(
            Finder(), normalizer: EvasionNormalizer(vocabulary: EvasionFixture.shipped()))
        let verdicts = try detector.verdicts(for: ["sh1t", "shit", "calm", ""])
        #expect(verdicts[0] == .scored([.toxicity: 0.9, .insult: 0.7]))
        #expect(verdicts[1] == .scored([.toxicity: 0.9, .insult: 0.2]))
        #expect(verdicts[2] == .scored([.toxicity: 0.1, .insult: 0.2]))
        #expect(verdicts[3] == .emptyText)
        #expect(detector.identity.name == "finder-normalizing" && detector.identity.hash != "ab")
    }

    @Test func loadsFromAFolder() throws {
        try Place.withTemporaryFolder { folder in
            let assets = Place.package.appending(path: "Assets").path
            let inner = folder.appending(path: "inner")
            try FileManager.default.createDirectory(at: inner, withIntermediateDirectories: true)
            try Data("{\"kind\": \"lexicon\", \"name\": \"mine\"}".utf8).write(
                to: inner.appending(path: "detector.json"))
            try Data("numbskull\n".utf8).write(to: inner.appending(path: "words.txt"))
            try FileManager.default.createSymbolicLink(
                atPath: folder.appending(path: "lists").path, withDestinationPath: assets)
            let file = folder.appending(path: "detector.json")
            try Data(
                "{\"kind\": \"normalizing\", \"of\": \"inner\", \"settings\": {\"assets\": \"lists\"}}".utf8
            ).write(to: file)
            let detector = try Detectors.load(folder: folder)
            #expect(detector.identity.name == "mine-normalizing")
            #expect(try detector.verdicts(for: ["numb\u{200B}skull"])[0].toxicity == 1)
            try Data("{\"kind\": \"normalizing\", \"of\": \".\"}".utf8).write(to: file)
            #expect(throws: DetectionError.self) { try Detectors.load(folder: folder) }
            try Data("{\"kind\": \"normalizing\", \"of\": \"inner\", \"off\": 1}".utf8).write(to: file)
            #expect(throws: (any Error).self) { try Detectors.load(folder: folder) }
        }
    }

    @Test func measuresRecallBeforeAndAfter() throws {
        let vocabulary = try EvasionFixture.shipped()
        let neighbours = WordNeighbours(table: [:])
        let toxic = (0..<40).map {
            AttackableText("shit number \($0 + 20)", vocabulary: vocabulary, neighbours: neighbours)
        }
        let clean = (0..<40).map { "calm day \($0 + 20)" }
        let measured = try AttackMeasurement(
            Finder(), normalizer: EvasionNormalizer(vocabulary: vocabulary), toxic: toxic, clean: clean,
            attacks: [LeetspeakAttack(), StarsAttack()], seed: 1)
        #expect(measured.rows.map(\.attack) == ["none", "leetspeak", "stars"])
        #expect(measured.rows[0].alone.recall?.value == 1 && measured.rows[0].alone.f1?.value == 1)
        for row in measured.rows.dropFirst() {
            #expect(row.changed == 1)
            #expect(row.alone.recall?.value == 0)
            #expect((row.normalized.recall?.value ?? 0) > 0.75)
        }
        #expect(measured.clean.changed == 0)
        #expect(throws: DetectionError.self) {
            try AttackMeasurement(
                Finder(), normalizer: EvasionNormalizer(vocabulary: vocabulary), toxic: [], clean: clean,
                attacks: [], seed: 1)
        }
    }

    @Test func thresholdLetsAShareOfCleanTextsThrough() {
        let scores = (0..<100).map { Double($0) / 100 }
        let threshold = AttackMeasurement.threshold(scores, share: 0.05)
        #expect(scores.count { $0 >= threshold } == 5)
        #expect(AttackMeasurement.threshold([0.5, 0.5, 0.5], share: 0.05) > 0.5)
    }

    @Test func contributingWordsAreThoseThatLowerTheScore() throws {
        let text = "this shit is 1 thing"
        let found = try ContributingWords.find(in: text, by: Finder())
        #expect(found.map { String(text[$0]) } == ["shit"])
    }
}
