import Foundation
import Testing
import TheriacCorpora
import TheriacOptions
import TheriacTesting

@testable import TheriacDetection

@Suite struct CalibratedDetectorTests {
    @Test func appliesItsMapsInOrderAndLeavesTheRest() throws {
        let first = PlattScaling(slope: 2, intercept: -1)
        let second = PriorShift(from: 0.5, to: 0.2)
        let detector = try CalibratedDetector(
            SpelledDetector(), maps: [.toxicity: [StoredCalibration(first), StoredCalibration(second)]],
            name: "mended", version: "1.0.0")
        let verdicts = try detector.verdicts(for: ["0.7", "words"])
        guard case .scored(let scores)? = verdicts.first else {
            Issue.record("unscored")
            return
        }
        expectClose(
            try #require(scores[.toxicity]), Float(second.calibrated(first.calibrated(Double(Float(0.7))))),
            absolute: 1e-6)
        #expect(scores[.insult] == 0.7)
        #expect(verdicts.last == .unscored(reason: "no number"))
        #expect(throws: DetectionError.self) {
            try CalibratedDetector(
                SpelledDetector(), maps: [.threat: [StoredCalibration(first)]], name: "x", version: "1")
        }
    }

    @Test func isWrittenAndLoadedAgain() throws {
        let folder = try TemporaryFolder()
        try folder.write("{\"kind\": \"lexicon\"}", to: "words/detector.json")
        try folder.write("silly\n", to: "words/words.txt")
        let map = IsotonicCalibration(scores: [0, 1], values: [0.05, 0.6])
        let written = try CalibratedDetector.write(
            of: folder.file("words"), maps: [.toxicity: [map]], name: "mended", version: "2",
            to: folder.file("mended"))
        let loaded = try Detectors.load(folder: folder.file("mended"))
        #expect(loaded.identity == written.identity && loaded.identity.description.hasPrefix("mended@2+"))
        #expect(try loaded.verdicts(for: ["silly", "wise"]).map(\.toxicity) == [0.6, 0.05])
        // Another map is another detector; another order of attributes is not.
        let other = IsotonicCalibration(scores: [0, 1], values: [0.05, 0.7])
        let changed = try CalibratedDetector.write(
            of: folder.file("words"), maps: [.toxicity: [other]], name: "mended", version: "2",
            to: folder.file("changed"))
        #expect(changed.identity.hash != written.identity.hash)
    }

    @Test func aLinearDetectorTakesTheMapIntoItsHeads() throws {
        let folder = try TemporaryFolder()
        let weights = randomWeights(seed: 5, features: .small)
        let identity = try LinearDetectorFolder.write(
            weights, name: "tiny", version: "1.0.0", trainingHash: "t", to: folder.url)
        let detector = LinearDetector(identity: identity, weights: weights)
        let maps: [any LogitCalibration] = [
            PlattScaling(slope: 0.6, intercept: 0.3), PriorShift(from: 0.5, to: 0.1),
        ]
        let place = folder.file("folded")
        try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
        let written = try detector.writeRecalibrated(
            by: [.insult: maps], name: "folded", version: "1.0.0", to: place)
        #expect(written.trainingHash == "t" && written.hash != identity.hash)
        let folded = try LinearDetector(folder: place)
        let texts = ["one two three", "a dull and silly day", "words, words, words"]
        for (before, after) in zip(detector.verdicts(for: texts), folded.verdicts(for: texts)) {
            guard case .scored(let before) = before, case .scored(let after) = after else {
                Issue.record("unscored")
                return
            }
            let insult = maps.reduce(Double(try #require(before[.insult]))) { $1.calibrated($0) }
            // Slope and intercept are stored in float32.
            expectClose(Double(try #require(after[.insult])), insult, absolute: 1e-5)
            expectClose(try #require(after[.threat]), try #require(before[.threat]), absolute: 1e-6)
        }
    }

    @Test func crossFittingNeverJudgesATextByItsOwnLabel() throws {
        // Scores say nothing: a map fitted to the same texts would find structure, one fitted to others cannot.
        var random = TestRandom(seed: 6)
        let scores = (0..<2000).map { _ in Double.random(in: 0...1, using: &random) }
        let labels = scores.map { _ in Bool.random(using: &random) }
        let sample = try CalibrationSample(scores: scores, labels: labels)
        let own = try negativeLogLikelihood(
            probabilities: sample.mapped(by: [IsotonicCalibration(regressing: sample)]).scores,
            outcomes: sample.targets)
        let crossed = try sample.crossFitted(by: IsotonicCalibration.self, seed: 1)
        let other = try negativeLogLikelihood(probabilities: crossed.scores, outcomes: crossed.targets)
        #expect(own < log(2) && other > log(2))
    }
}
