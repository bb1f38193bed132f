import Foundation
import Testing
import TheriacTesting

@testable import TheriacDetection

@Suite(.tags(.parity), .enabled(if: PythonReference.isPresent, PythonReference.reason))
struct CalibrationParityTests {
    private struct Case: Codable {
        var scores: [Double]
        var labels: [Bool]
        var others: [Double]
        var grid: [Double]
    }

    @Test func calibrationAndCorrelationAreThoseOfScikitLearnAndScipy() throws {
        var random = TestRandom(seed: 21)
        let cases = (0..<12).map { number in
            let count = Int.random(in: 40...1500, using: &random)
            let steps = number % 3 == 0 ? 9 : 100_000  // few steps: many ties
            func draw() -> Double {
                (Double(Int.random(in: 0..<steps, using: &random)) + 0.5) / Double(steps)
            }
            let scores = (0..<count).map { _ in draw() }
            return Case(
                scores: scores, labels: scores.map { draw() * 0.8 + 0.1 < $0 },
                others: scores.map { ($0 + draw()) / 2 }, grid: (1..<50).map { Double($0) / 50 })
        }
        let folder = try TemporaryFolder()
        let file = try folder.write(JSONEncoder().encode(cases), to: "cases.json")
        let output = try PythonReference.run("calibration_parity.py", [file.path])
        let expected = try JSONDecoder().decode([[String: [Double]]].self, from: output)
        #expect(expected.count == cases.count)
        for (entry, expected) in zip(cases, expected) {
            let sample = try CalibrationSample(scores: entry.scores, labels: entry.labels)
            let isotonic = IsotonicCalibration(regressing: sample)
            let platt = try PlattScaling.fit(sample)
            let ours = [
                "isotonic": entry.grid.map(isotonic.calibrated), "platt": entry.grid.map(platt.calibrated),
                "temperature": [try TemperatureScaling.fit(sample).temperature],
                "log_loss": [
                    try negativeLogLikelihood(probabilities: sample.scores, outcomes: sample.targets)
                ],
                "pearson": [try pearsonCorrelation(entry.scores, entry.others)],
                "spearman": [try spearmanCorrelation(entry.scores, entry.others)],
                "kendall": [try kendallCorrelation(entry.scores, entry.others)],
                "kappa": [
                    try RaterAgreement.cohen(
                        entry.scores.map { $0 >= 0.5 }, entry.others.map { $0 >= 0.5 })
                ],
            ]
            for (name, values) in ours {
                // scikit-learn stops its search for slope and temperature at about 1e-5.
                let tolerance = name == "platt" || name == "temperature" ? 2e-4 : 1e-9
                expectClose(
                    values, try #require(expected[name]), absolute: tolerance, relative: tolerance, name)
            }
        }
    }
}
