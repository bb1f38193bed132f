import Testing
import TheriacDetection

@Suite struct MetricsTests {
    static let scores = [0.9, 0.7, 0.4, 0.8, 0.6, 0.3, 0.5, 0.1]
    static let labels = [true, false, false, true, true, false, false, false]

    @Test func areaUnderROCIsTheShareOfPairsInOrder() throws {
        #expect(abs(try areaUnderROC(scores: Self.scores, labels: Self.labels) - 14.0 / 15) < 1e-12)
    }

    @Test func tiesCountOneHalf() throws {
        #expect(try areaUnderROC(scores: [0.5, 0.5, 0.5], labels: [true, false, true]) == 0.5)
        #expect(try areaUnderROC(scores: [0.2, 0.5, 0.5, 0.9], labels: [false, true, false, true]) == 0.875)
    }

    @Test(arguments: 0..<30 as Range<UInt64>)
    func areaUnderROCEqualsCountingAllPairs(seed: UInt64) throws {
        var random = TestRandom(seed: seed)
        let scores = (0..<40).map { _ in Double(Int.random(in: 0...9, using: &random)) / 9 }
        var labels = (0..<40).map { _ in Bool.random(using: &random) }
        labels[0] = true
        labels[1] = false
        var won = 0.0
        var pairs = 0.0
        for (one, isPositive) in labels.enumerated() where isPositive {
            for (other, isAlsoPositive) in labels.enumerated() where !isAlsoPositive {
                won += scores[one] > scores[other] ? 1 : scores[one] == scores[other] ? 0.5 : 0
                pairs += 1
            }
        }
        #expect(abs(try areaUnderROC(scores: scores, labels: labels) - won / pairs) < 1e-12)
    }

    @Test func averagePrecisionSumsPrecisionAtEachPositive() throws {
        #expect(abs(try averagePrecision(scores: [3, 2, 1], labels: [true, false, true]) - 5.0 / 6) < 1e-12)
        // All tied: one step with the precision of the whole.
        #expect(try averagePrecision(scores: [1, 1, 1, 1], labels: [true, false, false, false]) == 0.25)
    }

    @Test func f1OfBothClasses() throws {
        let confusion = try Confusion(
            scores: [0.9, 0.6, 0.5, 0.2, 0.1], labels: [true, true, false, true, false], threshold: 0.5)
        #expect(confusion.truePositives == 2)
        #expect(confusion.falsePositives == 1)
        #expect(confusion.falseNegatives == 1)
        #expect(abs(confusion.f1 - 2.0 / 3) < 1e-12)
        #expect(abs(confusion.macroF1 - (2.0 / 3 + 0.5) / 2) < 1e-12)
        #expect(confusion.flagged == 0.6)
    }

    @Test func calibrationErrorOfTheWorkedExample() throws {
        let error = try expectedCalibrationError(
            confidences: [0.95, 0.9, 0.8, 0.7, 0.6, 0.55], outcomes: [true, true, false, true, false, true])
        #expect(abs(error - 0.23333) < 5e-6)
    }

    @Test func calibrationBinsAreClosedOnTheRight() throws {
        // 0.1 and 0.05 share the first bin, 0.3 is alone in the third, although 0.1 · 3 is above 0.3 in binary.
        let error = try expectedCalibrationError(
            confidences: [0.1, 0.05, 0.1 * 3], outcomes: [true, false, true])
        #expect(abs(error - (0.85 + 0.7) / 3) < 1e-9)
        #expect(try expectedCalibrationError(confidences: [0, 1], outcomes: [false, true]) == 0)
    }

    @Test func brierScoreIsTheMeanSquare() throws {
        #expect(abs(try brierScore(probabilities: [0.8, 0.3], outcomes: [true, false]) - 0.065) < 1e-12)
    }

    @Test func correlationOfTheWorkedExample() throws {
        #expect(abs(try pearsonCorrelation([1, 2, 3], [2, 4, 7]) - 0.99339) < 1e-5)
    }

    @Test func bootstrapIntervalHoldsTheValue() throws {
        let values = (0..<200).map { Double($0 % 10) }
        let estimate = try #require(
            Estimate.bootstrap(count: values.count) { times in
                let counts = times ?? [Int](repeating: 1, count: values.count)
                let sum = zip(values, counts).reduce(0) { $0 + $1.0 * Double($1.1) }
                return sum / Double(counts.reduce(0, +))
            })
        #expect(estimate.value == 4.5)
        // The standard error is 2.872 / √200 = 0.203, so the interval is about 4.5 ± 0.4.
        #expect(abs(estimate.low - 4.1) < 0.08)
        #expect(abs(estimate.high - 4.9) < 0.08)
    }

    @Test func refusesWhatHasNoValue() {
        #expect(
            throws: DetectionError.metric(
                name: "The area under the ROC curve", reason: "it needs positive and negative texts")
        ) { try areaUnderROC(scores: [1, 2], labels: [true, true]) }
        #expect(throws: DetectionError.metric(name: "Average precision", reason: "score 1 is not a number")) {
            try averagePrecision(scores: [1, .nan], labels: [true, true])
        }
        #expect(throws: DetectionError.metric(name: "The Brier score", reason: "1 scores for 2 labels")) {
            try brierScore(probabilities: [1], outcomes: [true, true])
        }
        #expect(
            throws: DetectionError.metric(
                name: "The expected calibration error", reason: "a confidence is outside 0...1")
        ) { try expectedCalibrationError(confidences: [1.5], outcomes: [true]) }
    }
}
