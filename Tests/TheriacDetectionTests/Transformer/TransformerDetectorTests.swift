import Foundation
import Testing
import TheriacCorpora
import TheriacModels
import TheriacOptions
import TheriacTensors
import TheriacTokenizers

@testable import TheriacDetection

@Suite struct TransformerDetectorTests {
    /// A classifier folder `tiny`, loaded.
    private func withDetector<Result>(
        _ labels: [String] = ["toxic", "obscene", "insult"], settings: [String: OptionValue] = [:],
        _ body: (TransformerDetector, URL) throws -> Result
    ) throws -> Result {
        try Place.withTemporaryFolder { folder in
            let place = folder.appending(path: "Tiny_BERT")
            var settings = settings
            if labels.count > 1 { settings["problem_type"] = .string("multi_label_classification") }
            try TinyBert.write(to: place, labels: labels, settings: settings)
            let detector = try #require(try Detectors.load(folder: place) as? TransformerDetector)
            return try body(detector, place)
        }
    }

    @Test func aClassifierFolderIsADetector() throws {
        try withDetector { detector, folder in
            #expect(detector.attributes == [.toxicity, .insult, .profanity])
            #expect(detector.identity.name == "tiny-bert")
            let again = try TransformerDetector(folder: folder)
            let rounded = try TransformerDetector(folder: folder, precision: .bf16)
            #expect(detector.identity.hash == again.identity.hash)
            #expect(detector.identity.hash != rounded.identity.hash)
            let verdicts = try detector.verdicts(for: ["", "a rotten tree", " \n "])
            #expect(verdicts[0] == .unscored(reason: "empty text"))
            #expect(verdicts[2] == .unscored(reason: "empty text"))
            guard case .scored(let scores) = verdicts[1] else {
                Issue.record("not scored")
                return
            }
            #expect(Set(scores.keys) == [.toxicity, .insult, .profanity])
        }
    }

    /// The obvious loop: cut the tokens by hand, score each window alone, take the highest.
    @Test func longTextsScoreAsTheirWorstWindow() throws {
        try withDetector { detector, folder in
            let loaded = try LoadedClassifier(folder: folder, precision: .float32)
            var random = TestRandom(seed: 5)
            for count in [10, 38, 39, 60, 150] {
                let text = TinyBert.text(count, using: &random)
                let tokens = loaded.tokenizer.encode(text, addingSpecialTokens: false)
                #expect(tokens.count == count)
                let (room, overlap) = (38, detector.settings.overlap)
                var starts = Array(stride(from: 0, to: max(1, count - room), by: room - overlap))
                if count > room { starts.append(count - room) }
                var highest: [Float] = [0, 0, 0]
                for start in starts {
                    let window = [2] + tokens[start..<min(count, start + room)] + [3]
                    let batch = try PackedBatch([window], for: loaded.classifier.shape)
                    let scores = try loaded.classifier.logits(batch).sigmoid().floats()
                    highest = zip(highest, scores).map(max)
                }
                guard case .scored(let scores) = try detector.verdicts(for: [text])[0] else {
                    Issue.record("not scored")
                    return
                }
                for (name, expected) in zip([Attribute.toxicity, .profanity, .insult], highest) {
                    #expect(abs((scores[name] ?? -1) - expected) < 1e-6)
                }
                #expect(detector.windowCount(of: text) == starts.count)
            }
        }
    }

    @Test(arguments: 0..<5 as Range<UInt64>)
    func aTextsScoreDoesNotDependOnTheOthers(seed: UInt64) throws {
        try withDetector { detector, _ in
            var random = TestRandom(seed: seed)
            let texts = (0..<40).map { _ in
                TinyBert.text(Int.random(in: 0...90, using: &random), using: &random)
            }
            let together = try detector.labelScores(for: texts)
            let shuffled = texts.indices.shuffled(using: &random)
            let mixed = try detector.labelScores(for: shuffled.map { texts[$0] })
            for (place, index) in shuffled.enumerated() {
                let alone = try detector.labelScores(for: [texts[index]])[0]
                for label in detector.labels {
                    #expect(abs((together[index]?[label] ?? -1) - (alone?[label] ?? -1)) < 1e-6)
                    #expect(abs((mixed[place]?[label] ?? -1) - (alone?[label] ?? -1)) < 1e-6)
                }
            }
        }
    }

    @Test func manyThreadsMayCall() async throws {
        try await withThrowingTaskGroup(of: [Verdict].self) { group in
            let folder = FileManager.default.temporaryDirectory.appending(
                path: "theriac-\(UUID().uuidString)")
            defer { try? FileManager.default.removeItem(at: folder) }
            try TinyBert.write(to: folder, labels: ["neutral", "toxic"])
            let detector = try TransformerDetector(folder: folder)
            var random = TestRandom(seed: 1)
            let texts = (0..<30).map { _ in TinyBert.text(12, using: &random) }
            let expected = try detector.verdicts(for: texts)
            for _ in 0..<4 { group.addTask { try detector.verdicts(for: texts) } }
            for try await verdicts in group { #expect(verdicts == expected) }
        }
    }

    @Test func bf16IsNear() throws {
        try withDetector { detector, folder in
            let rounded = try TransformerDetector(folder: folder, precision: .bf16)
            var random = TestRandom(seed: 3)
            let texts = (0..<20).map { _ in TinyBert.text(12, using: &random) }
            for (exact, near) in zip(try detector.verdicts(for: texts), try rounded.verdicts(for: texts)) {
                #expect(abs((exact.toxicity ?? 0) - (near.toxicity ?? 1)) < 0.05)
            }
        }
    }

    @Test func tokenScoresNeedASpanHead() throws {
        try withDetector { detector, _ in
            #expect(!detector.hasSpanHead)
            #expect { try detector.tokenToxicity(of: "tree") } throws: {
                "\($0)".hasPrefix("tiny-bert@1+sha256:") && "\($0)".contains("has no span head")
            }
        }
    }

    @Test func basesAreLookedForInDotModels() throws {
        try Place.withTemporaryFolder { folder in
            let base = folder.appending(path: ".models/tiny")
            try TinyBert.write(to: base)
            let deep = folder.appending(path: "a/b")
            try FileManager.default.createDirectory(at: deep, withIntermediateDirectories: true)
            let found = try BaseCheckpoint.folder("tiny", near: deep, environment: [:])
            #expect(found.path == base.resolvingSymlinksInPath().path)
            let named = try BaseCheckpoint.folder(
                "tiny", near: URL(fileURLWithPath: "/"),
                environment: ["THERIAC_MODELS": folder.appending(path: ".models").path])
            #expect(named.path == base.path)
            #expect { try BaseCheckpoint.folder("no-such-model", near: deep, environment: [:]) } throws: {
                "\($0)" == """
                    The base model 'no-such-model' is not there. 'make setup' fetches it into .models; or let \
                    THERIAC_MODELS name the folder that holds 'no-such-model'.
                    """
            }
        }
    }
}
