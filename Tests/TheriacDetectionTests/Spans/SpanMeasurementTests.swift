import Foundation
import Testing
import TheriacCorpora
import TheriacTesting

@testable import TheriacDetection

@Suite struct SpanMeasurementTests {
    private static let texts = [
        MarkedText(text: "a dull goose swims", spans: [2..<12]),
        MarkedText(text: "nothing here", spans: []),
        MarkedText(text: "quite dull indeed", spans: [6..<10]),
    ]

    private static let evidence: [[WordEvidence]] = texts.map { text in
        TextWords.words(of: text.text).map { word in
            let characters = Array(text.text.unicodeScalars)[word]
            let weights: [String: Float] = ["dull": 3, "goose": 2, "nothing": 1, "indeed": 0.5]
            return WordEvidence(
                scalars: word, weight: weights[String(String.UnicodeScalarView(characters))] ?? 0)
        }
    }

    @Test func theBestRuleFindsWhatRatersMarked() throws {
        let rule = try #require(SpanRule.best(for: Self.evidence, of: Self.texts))
        let predicted = zip(Self.evidence, Self.texts).map { rule.spans(of: $0, in: $1.text) }
        #expect(predicted == Self.texts.map(\.spans))
        #expect(SpanRule.best(for: [], of: []) == nil)
    }

    @Test func meansAndTotalsAreThoseWorkedByHand() throws {
        let measured = try #require(
            SpanMeasurement(finder: "x", predicted: [[2..<6], [0..<7], [6..<10]], of: Self.texts))
        // 2 · 4 / (4 + 10), 0, 1.
        expectClose([measured.f1.value], [(8.0 / 14 + 0 + 1) / 3], absolute: 1e-12)
        #expect(measured.f1OfUnmarked == 0)
        expectClose([try #require(measured.f1OfMarked)], [(8.0 / 14 + 1) / 2], absolute: 1e-12)
        expectClose([try #require(measured.precision)], [8.0 / 15], absolute: 1e-12)
        expectClose([try #require(measured.recall)], [8.0 / 14], absolute: 1e-12)
        #expect(measured.f1.low <= measured.f1.value && measured.f1.value <= measured.f1.high)
        #expect(SpanMeasurement(finder: "x", predicted: [], of: []) == nil)
    }

    @Test func baselinesAreNoneAllAndAFewWords() throws {
        let rows = SpanMeasurement.baselines(on: Self.texts, share: 0.3)
        #expect(rows.map(\.finder) == ["none", "all", "random"])
        #expect(rows[0].f1.value == 1.0 / 3 && rows[0].precision == nil)
        #expect(rows == SpanMeasurement.baselines(on: Self.texts, share: 0.3))
        // dull, goose and dull of nine words.
        expectClose([SpanMeasurement.markedShare(of: Self.texts)], [3.0 / 9], absolute: 1e-12)
    }

    @Test func marksCountFromHalfOfTheRaters() throws {
        let labelled = LabelledText(
            id: "1", text: "a dull goose", labels: [:],
            toxicSpans: [ToxicSpan(scalars: 2..<6, share: 0.5), ToxicSpan(scalars: 6..<12, share: 0.4)],
            dataset: "x", split: nil)
        #expect(MarkedText(labelled)?.spans == [2..<6])
        #expect(MarkedText(labelled, agreed: 0.3)?.spans == [2..<12])
        var unmarked = labelled
        unmarked.toxicSpans = nil
        #expect(MarkedText(unmarked) == nil)
    }

    /// What the README quotes: the shipped linear detector against the raters of the official trial set.
    @Test(.enabled(if: Place.data != nil && Place.detector("steer") != nil, "\(SharedData.reason)"))
    func contributionsOfTheShippedDetectorFindTheMarkedWords() throws {
        let detector = try LinearDetector(folder: try #require(Place.detector("steer")))
        let finder = try #require(LinearContributions(detector, attribute: .toxicity))
        let texts = try SemEvalToxicSpans.read(from: try #require(Place.data)).elements
            .filter { $0.split == .valid }.compactMap { MarkedText($0) }
        let predicted = try finder.spans(in: texts.map(\.text))
        let measured = try #require(SpanMeasurement(finder: "x", predicted: predicted, of: texts))
        showMeasured("span F1 of steer's contributions, own rule: \(measured.f1)")
        #expect(texts.count == 683 && measured.f1.value > 0.6)
    }

    @Test func balancedMeasurementChoosesItsThresholdElsewhere() throws {
        struct Fixed: Detector {
            var identity: DetectorIdentity { DetectorIdentity(name: "fixed", version: "1", hash: "") }
            var attributes: [Attribute] { [.toxicity] }
            func verdicts(for texts: [String]) -> [Verdict] {
                texts.map { Float($0).map { .scored([.toxicity: $0]) } ?? .unscored(reason: "no number") }
            }
        }
        // Positives score 0.3 to 0.4, negatives 0.1 to 0.2: right with any threshold from 0.25 to 0.3.
        let texts = (0..<80).map { number in
            let isPositive = number % 2 == 0
            return LabelledText(
                id: "\(number)", text: "\(Double(number % 10) / 100 + (isPositive ? 0.3 : 0.1))",
                labels: [.toxicity: isPositive ? 0.9 : 0.2], dataset: "x", split: nil)
        }
        let found = try #require(
            try BalancedMeasurement.measure(Fixed(), .toxicity, on: texts, choosing: 10, measuring: 100))
        #expect(found.accuracy.value == 1 && found.chosenOn == 20 && found.texts == 60)
        #expect((0.2...0.3).contains(found.threshold))
        #expect(try #require(found.correlation) > 0.9)
        #expect(
            try BalancedMeasurement.measure(
                Fixed(), .threat, on: texts, choosing: 10, measuring: 100) == nil)
    }
}
