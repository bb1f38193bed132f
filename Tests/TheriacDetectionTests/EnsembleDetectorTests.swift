import Foundation
import Testing
import TheriacCorpora
import TheriacTesting

@testable import TheriacDetection

/// Gives each text the score that it spells, the same for all its attributes.
struct SpelledDetector: Detector {
    var name = "spelled"
    var attributes: [Attribute] = [.toxicity, .insult]
    var factor: Float = 1
    var identity: DetectorIdentity {
        DetectorIdentity(name: name, version: "1.0.0", hash: "\(name) \(factor)")
    }

    func verdicts(for texts: [String]) -> [Verdict] {
        texts.map { text in
            guard let score = Float(text) else { return .unscored(reason: "no number") }
            return .scored(Dictionary(uniqueKeysWithValues: attributes.map { ($0, score * factor) }))
        }
    }
}

@Suite struct EnsembleDetectorTests {
    private func members(_ factors: [Float]) -> [any Detector] {
        factors.map { SpelledDetector(name: "times-\($0)", factor: $0) }
    }

    static let cases: [(ScorePooling, [Double], Float)] = [
        (.mean, [], 0.75), (.max, [], 0.9), (.median, [], 0.75), (.weighted, [1, 0, 0, 3], 0.75),
        (.weighted, [1, 1, 0, 0], 0.85),
    ]

    @Test(arguments: cases)
    func poolsTheWorkedExample(pooling: ScorePooling, weights: [Double], expected: Float) throws {
        let ensemble = try EnsembleDetector(
            name: "four", members: members([0.9, 0.8, 0.6, 0.7]), pooling: pooling, weights: weights)
        let verdict = try #require(try ensemble.verdicts(for: ["1"]).first)
        expectClose(try #require(verdict.toxicity), expected, absolute: 1e-6)
    }

    @Test func spreadOfTheWorkedExample() throws {
        let spread = try #require(ScoreSpread(of: [0.9, 0.8, 0.6, 0.7]))
        expectClose(spread.mean, 0.75, absolute: 1e-12)
        expectClose(spread.standardDeviation, 0.1118, absolute: 5e-5)
        expectClose(spread.range, 0.3, absolute: 1e-12)
        #expect(ScoreSpread(of: []) == nil)
    }

    @Test func aTextThatOneMemberCannotScoreIsUnscored() throws {
        struct Picky: Detector {
            let identity = DetectorIdentity(name: "picky", version: "1", hash: "p")
            let attributes: [Attribute] = [.toxicity]
            func verdicts(for texts: [String]) -> [Verdict] {
                texts.map { $0 == "0.5" ? .unscored(reason: "odd") : .scored([.toxicity: 0]) }
            }
        }
        let ensemble = try EnsembleDetector(name: "two", members: [SpelledDetector(), Picky()])
        #expect(ensemble.attributes == [.toxicity])  // what all know
        #expect(
            try ensemble.verdicts(for: ["0.5", "1"])
                == [.unscored(reason: "picky: odd"), .scored([.toxicity: 0.5])])
    }

    @Test func identityDependsOnMembersOrderWeightsAndPooling() throws {
        func hash(_ factors: [Float], _ pooling: ScorePooling, _ weights: [Double] = []) throws -> String {
            try EnsembleDetector(
                name: "x", members: members(factors), pooling: pooling, weights: weights
            ).identity.hash
        }
        let hashes = [
            try hash([0.1, 0.2], .mean), try hash([0.1, 0.3], .mean), try hash([0.1, 0.2], .max),
            try hash([0.1, 0.2], .weighted, [1, 2]), try hash([0.1, 0.2], .weighted, [2, 1]),
        ]
        #expect(Set(hashes).count == hashes.count)
        #expect(try hash([0.1, 0.2], .mean) == hashes[0])
    }

    @Test func badOnesAreRefused() {
        #expect(throws: DetectionError.self) { try EnsembleDetector(name: "none", members: []) }
        #expect(throws: DetectionError.self) {
            try EnsembleDetector(
                name: "apart",
                members: [SpelledDetector(attributes: [.threat]), SpelledDetector(attributes: [.insult])])
        }
        #expect(throws: DetectionError.self) {
            try EnsembleDetector(name: "x", members: members([1]), pooling: .weighted, weights: [0])
        }
        #expect(throws: DetectionError.self) {
            try EnsembleDetector(name: "x", members: members([1]), pooling: .mean, weights: [1])
        }
    }

    /// Folders of two lexica, `mild` and `more`.
    private func lexica(in folder: TemporaryFolder) throws -> [URL] {
        try [("mild", "silly\n"), ("more", "silly\ndull\n")].map { name, words in
            try folder.write("{\"kind\": \"lexicon\", \"name\": \"\(name)\"}", to: "\(name)/detector.json")
            try folder.write(words, to: "\(name)/words.txt")
            return folder.file(name)
        }
    }

    @Test func isWrittenAndLoadedAgain() throws {
        let folder = try TemporaryFolder()
        let written = try EnsembleDetector.write(
            name: "both", parts: try lexica(in: folder), pooling: .mean, to: folder.file("both"))
        let loaded = try Detectors.load(folder: folder.file("both"))
        #expect(loaded.identity == written.identity)
        #expect(loaded.identity.parts?.map(\.name) == ["mild", "more"])
        #expect(
            try loaded.verdicts(for: ["a silly day", "a dull day", "a day"]).map(\.toxicity) == [1, 0.5, 0])
    }

    @Test func aMemberThatChangedIsRefused() throws {
        let folder = try TemporaryFolder()
        _ = try EnsembleDetector.write(
            name: "both", parts: try lexica(in: folder), pooling: .max, to: folder.file("both"))
        try folder.write("silly\nother\n", to: "mild/words.txt")
        #expect(throws: DetectorReferenceError.self) { try Detectors.load(folder: folder.file("both")) }
    }

    @Test func membersMayBeNamesOfNeighbours() throws {
        let folder = try TemporaryFolder()
        _ = try lexica(in: folder)
        try folder.write(
            "{\"kind\": \"ensemble\", \"name\": \"pair\", \"members\": [\"mild\", \"more\"], \"pooling\": \"max\"}",
            to: "pair/detector.json")
        #expect(
            try Detectors.load(folder: folder.file("pair")).verdicts(for: ["dull"]).map(\.toxicity) == [1])
    }

    @Test func oneThatContainsItselfIsAnError() throws {
        let folder = try TemporaryFolder()
        try folder.write(
            "{\"kind\": \"ensemble\", \"members\": [\"../b\"]}", to: "a/detector.json")
        try folder.write(
            "{\"kind\": \"calibrated\", \"of\": \"../a\", \"maps\": {}}", to: "b/detector.json")
        #expect { try Detectors.load(folder: folder.file("a")) } throws: {
            "\($0)".contains("made of itself")
        }
    }

    @Test func isNotWrittenOverAMember() throws {
        let folder = try TemporaryFolder()
        let parts = try lexica(in: folder)
        #expect(throws: DetectionError.self) {
            try EnsembleDetector.write(name: "x", parts: parts, pooling: .mean, to: parts[0])
        }
        #expect(try Detectors.load(folder: parts[0]).identity.name == "mild")
    }
}
