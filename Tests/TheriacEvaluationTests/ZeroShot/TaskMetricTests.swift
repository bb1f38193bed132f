import Foundation
import Testing
import TheriacOptions
import TheriacTesting

@testable import TheriacEvaluation

/// Values worked by hand.
@Suite struct TaskMetricTests {
    private func answers(_ values: Double..., greedy: Bool = false) -> [TaskAnswer] {
        values.map { TaskAnswer(logProbability: $0, isGreedy: greedy) }
    }

    @Test func accuracyTakesTheFirstOfEquals() {
        let question = TaskQuestion.choices(after: "c", ["aa", "b"], right: [1])
        #expect(ChoiceAccuracy().item(question, answers(-1, -1)) == [0])
        #expect(ChoiceAccuracy().item(question, answers(-1, -0.9)) == [1])
        // Per character −1 against −1.5.
        #expect(NormalizedAccuracy().item(question, answers(-2, -1.5)) == [0])
        #expect(ChoiceAccuracy().item(question, answers(-2, -1.5)) == [1])
    }

    @Test func lengthsCountScalars() {
        #expect(TaskQuestion.choices(after: "", ["e\u{301}x"], right: [0]).lengths == [3])
    }

    @Test func meansHaveTheSampleStandardError() throws {
        let items: [[Double]] = [[1], [0], [1], [1]]
        #expect(ChoiceAccuracy().value(of: items) == 0.75)
        // Deviation √(0.75 / 3) = .5, over √4.
        expectClose(try #require(ChoiceAccuracy().standardError(of: items)), 0.25, absolute: 1e-12)
        #expect(ChoiceAccuracy().standardError(of: [[1]]) == nil)
    }

    @Test func perplexityIsPerContinuation() throws {
        let items: [[Double]] = (0..<400).map { [-log($0.isMultiple(of: 2) ? 4 : 16)] }
        expectClose(TargetPerplexity().value(of: items), 8, absolute: 1e-9)
        // The derivative: 8 · deviation / √n.
        let expected = 8 * log(4.0) / 2 / 20
        expectClose(try #require(TargetPerplexity().standardError(of: items)), expected, relative: 0.1)
    }

    @Test func macroF1IsOverClasses() {
        // Right 0 0 1 2, said 0 1 1 1: F1 is 2/3, 2/4, 0.
        let items: [[Double]] = [[0, 0], [0, 1], [1, 1], [2, 1]]
        expectClose(MacroF1(classes: 3).value(of: items), (2.0 / 3 + 0.5) / 3, absolute: 1e-12)
    }

    @Test func theRightShareAddsUp() {
        let question = TaskQuestion.choices(after: "", ["a", "b", "c"], right: [0, 1])
        let share = RightShare().item(question, answers(log(0.1) - 900, log(0.2) - 900, log(0.5) - 900))
        expectClose(share, [0.3 / 0.8], absolute: 1e-12)
    }

    @Test func greedyOrNot() {
        let question = TaskQuestion.continuation(of: "a", " b")
        #expect(GreedyAccuracy().item(question, answers(-3, greedy: true)) == [1])
        #expect(GreedyAccuracy().item(question, answers(-3)) == [0])
    }

    @Test func resultsHaveTheHarnessShape() throws {
        let folder = try TemporaryFolder()
        let file = try folder.write(
            "{\"goal\": \"g\", \"sol1\": \"a\", \"sol2\": \"b\", \"label\": 0}\n"
                + "{\"goal\": \"h\", \"sol1\": \"a\", \"sol2\": \"b\", \"label\": 1}\n"
                + "{\"goal\": \"i\", \"sol1\": \"a\", \"sol2\": \"b\", \"label\": 1}\n", to: "piqa.jsonl")
        let asked = try TaskItems(of: PIQA(), in: file)
        let said: [[TaskAnswer?]] = [answers(-1, -2), answers(-1, -2), [nil, nil]]
        let result = TaskResult(of: PIQA(), asked, answers: said)
        #expect(result.effective == 2 && result.original == 3 && result.unscored == 1)
        let (lines, hash) = HarnessFile.samples(of: PIQA(), asked, answers: said)
        let run = HarnessFile.Run(
            model: "a/b:c", arguments: "", device: "cpu", limit: 0,
            started: Date(timeIntervalSince1970: 1_767_323_045), seconds: 1, theriac: [:])
        #expect(run.folderName == "a__b__c" && run.timestamp.hasPrefix("2026-01-02T03-04-05"))
        let json = HarnessFile(run, [result]).json(taskHashes: ["piqa": hash])
        let data = try #require(
            try JSONSerialization.jsonObject(with: json.jsonData) as? [String: Any])
        let expected = [
            "results", "configs", "versions", "n-shot", "higher_is_better", "n-samples", "config",
            "task_hashes",
            "model_name", "model_name_sanitized", "total_evaluation_time_seconds", "date", "theriac",
        ]
        #expect(expected.allSatisfy { data[$0] != nil })
        let piqa = try #require((data["results"] as? [String: [String: Any]])?["piqa"])
        #expect(piqa["acc,none"] as? Double == 0.5 && piqa["acc_stderr,none"] as? Double == 0.5)
        #expect(piqa["sample_len"] as? Int == 2 && piqa["alias"] as? String == "piqa")
        guard case .object(let sample) = lines[1] else {
            Issue.record("a sample is an object")
            return
        }
        let keys = [
            "doc_id", "doc", "target", "arguments", "resps", "filtered_resps", "filter", "metrics",
            "doc_hash",
            "prompt_hash", "target_hash", "acc", "acc_norm",
        ]
        #expect(Set(sample.keys) == Set(keys))
        #expect(sample["acc"] == .number(0) && sample["doc_id"] == .integer(1))
        #expect(
            sample["filtered_resps"]
                == .list([.list([.number(-1), .bool(false)]), .list([.number(-2), .bool(false)])]))
    }
}
