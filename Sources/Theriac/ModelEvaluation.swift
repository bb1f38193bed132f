public import Foundation
internal import TheriacCorpora
internal import TheriacDetection
public import TheriacEvaluation
internal import TheriacFiles
internal import TheriacGeneration
internal import TheriacModels
public import TheriacOptions
public import TheriacRemote
internal import TheriacTensors

/// `theriac evaluate`: one model, with or without adapter and methods, measured.
public struct ModelEvaluation {
    /// What to measure, as the flags give it.
    public struct Request: Options, Equatable {
        public var model = ""
        public var adapter: String?
        public var prompts: String?
        public var corpus: String?
        public var judge = "judge"
        public var perplexityModel: String?
        public var precision: String?
        public var device = "cpu"
        /// How to speak to a model behind a server, where a model is given by its address.
        public var server = RemoteSettings()
        public var evaluation = EvaluationSettings()
        public var allowsDependentJudge = false

        public init() {}

        public mutating func read(_ fields: inout OptionFields) throws(OptionsError) {
            try fields.read("model", into: &model)
            try fields.read("adapter", into: &adapter)
            try fields.read("prompts", into: &prompts)
            try fields.read("corpus", into: &corpus)
            try fields.read("judge", into: &judge)
            try fields.read("perplexity-model", into: &perplexityModel)
            try fields.read("precision", into: &precision)
            try fields.read("device", into: &device)
            try fields.read("server", into: &server)
            try fields.read("evaluation", into: &evaluation)
            try fields.read("allow-dependent-judge", into: &allowsDependentJudge)
        }
    }

    public struct Outcome: Sendable {
        /// Absent when only a corpus was given.
        public var report: ComparisonReport?
        public var page: URL?
        public var corpus: CorpusPerplexity?
        public var refused: [(id: String, reason: String)] = []
        public var problems: [String] = []
    }

    private let request: Request
    private let output: URL
    private let command: String
    private let assets: AssetFolder

    public init(_ request: Request, output: URL, command: String, assets: AssetFolder) {
        self.request = request
        self.output = output
        self.command = command
        self.assets = assets
    }

    public func run(_ report: @escaping (Stage) -> Void = { _ in }) throws -> Outcome {
        guard request.prompts != nil || request.corpus != nil else { throw WorkbenchError.nothingToDo }
        let started = Date()
        let device = try Device(named: request.device)
        let precision = try Patient.precision(request.precision)
        let corpus = try request.corpus.map { path in
            let file = URL(fileURLWithPath: path)
            guard FileManager.default.fileExists(atPath: file.path) else {
                throw WorkbenchError.emptyCorpus(path)
            }
            return (
                file: file,
                identity: ContentIdentity(name: file.lastPathComponent, hash: try sha256(ofFileAt: file))
            )
        }
        let patient = try Patient(
            named: request.model, adapter: request.adapter.map { URL(fileURLWithPath: $0) },
            precision: precision, device: device, server: request.server, assets: assets)
        try FileManager.default.createDirectory(at: output, withIntermediateDirectories: true)
        guard let prompts = request.prompts else {
            guard let corpus else { throw WorkbenchError.nothingToDo }
            let loaded = try patient.loaded(for: "Corpus perplexity", needing: .logits)
            let value = try CorpusMeasurement(loaded).run(corpus.file, identity: corpus.identity) {
                report(Stage("corpus perplexity", done: $0, total: $1))
            }
            try write(value)
            return Outcome(corpus: value)
        }
        let judge = try DetectorShelf(assets).load(request.judge)
        if let steer = patient.steer, steer.sharesOrigin(with: judge.identity), !request.allowsDependentJudge
        {
            throw WorkbenchError.judgeTookPart(
                judge: judge.identity.description, part: "it labelled the adapter's text")
        }
        let selection = try PromptSelection.read(
            URL(fileURLWithPath: prompts), limit: request.evaluation.limit)
        let fluency = try request.perplexityModel.map { name in
            try FluencyModel(
                named: name, precision: precision, device: device, server: request.server, assets: assets)
        }
        let chain = request.evaluation.chainDescription
        let title =
            patient.model.name + (patient.adapter.map { " + " + $0.name } ?? "")
            + (chain == "none" ? "" : ", " + chain)
        let result = try ArmEvaluation(
            name: "model", title: title, patient: patient, settings: request.evaluation,
            prompts: selection.prompts,
            promptFile: selection.identity, judge: judge, perplexityModel: fluency, corpus: corpus,
            allowsDependentJudge: request.allowsDependentJudge,
            assets: assets, folder: output
        ).run(report)
        let provenance = RunProvenance(
            started: started, command: command, recipeText: "", recipe: request.option,
            device: request.device,
            dtype: patient.precisionName,
            hashes: [
                "model": patient.model.hash, "judge": judge.identity.hash, "prompts": selection.identity.hash,
            ])
        let comparison = try ComparisonReport(
            title: "Toxicity of \(title)", arms: [(result.summary, result.prompts)],
            provenance: try provenance.make())
        let page = try ReportFiles.write(comparison, arms: [(title, result.prompts)], to: output)
        if let value = result.summary.corpusPerplexity { try write(value) }
        return Outcome(
            report: comparison, page: page, corpus: result.summary.corpusPerplexity, refused: result.refused,
            problems: selection.problems.map(\.description))
    }

    private func write(_ value: CorpusPerplexity) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        try AtomicFile.write(encoder.encode(value), to: output.appendingPathComponent("perplexity.json"))
    }
}
