import Foundation
import Testing
import TheriacEvaluation
import TheriacTesting

@testable import Theriac

private enum Harness {
    static let isPresent =
        SlowTests.areOn && PythonReference.isPresent
        && (try? PythonReference.run("zero_shot_parity.py", ["--present"])) != nil
}

/// The same prompts, sums and accuracies as lm-evaluation-harness. Its package is not among the tests' own; name a Python
/// that has it in THERIAC_PYTHON.
@Suite(
    .tags(.parity, .slow), .enabled(if: SlowTests.areOn, SlowTests.reason),
    .enabled(if: SharedData.referenceModel != nil, Comment(rawValue: SharedData.reason)),
    .enabled(if: Harness.isPresent, "No Python with lm_eval; name one in THERIAC_PYTHON."))
struct ZeroShotParityTests {
    private struct Reference: Decodable {
        struct Sample: Decodable {
            var arguments: [[String]]
            var resps: [Answer]
        }

        /// A pair of a number and a flag.
        struct Answer: Decodable {
            var sum: Double
            var isGreedy: Bool

            init(from decoder: any Decoder) throws {
                var container = try decoder.unkeyedContainer()
                sum = try container.decode(Double.self)
                isGreedy = try container.decode(Bool.self)
            }
        }

        var samples: [String: [Sample]]
        var results: [String: [String: Value]]
    }

    /// A line of our own samples.
    private struct Sample: Decodable {
        var answers: [Reference.Answer]

        enum CodingKeys: String, CodingKey { case answers = "filtered_resps" }
    }

    private enum Value: Decodable {
        case number(Double), other

        init(from decoder: any Decoder) throws {
            self = (try? decoder.singleValueContainer().decode(Double.self)).map(Value.number) ?? .other
        }
    }

    private static let names = [
        "lambada_openai", "hellaswag", "piqa", "winogrande", "boolq", "sglue_rte", "cb", "copa", "wic", "wsc",
        "arc_easy", "openbookqa", "commonsense_qa", "truthfulqa_mc1", "truthfulqa_mc2",
    ]
    private static let limit = 20

    /// One call for all tasks: the harness takes long to start.
    private static let made = Result {
        let folder = try TemporaryFolder()
        let model = try #require(SharedData.referenceModel)
        let data = try #require(SharedData.file("data"))
        let file = folder.file("reference.json")
        _ = try PythonReference.run(
            "zero_shot_parity.py",
            [
                "--model", model.path, "--data", data.path, "--tasks", names.joined(separator: ","),
                "--limit",
                "\(limit)", "--output", file.path,
            ])
        return try JSONDecoder().decode(Reference.self, from: Data(contentsOf: file))
    }

    @Test(arguments: names) func agrees(name: String) throws {
        let reference = try Self.made.get()
        let folder = try TemporaryFolder()
        let data = try #require(SharedData.file("data"))
        var request = TaskEvaluation.Request()
        request.model = try #require(SharedData.referenceModel).path
        request.tasks = [name]
        request.data = data.path
        request.limit = Self.limit
        request.precision = "fp32"
        let outcome = try TaskEvaluation(request, output: folder.file("out"), assets: AssetFolder()).run()

        let task = try #require(ZeroShotTasks.named(name).first)
        let asked = try TaskItems(
            of: task, in: data.appendingPathComponent(task.card.file), limit: Self.limit)
        let expected = try #require(reference.samples[name])
        #expect(
            asked.items.map { $0.question.requests.map { [$0.context, $0.continuation] } }
                == expected.map(\.arguments))
        let samples = outcome.file.deletingLastPathComponent().appendingPathComponent(
            outcome.file.lastPathComponent.replacingOccurrences(of: "results_", with: "samples_\(name)_")
                + "l")
        let found = try String(contentsOf: samples, encoding: .utf8).split(separator: "\n").flatMap { line in
            try JSONDecoder().decode(Sample.self, from: Data(line.utf8)).answers
        }
        let answers = expected.flatMap(\.resps)
        expectClose(found.map(\.sum), answers.map(\.sum), absolute: 1e-4, relative: 0)
        #expect(found.map(\.isGreedy) == answers.map(\.isGreedy))
        showMeasured(
            "\(name): largest difference of \(found.count) sums "
                + "\(largestDifference(found.map(\.sum), answers.map(\.sum)))")
        let results = try #require(reference.results[name])
        for measure in try #require(outcome.results.first).measures {
            guard case .number(let value)? = results["\(measure.name),none"] else {
                Issue.record("the harness has no \(measure.name)")
                continue
            }
            expectClose(measure.value, value, absolute: 1e-6, relative: 1e-5, measure.name)
        }
    }
}
