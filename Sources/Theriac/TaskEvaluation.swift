public import Foundation
public import TheriacEvaluation
internal import TheriacFiles
internal import TheriacGeneration
internal import TheriacModels
public import TheriacOptions
internal import TheriacTensors

/// `theriac evaluate --tasks`: what a model still knows, by zero-shot tasks.
public struct TaskEvaluation {
    public struct Request: Options, Equatable {
        public var model = ""
        public var adapter: String?
        /// Names of tasks or of groups of them, as ``ZeroShotTasks/named(_:)`` knows them.
        public var tasks: [String] = []
        /// The folder below which the tasks' files are.
        public var data = "../shared/data"
        /// The first so many questions of each task; 0 takes all.
        public var limit = 0
        public var precision: String?
        public var device = "cpu"

        public init() {}

        public mutating func read(_ fields: inout OptionFields) throws(OptionsError) {
            try fields.read("model", into: &model)
            try fields.read("adapter", into: &adapter)
            try fields.read("tasks", into: &tasks)
            try fields.read("data", into: &data)
            try fields.read("limit", into: &limit, in: 0...100_000_000)
            try fields.read("precision", into: &precision)
            try fields.read("device", into: &device)
        }
    }

    public struct Outcome: Sendable {
        public let results: [TaskResult]
        /// `results_TIME.json`.
        public let file: URL
        /// Sentences about tasks without data, and rows that could not be used.
        public let problems: [String]

        /// A row a measure.
        public var table: FigureTable {
            var table = FigureTable(["task", "measure", "questions", "value", "± s.e."], wordColumns: 2)
            for result in results {
                for measure in result.measures {
                    let places = measure.isHigherBetter ? 4 : 2
                    table.rows.append([
                        result.card.name, measure.name, "\(result.effective)",
                        FigureFormat.short(measure.value, places),
                        measure.standardError.map { FigureFormat.short($0, places) } ?? "–",
                    ])
                }
            }
            return table
        }
    }

    private let request: Request
    private let output: URL
    private let assets: AssetFolder

    public init(_ request: Request, output: URL, assets: AssetFolder) {
        self.request = request
        self.output = output
        self.assets = assets
    }

    /// Goes on where an earlier call with the same model was stopped: `answers_TASK.jsonl` in the output folder.
    public func run(_ report: (Stage) -> Void = { _ in }) throws -> Outcome {
        let started = Date()
        var problems: [String] = []
        let tasks = try chosen(&problems)
        guard !tasks.isEmpty else { throw TaskEvaluationError.noData(problems) }
        let patient = try Patient(
            model: assets.folder(request.model, kind: "models"),
            adapter: request.adapter.map { URL(fileURLWithPath: $0) },
            precision: Patient.precision(request.precision), device: Device(named: request.device))
        try FileManager.default.createDirectory(at: output, withIntermediateDirectories: true)
        let likelihood = try Likelihood(
            patient.loaded(for: "A zero-shot task", needing: .logProbabilities))
        var results: [TaskResult] = []
        var samples: [(name: String, lines: [OptionValue], hash: String)] = []
        for (task, file) in tasks {
            let asked = try TaskItems(of: task, in: file, limit: request.limit)
            problems += asked.problems
            let answers = try answers(to: asked, of: task, patient, likelihood, report)
            results.append(TaskResult(of: task, asked, answers: answers))
            let (lines, hash) = HarnessFile.samples(of: task, asked, answers: answers)
            samples.append((task.card.name, lines, hash))
        }
        problems += results.filter { $0.unscored > 0 }.map {
            "\($0.card.name): \($0.unscored) questions do not fit the model and are left out."
        }
        let file = try write(results, samples, patient, started)
        return Outcome(results: results, file: file, problems: problems)
    }

    /// The tasks that are asked for and have data.
    private func chosen(_ problems: inout [String]) throws -> [(any ZeroShotTask, URL)] {
        var seen: Set<String> = []
        var chosen: [(any ZeroShotTask, URL)] = []
        for name in request.tasks {
            let tasks = ZeroShotTasks.named(name)
            guard !tasks.isEmpty else {
                throw OptionsError.unknownChoice(
                    path: "tasks", found: name, choices: ZeroShotTasks.names,
                    suggestion: nearestName(to: name, among: ZeroShotTasks.names))
            }
            for task in tasks where seen.insert(task.card.name).inserted {
                let file = URL(fileURLWithPath: request.data).appendingPathComponent(task.card.file)
                if FileManager.default.fileExists(atPath: file.path) {
                    chosen.append((task, file))
                } else {
                    problems.append("\(task.card.name): there is no \(task.card.file) in the data folder.")
                }
            }
        }
        return chosen
    }

    private func answers(
        to asked: TaskItems, of task: any ZeroShotTask, _ patient: Patient, _ likelihood: Likelihood,
        _ report: (Stage) -> Void
    ) throws -> [[TaskAnswer?]] {
        let requests = asked.items.flatMap(\.question.requests)
        let log = try KeyedLog<TaskAnswer?>(
            file: output.appendingPathComponent("answers_\(task.card.name).jsonl"),
            source: patient.fingerprint)
        // The longest first, so that what is left never takes longer than it seems; equal contexts side by side.
        let order = requests.indices.sorted {
            let (a, b) = (requests[$0].context, requests[$1].context)
            return a.utf8.count != b.utf8.count ? a.utf8.count > b.utf8.count : a < b
        }
        report(Stage(task.card.name, done: 0, total: requests.count))
        let keys = requests.map { sha256(of: Data("\($0.context)\u{0}\($0.continuation)".utf8)) }
        let flat = try log.values(for: keys, order: order) { places in
            let pairs = places.map { (requests[$0].context, requests[$0].continuation) }
            return try likelihood.ofAnswers(pairs).map { answer in
                answer.map { TaskAnswer(logProbability: $0.logProbability, isGreedy: $0.isGreedy) }
            }
        } progress: {
            report(Stage(task.card.name, done: $0, total: requests.count))
        }
        var rest = flat[...]
        return asked.items.map { item in
            let own = Array(rest.prefix(item.question.requests.count))
            rest = rest.dropFirst(own.count)
            return own
        }
    }

    private func write(
        _ results: [TaskResult], _ samples: [(name: String, lines: [OptionValue], hash: String)],
        _ patient: Patient, _ started: Date
    ) throws -> URL {
        var own: [String: OptionValue] = [
            "version": .string(Theriac.version), "libtorch": .string(try Torch.version()),
            "model": .object(["name": .string(patient.model.name), "hash": .string(patient.model.hash)]),
        ]
        if let adapter = patient.adapter {
            own["adapter"] = .object(["name": .string(adapter.name), "hash": .string(adapter.hash)])
        }
        let run = HarnessFile.Run(
            model: patient.model.name + (patient.adapter.map { " + \($0.name)" } ?? ""),
            arguments: "pretrained=\(patient.model.name),dtype=\(patient.precisionName)",
            device: request.device, limit: request.limit, started: started,
            seconds: Date().timeIntervalSince(started), theriac: own)
        let folder = output.appendingPathComponent(run.folderName)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        for (name, lines, _) in samples {
            var data = Data()
            for line in lines { data += try encoder.encode(line) + Data("\n".utf8) }
            try AtomicFile.write(
                data, to: folder.appendingPathComponent("samples_\(name)_\(run.timestamp).jsonl"))
        }
        let hashes = Dictionary(samples.map { ($0.name, $0.hash) }) { $1 }
        let file = folder.appendingPathComponent("results_\(run.timestamp).json")
        try AtomicFile.write(HarnessFile(run, results).json(taskHashes: hashes).jsonData, to: file)
        return file
    }
}

/// What can stop an evaluation by tasks.
public enum TaskEvaluationError: Error, CustomStringConvertible {
    case noData([String])

    public var description: String {
        switch self {
        case .noData(let problems):
            "No task has data. Name the folder that holds zero-shot/ with --data. "
                + problems.joined(separator: " ")
        }
    }
}
