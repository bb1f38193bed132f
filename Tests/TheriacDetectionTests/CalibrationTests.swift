import Foundation
import Testing
import TheriacOptions
import TheriacTesting

@testable import TheriacDetection

@Suite struct CalibrationTests {
    /// Scores that are too sure of themselves: the truth has half their logit, moved by -0.5.
    static func overconfident(_ count: Int, seed: UInt64) throws -> CalibrationSample {
        var random = TestRandom(seed: seed)
        let logits = (0..<count).map { _ in Double.random(in: -6...6, using: &random) }
        let labels = logits.map { logit in
            Double.random(in: 0...1, using: &random) < 1 / (1 + exp(-(0.5 * logit - 0.5)))
        }
        return try CalibrationSample(scores: logits.map { 1 / (1 + exp(-$0)) }, labels: labels)
    }

    @Test func plattFindsTheMapThatMadeTheLabels() throws {
        let map = try PlattScaling.fit(try Self.overconfident(20_000, seed: 1))
        // The standard errors are 0.008 and 0.02.
        expectClose(map.slope, 0.5, absolute: 0.03, relative: 0)
        expectClose(map.intercept, -0.5, absolute: 0.06, relative: 0)
    }

    @Test func plattSmoothsTheTargetsOfSeparableTexts() throws {
        // Twelve below and eight above: without smoothing the slope would be infinite.
        let scores = [Double](repeating: 0.2, count: 12) + [Double](repeating: 0.8, count: 8)
        let map = try PlattScaling.fit(
            CalibrationSample(scores: scores, labels: scores.map { $0 > 0.5 }))
        // Two groups and two parameters: each group gets its smoothed target exactly.
        expectClose(map.calibrated(0.2), 1.0 / 14, absolute: 1e-6)
        expectClose(map.calibrated(0.8), 9.0 / 10, absolute: 1e-6)
    }

    @Test func temperatureHalvesTheLogitsOfATwiceTooSureDetector() throws {
        var random = TestRandom(seed: 3)
        let logits = (0..<20_000).map { _ in Double.random(in: -6...6, using: &random) }
        let labels = logits.map { Double.random(in: 0...1, using: &random) < 1 / (1 + exp(-$0 / 2)) }
        let map = try TemperatureScaling.fit(
            CalibrationSample(scores: logits.map { 1 / (1 + exp(-$0)) }, labels: labels))
        expectClose(map.temperature, 2, absolute: 0.08, relative: 0)
        #expect(map.calibrated(0.5) == 0.5)
    }

    @Test func temperatureIsWhereTheSlopeOfTheLossIsZero() throws {
        let sample = try Self.overconfident(300, seed: 5)
        let map = try TemperatureScaling.fit(sample)
        func loss(_ temperature: Double) throws -> Double {
            let map = TemperatureScaling(temperature: temperature)
            return try negativeLogLikelihood(
                probabilities: sample.scores.map(map.calibrated), outcomes: sample.targets)
        }
        let best = try loss(map.temperature)
        for factor in [0.9, 0.99, 0.999, 1.001, 1.01, 1.1] {
            #expect(try loss(map.temperature * factor) >= best)
        }
    }

    /// The rising sequence closest to the values, by trying: block means by the max-min formula.
    static func maxMin(_ values: [Double]) -> [Double] {
        func mean(_ range: ClosedRange<Int>) -> Double {
            values[range].reduce(0, +) / Double(range.count)
        }
        return values.indices.map { (place: Int) -> Double in
            let lows = (0...place).map { (start: Int) -> Double in
                (place..<values.count).map { mean(start...$0) }.min() ?? 0
            }
            return lows.max() ?? 0
        }
    }

    @Test(arguments: 0..<30 as Range<UInt64>)
    func isotonicIsTheMaxMinFormula(seed: UInt64) throws {
        var random = TestRandom(seed: seed)
        let count = Int.random(in: 2...40, using: &random)
        let scores = (0..<count).map { (Double($0) + 0.5) / Double(count) }
        let targets = scores.map { Double.random(in: 0...1, using: &random) < $0 ? 1.0 : 0 }
        let order = scores.indices.shuffled(using: &random)
        let map = IsotonicCalibration(
            regressing: try CalibrationSample(
                scores: order.map { scores[$0] }, targets: order.map { targets[$0] }))
        expectClose(scores.map(map.calibrated), Self.maxMin(targets), absolute: 1e-12)
    }

    @Test func isotonicPoolsEqualScoresAndIsConstantOutside() throws {
        let map = IsotonicCalibration(
            regressing: try CalibrationSample(
                scores: [0.2, 0.2, 0.2, 0.6, 0.8], targets: [0, 1, 0, 1, 1]))
        expectClose(map.calibrated(0.2), 1.0 / 3, absolute: 1e-12)
        expectClose(map.calibrated(0), 1.0 / 3, absolute: 1e-12)
        expectClose(map.calibrated(0.4), (1.0 / 3 + 1) / 2, absolute: 1e-12)  // half of the way to 0.6
        #expect(map.calibrated(1) == 1)
    }

    @Test(arguments: Calibrations.all.map { $0.name })
    func everyMethodRisesAndMendsOverconfidence(name: String) throws {
        let method = try #require(Calibrations.named(name))
        let fitting = try Self.overconfident(3000, seed: 7)
        let other = try Self.overconfident(3000, seed: 8)
        let map = try method.fit(fitting)
        let grid = (0...100).map { map.calibrated(Double($0) / 100) }
        #expect(
            zip(grid, grid.dropFirst()).allSatisfy { $0 <= $1 } && grid.allSatisfy { (0...1).contains($0) })
        let before = try CalibrationQuality(of: other)
        let after = try CalibrationQuality(of: other.mapped(by: [map]))
        #expect(after.expectedError < before.expectedError && after.brierScore < before.brierScore)
    }

    @Test(arguments: Calibrations.all.map { $0.name })
    func everyMethodRefusesWhatSaysNothing(name: String) throws {
        let method = try #require(Calibrations.named(name))
        let few = try CalibrationSample(scores: [0.1, 0.9], labels: [false, true])
        #expect(throws: CalibrationError.tooFew(method: name, found: 2, needed: method.leastTexts)) {
            try method.fit(few)
        }
        let graded = (0..<method.leastTexts / 2).map { (Double($0) + 0.5) / 2000 }
        _ = try method.fit(CalibrationSample(scores: graded, targets: graded))
        #expect(throws: CalibrationError.self) {
            try method.fit(
                CalibrationSample(scores: Array(graded.dropLast()), targets: Array(graded.dropLast())))
        }
        let alike = try CalibrationSample(
            scores: (0..<2000).map { Double($0) / 2000 }, labels: [Bool](repeating: true, count: 2000))
        #expect(throws: CalibrationError.oneClass(method: name)) { try method.fit(alike) }
        #expect(throws: CalibrationError.outside(what: "score", index: 1)) {
            try CalibrationSample(scores: [0, .nan], labels: [true, false])
        }
    }

    @Test func priorShiftMovesTheLogit() {
        let map = PriorShift(from: 0.5, to: 0.1)
        // Even odds become 1 to 9; 4 to 1 becomes 4 to 9.
        expectClose(map.calibrated(0.5), 0.1, absolute: 1e-12)
        expectClose(map.calibrated(0.8), 4.0 / 13, absolute: 1e-12)
        expectClose(PriorShift(from: 0.1, to: 0.5).calibrated(map.calibrated(0.7)), 0.7, absolute: 1e-12)
    }

    @Test func everyMapIsStoredAndReadAgain() throws {
        let sample = try Self.overconfident(1200, seed: 9)
        var maps: [any CalibrationMap] = [PriorShift(from: 0.4, to: 0.02)]
        for method in Calibrations.all { maps.append(try method.fit(sample)) }
        #expect(Set(maps.map { type(of: $0).name }) == Set(Calibrations.maps.map { $0.name }))
        for map in maps {
            let json = try StoredCalibration(map).option.jsonData
            let read = try StoredCalibration.read(
                OptionValue(json: json, source: "test"), path: "map", source: "test")
            for score in [0, 0.01, 0.3, 0.77, 1] {
                #expect(read.map.calibrated(score) == map.calibrated(score))
            }
        }
        #expect(throws: OptionsError.self) {
            try StoredCalibration.read(.object(["method": .string("plat")]), path: "map", source: "test")
        }
        #expect(throws: OptionsError.self) {
            try StoredCalibration.read(
                .object([
                    "method": .string("isotonic"), "scores": .list([.number(0.5), .number(0.1)]),
                    "values": .list([.number(0.1), .number(0.2)]),
                ]), path: "map", source: "test")
        }
    }

    @Test func adaptiveBinsHoldEqualNumbersOfTexts() throws {
        var random = TestRandom(seed: 2)
        let scores = (0..<103).map { _ in pow(Double.random(in: 0...1, using: &random), 4) }
        let curve = try ReliabilityCurve(scores: scores, outcomes: scores, binning: .equalMass)
        #expect(curve.bins.count == 10 && curve.bins.allSatisfy { (10...11).contains($0.texts) })
        // Equal scores are never parted.
        let tied = try ReliabilityCurve(
            scores: [0.1, 0.5, 0.5, 0.5, 0.5, 0.9], outcomes: [0, 0, 1, 1, 0, 1], bins: 3, binning: .equalMass
        )
        #expect(tied.bins.map(\.texts) == [1, 4, 1])
        // |0 − 0.1| + |2 − 2| + |1 − 0.9| over six texts.
        let error = try expectedCalibrationError(
            confidences: [0.1, 0.5, 0.5, 0.5, 0.5, 0.9], outcomes: [0, 0, 1, 1, 0, 1], bins: 3,
            binning: .equalMass)
        expectClose(error, 0.2 / 6, absolute: 1e-12)
    }

    @Test(arguments: CalibrationBinning.allCases)
    func aResampleCountsLikeCopies(binning: CalibrationBinning) throws {
        var random = TestRandom(seed: 4)
        let scores = (0..<60).map { _ in Double(Int.random(in: 0...20, using: &random)) / 20 }
        let outcomes = scores.map { _ in Double.random(in: 0...1, using: &random) }
        let times = scores.map { _ in Int.random(in: 0...3, using: &random) }
        let copies = scores.indices.flatMap { [Int](repeating: $0, count: times[$0]) }
        let bins = try CalibrationBins(scores: scores, outcomes: outcomes, bins: 7, binning: binning)
        expectClose(
            bins.error(times: times),
            try expectedCalibrationError(
                confidences: copies.map { scores[$0] }, outcomes: copies.map { outcomes[$0] }, bins: 7,
                binning: binning), absolute: 1e-12)
    }

    @Test func qualityIsToldByGroup() throws {
        let sample = try CalibrationSample(scores: [0.9, 0.8, 0.3, 0.1], targets: [1, 0, 0, 0])
        let groups = try CalibrationQuality.byGroup(
            of: sample, groups: [["a"], ["a", "b"], [], ["b", "b"]])
        #expect(groups.keys.sorted() == ["a", "b"] && groups["b"]?.texts == 2)
        expectClose(try #require(groups["a"]).expectedError, 0.45, absolute: 1e-12)
        expectClose(try #require(groups["b"]).brierScore, (0.64 + 0.01) / 2, absolute: 1e-12)
    }
}
