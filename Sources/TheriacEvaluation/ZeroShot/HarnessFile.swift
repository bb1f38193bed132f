public import Foundation
internal import TheriacCorpora
internal import TheriacFiles
public import TheriacOptions

/// Results in the shape of lm-evaluation-harness 0.4.13: `results_TIME.json` and `samples_TASK_TIME.jsonl` in a folder
/// named for the model, for the tools that read those.
///
/// Its hash of a row covers the row's printed dictionary; ours covers the line of the file. What is ours alone stands
/// under `theriac`.
public struct HarnessFile {
    /// What a reader needs to know of the model and the run.
    public struct Run: Sendable {
        public var model: String
        /// `pretrained=…,dtype=…`.
        public var arguments: String
        public var device: String
        /// Questions of each task; 0 for all.
        public var limit: Int
        public var started: Date
        public var seconds: Double
        /// Goes under `theriac`: model and adapter with their hashes, versions.
        public var theriac: [String: OptionValue]

        public init(
            model: String, arguments: String, device: String, limit: Int, started: Date, seconds: Double,
            theriac: [String: OptionValue]
        ) {
            self.model = model
            self.arguments = arguments
            self.device = device
            self.limit = limit
            self.started = started
            self.seconds = seconds
            self.theriac = theriac
        }

        /// The model's name as a folder: what file systems refuse is `__`.
        public var folderName: String { model.replacing(#/["<>:/|\\?*\[\]]+/#, with: "__") }

        /// `2026-01-02T03-04-05.678`, local time in the harness and UTC here.
        public var timestamp: String {
            let formatter = ISO8601DateFormatter()
            formatter.formatOptions = [
                .withFullDate, .withTime, .withColonSeparatorInTime, .withFractionalSeconds,
            ]
            return formatter.string(from: started).replacing(":", with: "-")
        }
    }

    private let run: Run
    private let results: [TaskResult]

    public init(_ run: Run, _ results: [TaskResult]) {
        self.run = run
        self.results = results
    }

    /// The file of results. `taskHashes` come from ``samples(of:_:answers:)``.
    public func json(taskHashes: [String: String]) -> OptionValue {
        func each(_ value: (TaskResult) -> OptionValue) -> OptionValue {
            .object(Dictionary(results.map { ($0.card.name, value($0)) }) { $1 })
        }
        var own = run.theriac
        own["data"] = each { .object(["file": .string($0.card.file), "sha256": .string($0.fileHash)]) }
        own["unscored"] = each { .integer($0.unscored) }
        own["differences"] = each { .list($0.card.differences.map(OptionValue.string)) }
        return .object([
            "results": each(Self.measures), "configs": each(Self.configuration),
            "versions": each { .string($0.card.version) }, "n-shot": each { _ in .integer(0) },
            "group_subtasks": each { _ in .list([]) },
            "higher_is_better": each { result in
                .object(Dictionary(result.measures.map { ($0.name, .bool($0.isHigherBetter)) }) { $1 })
            },
            "n-samples": each {
                .object(["original": .integer($0.original), "effective": .integer($0.effective)])
            },
            "config": .object([
                "model": .string("theriac"), "model_args": .string(run.arguments),
                "device": .string(run.device), "limit": run.limit == 0 ? .null : .integer(run.limit),
                "bootstrap_iters": .integer(TargetPerplexity.resamples),
            ]),
            "date": .number(run.started.timeIntervalSince1970), "git_hash": .null,
            "model_source": .string("theriac"), "model_name": .string(run.model),
            "model_name_sanitized": .string(run.folderName),
            "task_hashes": .object(taskHashes.mapValues(OptionValue.string)),
            "total_evaluation_time_seconds": .string("\(run.seconds)"), "theriac": .object(own),
        ])
    }

    /// The lines of a task's file of samples, and the hash of all its questions.
    public static func samples(
        of task: any ZeroShotTask, _ asked: TaskItems, answers: [[TaskAnswer?]]
    ) -> (lines: [OptionValue], hash: String) {
        var hashes = ""
        let lines = zip(asked.items, answers).map { item, answers -> OptionValue in
            let question = item.question
            let prompt = sha256(of: Data((question.requests.first?.context ?? "").utf8))
            let target = sha256(of: Data(question.target.utf8))
            hashes += item.rowHash + prompt + target
            let said = answers.map { answer -> OptionValue in
                answer.map { .list([.number($0.logProbability), .bool($0.isGreedy)]) } ?? .null
            }
            var arguments: [String: OptionValue] = [:]
            for (number, request) in question.requests.enumerated() {
                arguments["gen_args_\(number)"] = .object([
                    "arg_0": .string(request.context), "arg_1": .string(request.continuation),
                ])
            }
            var line: [String: OptionValue] = [
                "doc_id": .integer(item.id), "doc": OptionValue(item.row.value),
                "target": .string(question.target), "arguments": .object(arguments),
                "resps": .list(said.map { .list([$0]) }), "filtered_resps": .list(said),
                "filter": .string("none"), "doc_hash": .string(item.rowHash),
                "prompt_hash": .string(prompt), "target_hash": .string(target),
                "metrics": .list(task.metrics.map { .string($0.name) }),
            ]
            let known = answers.compactMap { $0 }
            for metric in task.metrics where known.count == answers.count {
                let values = metric.item(question, known).map(OptionValue.number)
                line[metric.name] = values.count == 1 ? values[0] : .list(values)
            }
            return .object(line)
        }
        return (lines, sha256(of: Data(hashes.utf8)))
    }

    private static func measures(_ result: TaskResult) -> OptionValue {
        var values: [String: OptionValue] = [
            "name": .string(result.card.name), "alias": .string(result.card.name),
            "sample_len": .integer(result.effective),
        ]
        for measure in result.measures {
            values["\(measure.name),none"] = .number(measure.value)
            values["\(measure.name)_stderr,none"] =
                measure.standardError.map(OptionValue.number) ?? .string("N/A")
        }
        return .object(values)
    }

    private static func configuration(_ result: TaskResult) -> OptionValue {
        .object([
            "task": .string(result.card.name), "tag": .list([.string(result.card.group)]),
            "dataset_path": .string(result.card.file), "num_fewshot": .integer(0), "repeats": .integer(1),
            "metric_list": .list(
                result.measures.map {
                    .object(["metric": .string($0.name), "higher_is_better": .bool($0.isHigherBetter)])
                }),
            "metadata": .object(["version": .string(result.card.version)]),
            "reference": .string(result.card.reference),
        ])
    }
}

extension OptionValue {
    init(_ value: JSONValue) {
        self =
            switch value {
            case .null: .null
            case .bool(let flag): .bool(flag)
            case .integer(let number): .integer(number)
            case .number(let number): .number(number)
            case .string(let text): .string(text)
            case .array(let elements): .list(elements.map(OptionValue.init))
            case .object(let members): .object(members.mapValues(OptionValue.init))
            }
    }
}
