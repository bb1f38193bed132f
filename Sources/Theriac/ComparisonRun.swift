public import Foundation
internal import TheriacCorpora
internal import TheriacDetection
internal import TheriacDetox
public import TheriacEvaluation
internal import TheriacFiles
internal import TheriacGeneration
internal import TheriacModels
internal import TheriacOptions
internal import TheriacRemote
internal import TheriacTensors

/// `theriac run`: measure, detoxify, measure again, report. The output folder holds everything, as it is made.
public struct ComparisonRun {
    /// What came out.
    public struct Outcome: Sendable {
        public let report: ComparisonReport
        public let page: URL
        /// Prompts that could not be continued, with the reason; the rest went on.
        public let refused: [(id: String, reason: String)]
        /// Lines of the prompt file that could not be read.
        public let problems: [String]
    }

    private let recipe: RunRecipe
    private let source: String
    private let base: URL
    private let output: URL
    private let command: String
    private let assets: AssetFolder

    /// - Parameters:
    ///   - source: the recipe as it was written; kept in the report.
    ///   - base: what relative paths in the recipe start from.
    ///   - command: what would make the report again.
    public init(
        _ recipe: RunRecipe, source: String, relativeTo base: URL, output: URL, command: String,
        assets: AssetFolder
    ) {
        self.recipe = recipe
        self.source = source
        self.base = base
        self.output = output
        self.command = command
        self.assets = assets
    }

    public func run(_ report: @escaping (Stage) -> Void = { _ in }) throws -> Outcome {
        let started = Date()
        let shelf = DetectorShelf(assets)
        let judge = try shelf.load(recipe.judge, relativeTo: base)
        let needsSteer = recipe.arms.contains { $0.training != nil }
        let steer = try needsSteer ? shelf.load(recipe.steer, relativeTo: base) : nil
        if let steer {
            try checkIndependence(of: judge, from: steer.identity, part: "it is the steer of the training")
        }
        let device = try Device(named: recipe.device)
        let precision = recipe.precision.dtype
        let (prompts, problems, promptFile) = try readPrompts()
        let corpus = try corpusFile()
        var worn: [String: URL] = [:]
        for name in recipe.arms.compactMap(\.adapter) {
            worn[name] = try assets.folder(name, kind: "experts", relativeTo: base)
        }
        let untreated = try Patient(
            named: recipe.model, adapter: nil, precision: precision, device: device, server: recipe.server,
            assets: assets, relativeTo: base)
        let fluency = try perplexityModel(unless: untreated, precision: precision, device: device)

        try FileManager.default.createDirectory(at: output, withIntermediateDirectories: true)
        try AtomicFile.write(
            recipe.option.jsonData, to: output.appendingPathComponent("recipe.resolved.json"))

        var adapters: [String: URL] = [:]
        for name in Set(recipe.arms.compactMap(\.training)).sorted() {
            guard let settings = recipe.training[name], let steer else { continue }
            let modelFolder = try untreated.loaded(for: "The training \(name)", needing: .gradients).folder
            let folder = output.appendingPathComponent("training").appendingPathComponent(name)
            let assets = assets
            adapters[name] = try SelfGeneratedTraining(settings, steer: steer, folder: folder).run(
                modelFolder: modelFolder, device: device, asset: { try assets.file($0) },
                progress: { report(Stage("\(name): \($0.stage)", done: $0.done, total: $0.total)) })
        }

        let groupFluency = try groupTexts(corpus: corpus?.file, judge: judge).map {
            GroupFluencyMeasurement($0, folder: output)
        }
        try groupFluency?.measure(untreated, title: nil, report)
        var results: [ArmEvaluation.Result] = []
        // The last one only: arms of one adapter often follow each other.
        var treated: (adapter: URL, patient: Patient)?
        for arm in recipe.arms {
            var patient = untreated
            if let adapter = arm.training.flatMap({ adapters[$0] }) ?? arm.adapter.flatMap({ worn[$0] }) {
                if treated?.adapter != adapter {
                    treated = nil
                    let modelFolder = try untreated.loaded(for: "An adapter", needing: .hiddenStates).folder
                    let loaded = try Patient(
                        model: modelFolder, adapter: adapter, precision: precision, device: device)
                    if let maker = loaded.steer {
                        try checkIndependence(
                            of: judge, from: maker,
                            part: "\(maker.description) labelled the texts of \(adapter.lastPathComponent)")
                    }
                    treated = (adapter, loaded)
                }
                patient = treated?.patient ?? untreated
                if let name = arm.training { try groupFluency?.measure(patient, title: name, report) }
            }
            var settings = EvaluationSettings()
            settings.generation = recipe.generation
            settings.chain = arm.decoding
            settings.limit = recipe.limit
            let evaluation = ArmEvaluation(
                name: arm.name, title: arm.title ?? arm.name, patient: patient, settings: settings,
                prompts: prompts,
                promptFile: promptFile, judge: judge, perplexityModel: fluency, corpus: corpus,
                allowsDependentJudge: recipe.allowsDependentJudge, assets: assets,
                folder: output.appendingPathComponent("arms").appendingPathComponent(arm.name))
            results.append(try evaluation.run(report))
        }
        report(Stage("Reporting"))
        let provenance = RunProvenance(
            started: started, command: command, recipeText: source, recipe: recipe.option,
            device: recipe.device,
            dtype: untreated.isRemote ? untreated.precisionName : recipe.precision.rawValue,
            hashes: [
                "model": results.first?.summary.arm.model.hash ?? "", "judge": judge.identity.hash,
                "steer": steer?.identity.hash ?? "", "prompts": promptFile.hash,
                "corpus": corpus?.identity.hash ?? "",
            ].filter { !$0.value.isEmpty })
        let comparison = try ComparisonReport(
            title: recipe.title, arms: results.map { ($0.summary, $0.prompts) },
            provenance: try provenance.make(), groupFluency: try groupFluency?.result())
        let page = try ReportFiles.write(
            comparison, arms: results.map { ($0.summary.arm.title, $0.prompts) }, to: output)
        return Outcome(
            report: comparison, page: page, refused: results.first?.refused ?? [],
            problems: problems.map(\.description))
    }

    private func checkIndependence(
        of judge: any Detector, from steer: DetectorIdentity, part: String
    ) throws {
        guard steer.sharesOrigin(with: judge.identity), !recipe.allowsDependentJudge else { return }
        throw WorkbenchError.judgeTookPart(judge: judge.identity.description, part: part)
    }

    private func readPrompts() throws -> ([Prompt], [LineProblem], ContentIdentity) {
        let file =
            try recipe.prompts.map { URL(fileURLWithPath: $0, relativeTo: base).standardizedFileURL }
            ?? assets.file("prompts/theriac-prompts.jsonl")
        return try PromptSelection.read(file, limit: recipe.limit)
    }

    private func corpusFile() throws -> (file: URL, identity: ContentIdentity)? {
        if recipe.corpus == "" { return nil }
        let file =
            try recipe.corpus.map { URL(fileURLWithPath: $0, relativeTo: base).standardizedFileURL }
            ?? assets.file("text/theriac-text.txt")
        return (file, ContentIdentity(name: file.lastPathComponent, hash: try sha256(ofFileAt: file)))
    }

    /// Only worth its time when something is trained: methods that act while a model writes leave its likelihoods alone.
    private func groupTexts(corpus: URL?, judge: any Detector) throws -> GroupedTexts? {
        guard recipe.arms.contains(where: { $0.training != nil }), recipe.groupText != "" else { return nil }
        let beside = recipe.groupText.map {
            URL(fileURLWithPath: $0, relativeTo: base).standardizedFileURL.path
        }
        let isFile = beside.map { FileManager.default.fileExists(atPath: $0) } ?? false
        guard let source = isFile ? beside : recipe.groupText ?? corpus?.path else { return nil }
        let data = ProcessInfo.processInfo.environment["THERIAC_DATA"] ?? "../shared/data"
        return try GroupedTexts(source, dataFolder: URL(fileURLWithPath: data), judge: judge)
    }

    private func perplexityModel(
        unless untreated: Patient, precision: DType, device: Device
    ) throws -> FluencyModel? {
        guard let named = recipe.perplexityModel else {
            // A server is asked for likelihoods only where the recipe says so: not every one has them.
            guard case .here(let loaded) = untreated.place else { return nil }
            return FluencyModel(loaded, identity: untreated.model)
        }
        return try FluencyModel(
            named: named, precision: precision, device: device, server: recipe.server, assets: assets,
            relativeTo: base)
    }
}
