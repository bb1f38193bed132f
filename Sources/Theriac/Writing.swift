public import Foundation
internal import TheriacCorpora
internal import TheriacGeneration
internal import TheriacOptions
public import TheriacRemote
internal import TheriacTensors

/// `theriac generate`: continuations of a file of prompts.
public struct Writing {
    public struct Outcome: Sendable {
        public let continuations: Int
        public let tokensPerSecond: Double
        public let refused: [(id: String, reason: String)]
        public let problems: [String]
        /// What a reader must know of the texts.
        public let warnings: [String]
    }

    private let settings: EvaluationSettings
    private let assets: AssetFolder

    public init(_ settings: EvaluationSettings, assets: AssetFolder) {
        self.settings = settings
        self.assets = assets
    }

    /// Continues every prompt; goes on where an earlier call of the same kind was stopped.
    ///
    /// - Parameters:
    ///   - precision: `fp32`, `bf16` or `fp16`; nil keeps the type the model is stored in.
    ///   - server: how to speak to a model behind a server, where `model` is an address.
    ///   - output: JSON lines, one a continuation.
    public func run(
        model: String, adapter: String?, prompts: URL, precision: String?, device: String,
        server: RemoteSettings = RemoteSettings(), output: URL, report: @escaping (Stage) -> Void = { _ in }
    ) throws -> Outcome {
        let selection = try PromptSelection.read(prompts, limit: settings.limit)
        let patient = try Patient(
            named: model, adapter: adapter.map { URL(fileURLWithPath: $0) },
            precision: Patient.precision(precision), device: Device(named: device), server: server,
            assets: assets)
        let outcome = try PromptWriting(
            patient: patient, settings: settings, prompts: selection.prompts, promptFile: selection.identity,
            assets: assets
        ).run(to: output, stage: "writing", report)
        return Outcome(
            continuations: (selection.prompts.count - outcome.refused.count) * settings.generation.samples,
            tokensPerSecond: Double(outcome.tokens) / max(outcome.seconds, 1e-9), refused: outcome.refused,
            problems: selection.problems.map(\.description),
            warnings: patient.isRemote
                ? [
                    DrawnTexts.warning(
                        of: try GenerationRun.continuations(in: output), settings.generation)
                ].compactMap { $0 } : [])
    }
}
