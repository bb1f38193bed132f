import Foundation
import Testing

@testable import TheriacDetection

extension Tag {
    /// Compares with a reference implementation in Python.
    @Tag static var parity: Self
}

@Suite(.tags(.parity), .enabled(if: Python.interpreter != nil, "no Python with scikit-learn"))
struct MetricsParityTests {
    @Test func metricsAreThoseOfScikitLearn() throws {
        let interpreter = try #require(Python.interpreter)
        var random = TestRandom(seed: 11)
        let cases = (0..<30).map { number in
            let count = Int.random(in: 5...300, using: &random)
            let steps = number % 3 == 0 ? 7 : 1000  // few steps: many ties
            var labels = (0..<count).map { _ in Bool.random(using: &random) }
            labels[0] = true
            labels[1] = false
            let scores = labels.map { label in
                let draw = Double(Int.random(in: 0...steps, using: &random)) / Double(steps)
                return label ? (draw + 0.5) / 1.5 : draw
            }
            let members = (0..<count).map { _ in Int.random(in: 0..<3, using: &random) == 0 }
            return Case(scores: scores, labels: labels, members: members)
        }
        let script = Place.package.appending(path: "Tests/Parity/metrics_parity.py")
        let expected = try Python.run(interpreter, script, input: JSONEncoder().encode(cases))
        let values = try JSONDecoder().decode([[String: Double]].self, from: expected)
        #expect(values.count == cases.count)
        for (entry, value) in zip(cases, values) {
            let confusion = try Confusion(scores: entry.scores, labels: entry.labels)
            let ours = [
                "roc_auc": try areaUnderROC(scores: entry.scores, labels: entry.labels),
                "average_precision": try averagePrecision(scores: entry.scores, labels: entry.labels),
                "f1": confusion.f1, "macro_f1": confusion.macroF1,
                "brier": try brierScore(probabilities: entry.scores, outcomes: entry.labels),
                "ece": try expectedCalibrationError(confidences: entry.scores, outcomes: entry.labels),
            ]
            for (name, number) in ours {
                // Both add up doubles, in another order.
                #expect(abs(number - (try #require(value[name]))) < 1e-9, "\(name)")
            }
            let areas = try SubgroupAreas(scores: entry.scores, labels: entry.labels, members: entry.members)
            let group = [
                "subgroup": areas.subgroup, "background_positive": areas.backgroundPositive,
                "background_negative": areas.backgroundNegative,
            ]
            for (name, area) in group {
                #expect((area == nil) == (value[name] == nil), "\(name)")
                if let area, let reference = value[name] { #expect(abs(area - reference) < 1e-9, "\(name)") }
            }
        }
    }

    private struct Case: Codable {
        var scores: [Double]
        var labels: [Bool]
        /// Whether a text is of a group.
        var members: [Bool]
    }
}

/// The Python the parity scripts run on.
private enum Python {
    static let interpreter: URL? = {
        let named = ProcessInfo.processInfo.environment["THERIAC_TEST_PYTHON"]
        let url = named.map { URL(fileURLWithPath: $0) } ?? Place.package.appending(path: ".venv/bin/python")
        guard FileManager.default.isExecutableFile(atPath: url.path) else { return nil }
        let hasScikitLearn = try? run(url, arguments: ["-c", "import sklearn"], input: Data())
        return hasScikitLearn == nil ? nil : url
    }()

    static func run(_ interpreter: URL, _ script: URL, input: Data) throws -> Data {
        try run(interpreter, arguments: [script.path], input: input)
    }

    private static func run(_ interpreter: URL, arguments: [String], input: Data) throws -> Data {
        let process = Process()
        process.executableURL = interpreter
        process.arguments = arguments
        let standardInput = Pipe()
        let output = Pipe()
        process.standardInput = standardInput
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        let writer = Thread {
            try? standardInput.fileHandleForWriting.write(contentsOf: input)
            try? standardInput.fileHandleForWriting.close()
        }
        writer.start()
        let result = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw Failure.exit(process.terminationStatus) }
        return result
    }

    enum Failure: Error { case exit(Int32) }
}
