import Foundation
import Testing
import TheriacCorpora
import TheriacFiles

@testable import TheriacDetection

@Suite struct LinearDetectorTests {
    static let text = """
        The quick brown fox can't jump over 12 lazy dogs! Why not? It was 🔪 a dark and stormy night; Köln, the \
        rain fell in torrents, except at occasional intervals, when it was checked by a violent gust of wind.
        """

    /// The obvious way: dictionaries, strings and loops.
    private func slowLogits(_ text: String, _ weights: LinearWeights) -> [Double] {
        let words = scannedWords(text)
        let settings = weights.features
        let hash = FeatureHash(seed: settings.seed)
        func sum(_ features: [UInt64], _ head: Int) -> Int {
            features.reduce(0) { total, feature in
                let slot = FeatureTable.slot(of: feature, bits: settings.hashBits)
                guard weights.table.fingerprint(slot: slot) == FeatureTable.fingerprint(of: feature) else {
                    return total
                }
                return total + Int(weights.table.weight(slot: slot, head: head))
            }
        }
        func name(_ bytes: [UInt8]) -> UInt64 {
            (bytes + [9, 9, 9, 9, 9, 9, 9]).withUnsafeBufferPointer {
                $0.baseAddress.map { hash.word($0, count: bytes.count) } ?? 0
            }
        }
        func features(_ place: Int) -> [UInt64] {
            let word = Array(words[place].utf8)
            var features = [name(word)]
            let padded = [WordFeatures.opening] + word + [WordFeatures.closing]
            for size in settings.shortestCharacters...settings.longestCharacters where size <= padded.count {
                for start in 0...(padded.count - size) {
                    (Array(padded[start..<(start + size)]) + [7, 7, 7, 7, 7, 7]).withUnsafeBufferPointer {
                        if let base = $0.baseAddress { features.append(hash.characters(base, count: size)) }
                    }
                }
            }
            if place > 0 { features.append(hash.pair(name(Array(words[place - 1].utf8)), name(word))) }
            return features
        }
        let half = settings.blockWords
        let blocks = (words.count + half - 1) / half
        return (0..<FeatureTable.heads).map { head in
            let sums = words.indices.map { sum(features($0), head) }
            let logits = (0..<max(1, blocks - 1)).map { window in
                let range = (window * half)..<min(words.count, (window + 2) * half)
                let total = Double(sums[range].reduce(0, +))
                return weights.offset[head] + weights.scale[head] * total
                    * pow(Double(range.count) + settings.lengthOffset, -settings.lengthExponent)
            }
            let mean = logits.reduce(0) { $0 + exp(settings.sharpness * $1) } / Double(logits.count)
            return log(mean) / settings.sharpness
        }
    }

    @Test(arguments: 0..<12 as Range<UInt64>)
    func addsUpWhatTheSlowWayAddsUp(seed: UInt64) throws {
        var settings = FeatureSettings()
        settings.hashBits = 8
        settings.seed = seed
        settings.blockWords = 5
        settings.shortestCharacters = 2 + Int(seed % 2)
        let weights = randomWeights(seed: seed, features: settings)
        var random = TestRandom(seed: seed)
        let words = Self.text.split(separator: " ").shuffled(using: &random)
        for count in [1, 2, 4, 5, 6, 9, 10, 11, 14, 15, 16, 30] {
            let text = words.prefix(count).joined(separator: " ")
            let logits = try #require(weights.logits(of: text))
            for (head, slow) in slowLogits(text, weights).enumerated() {
                #expect(abs(logits[head] - slow) < 1e-9, "\(count) words, head \(head)")
            }
        }
    }

    @Test func scoresDoNotDependOnTheCompany() throws {
        let weights = randomWeights(seed: 3, features: .small)
        var random = TestRandom(seed: 3)
        let words = Self.text.split(separator: " ").map(String.init)
        let texts = (0..<300).map { _ in
            (0..<Int.random(in: 1...90, using: &random)).map { _ in words.randomElement(using: &random) ?? ""
            }
            .joined(separator: " ")
        }
        let together = weights.logits(of: texts)
        #expect(together == texts.map { weights.logits(of: $0) })
        #expect(weights.logits(of: texts.reversed()) == together.reversed())
    }

    @Test func textWithoutWordsIsUnscored() throws {
        let detector = detector(randomWeights(seed: 1, features: .small))
        #expect(
            detector.verdicts(for: ["", " \n", "...", "word"]).prefix(3).allSatisfy {
                $0 == .unscored(reason: "empty text")
            })
        let last = try #require(detector.verdicts(for: ["word"]).first)
        guard case .scored(let scores) = last else { throw TestFailure.unscored }
        #expect(Set(scores.keys) == Set(Attribute.allCases))
        #expect(scores.values.allSatisfy { (0...1).contains($0) })
    }

    @Test func scoresFollowTheOrderOfTheHeads() throws {
        let weights = randomWeights(seed: 2, features: .small)
        guard case .scored(let scores)? = detector(weights).verdicts(for: [Self.text]).first,
            let probabilities = weights.probabilities(of: [Self.text])[0]
        else { throw TestFailure.unscored }
        for (head, attribute) in Attribute.allCases.enumerated() {
            #expect(scores[attribute] == Float(probabilities[head]))
        }
    }

    @Test func longTextsAreScoredWhole() throws {
        let weights = randomWeights(seed: 5, features: .small)
        let once = String(repeating: Self.text + "\n", count: 40)
        let logits = try #require(weights.logits(of: once))
        let twice = try #require(weights.logits(of: once + once))
        for head in 0..<FeatureTable.heads { #expect(abs(logits[head] - twice[head]) < 0.02) }
        #expect(weights.logits(of: String(repeating: "a", count: 1_000_000)) != nil)
    }

    @Test func isTheSameAfterWritingAndReading() throws {
        let weights = randomWeights(seed: 7, features: .small)
        try Place.withTemporaryFolder { folder in
            let identity = try LinearDetectorFolder.write(
                rounded(weights), name: "toy", version: "2.0.0", trainingHash: "abc", to: folder)
            let read = try LinearDetector(folder: folder)
            #expect(read.identity == identity)
            #expect(read.identity.description == "toy@2.0.0+sha256:\(identity.hash.prefix(8))")
            #expect(read.verdicts(for: [Self.text]) == detector(rounded(weights)).verdicts(for: [Self.text]))
            #expect(try Detectors.load(folder: folder).identity == identity)
        }
    }

    @Test func refusesDamagedFolders() throws {
        var settings = FeatureSettings()
        settings.hashBits = 8
        let weights = randomWeights(seed: 7, features: settings)
        try Place.withTemporaryFolder { folder in
            #expect(
                throws: DetectionError.notADetector(folder: folder.path, reason: "it has no detector.json")
            ) {
                try Detectors.load(folder: folder)
            }
            func write(_ weights: LinearWeights) throws {
                _ = try LinearDetectorFolder.write(
                    weights, name: "toy", version: "1", trainingHash: "", to: folder)
            }
            let file = folder.appending(path: "weights.safetensors")
            try write(weights)
            var bytes = try Data(contentsOf: file)
            bytes[bytes.count - 1] ^= 1
            try bytes.write(to: file)
            #expect { try LinearDetector(folder: folder) } throws: { error in
                "\(error)".contains("but detector.json was written for") && "\(error)".contains(file.path)
            }
            var broken = weights
            broken.offset[2] = .nan
            try write(broken)
            #expect(
                throws: DetectionError.damaged(
                    file: file.path, reason: "'offset' holds a value that is not a finite number")
            ) { try LinearDetector(folder: folder) }
            broken = weights
            broken.features.hashBits = 9
            try write(broken)
            #expect(
                throws: DetectionError.damaged(
                    file: file.path, reason: "'weights' is I8 [256, 7] instead of I8 [512, 7]")
            ) { try LinearDetector(folder: folder) }
            let json = folder.appending(path: "detector.json")
            try Data("{\"kind\": \"forest\"}".utf8).write(to: json)
            #expect(
                throws: DetectionError.unknownKind(
                    "forest", folder: folder.path, known: Detectors.names)
            ) {
                try Detectors.load(folder: folder)
            }
            try Data("{\"kind\": \"linear\"".utf8).write(to: json)
            #expect(throws: (any Error).self) { try Detectors.load(folder: folder) }
            try Data("{\"kind\": \"linear\", \"name\": \"toy\"}".utf8).write(to: json)
            #expect { try Detectors.load(folder: folder) } throws: { "\($0)".contains("is missing") }
        }
    }

    private func detector(_ weights: LinearWeights) -> LinearDetector {
        LinearDetector(identity: DetectorIdentity(name: "toy", version: "1", hash: "0"), weights: weights)
    }

    /// Scale, offset and calibration as float32 holds them.
    private func rounded(_ weights: LinearWeights) -> LinearWeights {
        var weights = weights
        weights.scale = weights.scale.map { Double(Float($0)) }
        weights.offset = weights.offset.map { Double(Float($0)) }
        weights.calibration = weights.calibration.map {
            Calibration(slope: Double(Float($0.slope)), intercept: Double(Float($0.intercept)))
        }
        return weights
    }
}

enum TestFailure: Error { case unscored }
