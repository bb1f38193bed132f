import Foundation
import Testing
import TheriacCorpora

@testable import TheriacDetection

@Suite struct SpanFinderTests {
    private static func linear(seed: UInt64, _ change: (inout FeatureSettings) -> Void = { _ in })
        -> LinearDetector
    {
        var features = FeatureSettings.small
        change(&features)
        return LinearDetector(
            identity: DetectorIdentity(name: "test", version: "1", hash: ""),
            weights: randomWeights(seed: seed, features: features))
    }

    private static func sentence(words: Int, seed: UInt64) -> String {
        var random = TestRandom(seed: seed)
        let pool = [
            "you", "dull", "goose", "café", "f***", "sh!t", "i d i o t", "@name", "don't", "!!", "🙂", "x",
            "soooo",
        ]
        return (0..<words).map { _ in pool[Int.random(in: 0..<pool.count, using: &random)] }.joined(
            separator: " ")
    }

    private func logit(_ probability: Float) -> Double {
        log(Double(probability) / (1 - Double(probability)))
    }

    // MARK: Contributions

    @Test(arguments: 0..<40 as Range<UInt64>)
    func contributionsSumToTheLogitOfATextOfOneWindow(seed: UInt64) throws {
        let detector = Self.linear(seed: seed) { $0.wordPairs = seed % 2 == 0 }
        let text = Self.sentence(words: 1 + Int(seed), seed: seed)
        for (head, attribute) in detector.attributes.enumerated() {
            let finder = try #require(LinearContributions(detector, attribute: attribute))
            let parts = finder.parts(of: [text])[0]
            guard let exact = detector.weights.logits(of: text)?[head], let parts else {
                #expect(parts == nil && scannedWords(text).isEmpty)
                continue
            }
            let calibration = detector.weights.calibration[head]
            // Float sums of up to forty words.
            #expect(abs(parts.logit - (calibration.slope * exact + calibration.intercept)) < 1e-4)
        }
    }

    @Test func contributionsOfALongTextFollowThePool() throws {
        let detector = Self.linear(seed: 5) { $0.blockWords = 4 }
        let finder = try #require(LinearContributions(detector, attribute: .toxicity))
        for words in [3, 4, 5, 7, 8, 9, 12, 13, 31] {
            let text = (0..<words).map { "word\($0)" }.joined(separator: " ")
            let windows = LinearContributions.windows(words: words, block: 4)
            #expect(windows.first?.lowerBound == 0 && windows.last?.upperBound == words)
            let exact = try #require(detector.weights.logits(of: text))[0]
            let calibration = detector.weights.calibration[0]
            let parts = try #require(finder.parts(of: [text])[0])
            // The first-order share leaves out log-sum-exp's curvature: exact for equal windows only.
            let logits = windows.map { window in
                detector.weights.logits(of: window.map { "word\($0)" }.joined(separator: " "))?[0] ?? 0
            }
            let spread = (logits.max() ?? 0) - (logits.min() ?? 0)
            let error = abs(parts.logit - (calibration.slope * exact + calibration.intercept))
            #expect(error <= abs(calibration.slope) * spread + 1e-4, "\(words) words")
        }
    }

    @Test func wordsAreFoundWhereTheyStand() throws {
        let detector = Self.linear(seed: 1)
        let finder = try #require(LinearContributions(detector, attribute: .insult))
        let text = "Ünd \"f***ing\" i d i o t, café!! a b @name www.x.org/y 🙂 SOOOO"
        let offsets = TextOffsets(text)
        let words = finder.evidence(in: [text])[0].map { offsets.text(of: offsets.span(scalars: $0.scalars)) }
        #expect(words == ["Ünd", "f***ing", "i d i o t", "café", "!!", "a", "b", "www", "🙂", "SOOOO"])
    }

    @Test(arguments: 0..<60 as Range<UInt64>)
    func placesOfWordsAreInOrderAndTellNothingNew(seed: UInt64) {
        struct Both: WordSink {
            static let wantsPlaces = true
            var words: [String] = []
            var places: [Range<Int>] = []
            mutating func take(_ bytes: UnsafeMutablePointer<UInt8>, count: Int) {}
            mutating func take(_ bytes: UnsafeMutablePointer<UInt8>, count: Int, from place: Range<Int>) {
                words.append(String(decoding: UnsafeBufferPointer(start: bytes, count: count), as: UTF8.self))
                places.append(place)
            }
        }
        let text =
            Self.sentence(words: Int(seed % 9), seed: seed) + TextOffsetsTests.text(seed: seed)
            + String(repeating: "ü", count: Int(seed))
        var both = Both()
        text.withUTF8Bytes { WordScanner.scan($0, into: &both) }
        #expect(both.words == scannedWords(text))
        #expect(both.places.allSatisfy { !$0.isEmpty && $0.upperBound <= text.utf8.count })
        for (one, next) in zip(both.places, both.places.dropFirst()) {
            #expect(one.upperBound <= next.lowerBound)
        }
    }

    // MARK: Occlusion

    @Test(arguments: [1, 2, 3])
    func occlusionAgreesWithLeavingOutByHand(window: Int) throws {
        let detector = Self.linear(seed: 9)
        let finder = try #require(Occlusion(detector, attribute: .toxicity, window: window, partWords: 1000))
        let texts = ["you dull goose, café!", "", "one", "Dull   dull, f*** you all"]
        let found = try finder.evidence(in: texts)
        for (text, evidence) in zip(texts, found) {
            let words = TextWords.words(of: text)
            #expect(evidence.map(\.scalars) == words)
            let scalars = Array(text.unicodeScalars)
            func score(_ kept: [Unicode.Scalar]) -> Double {
                let verdict = detector.verdicts(for: [String(String.UnicodeScalarView(kept))])[0]
                return verdict.toxicity.map(logit) ?? 0
            }
            for (index, word) in evidence.enumerated() {
                var drops: [Double] = []
                for start in 0...max(0, words.count - window)
                where (start..<min(words.count, start + window)).contains(index) {
                    let end = min(words.count, start + window)
                    let kept = scalars[..<words[start].lowerBound] + scalars[words[end - 1].upperBound...]
                    drops.append((score(scalars) - score(Array(kept))) / Double(end - start))
                }
                #expect(abs(Double(word.weight) - drops.reduce(0, +) / Double(drops.count)) < 1e-4)
            }
        }
    }

    @Test func occlusionOfALongTextIsTakenInParts() throws {
        let detector = Self.linear(seed: 9)
        let finder = try #require(Occlusion(detector, attribute: .toxicity, window: 1, partWords: 2))
        let whole = try #require(Occlusion(detector, attribute: .toxicity))
        let found = try finder.evidence(in: ["dull goose quite mild end"])[0].map(\.weight)
        let parts = try whole.evidence(in: ["dull goose ", "quite mild ", "end"]).flatMap { $0.map(\.weight) }
        #expect(found == parts)
    }

    // MARK: Tokens and lexicon

    private struct Tokens: TokenScoring {
        var tokens: [(Range<Int>, Float)]
        func tokenToxicity(of text: String) -> [(scalars: Range<Int>, probability: Float)] {
            tokens.map { (scalars: $0.0, probability: $0.1) }
        }
    }

    @Test func tokensBecomeWordsAndNeighboursOneSpan() throws {
        let text = "You dullard goose, well."
        let tokens = Tokens(tokens: [
            (0..<3, 0.1), (4..<8, 0.2), (8..<11, 0.9), (12..<17, 0.6), (17..<18, 0.99), (19..<23, 0.1),
            (23..<24, 0.8),
        ])
        let finder = TokenScores(tokens)
        #expect(try finder.evidence(in: [text])[0].map(\.weight) == [0.1, 0.9, 0.6, 0.1])
        #expect(try finder.spans(in: [text], by: SpanRule(threshold: 0.5)) == [[4..<17]])
        #expect(try finder.spans(in: [text], by: SpanRule(threshold: 0.5, share: 0.8)) == [[4..<11]])
    }

    @Test func aLexiconMarksWhatItFinds() throws {
        let entries = ["dull goose", "numbskull", "heck", "brat"]
        let detector = try LexiconDetector(name: "test", entries: entries)
        let finder = try #require(LexiconMatches(detector, attribute: .toxicity))
        let texts = [
            "A DULL  goose and brats", "numb skull h-e-c-k", "gooses dull", "heckkk", "", "dull-goose. Brat",
            "some brattish words",
        ]
        let found = finder.evidence(in: texts)
        #expect(
            found.map { $0.map(\.scalars) } == [
                [2..<13, 18..<23], [0..<10, 11..<18], [], [0..<6], [], [0..<10, 12..<16], [],
            ])
        // Flagged exactly where something was found.
        #expect(found.map { !$0.isEmpty } == detector.verdicts(for: texts).map { $0.toxicity == 1 })
    }

    @Test func theBestFinderFitsTheDetector() throws {
        let linear = Self.linear(seed: 1)
        let lexicon = try LexiconDetector(name: "test", entries: ["brat"])
        #expect(SpanFinders.best(for: linear) is LinearContributions)
        #expect(SpanFinders.best(for: lexicon) is LexiconMatches)
        #expect(SpanFinders.best(for: lexicon, attribute: .threat) == nil)
        #expect(Set(SpanFinders.all.map { $0.name }).count == SpanFinders.all.count)
    }
}
