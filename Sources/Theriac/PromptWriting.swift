internal import Foundation
internal import TheriacCorpora
internal import TheriacDetection
internal import TheriacDetox
internal import TheriacEvaluation
internal import TheriacFiles
internal import TheriacGeneration
internal import TheriacModels
internal import TheriacTensors

/// Continuations of prompts by a patient, through a chain of methods, kept in a file.
struct PromptWriting {
    let patient: Patient
    let settings: EvaluationSettings
    let prompts: [Prompt]
    let promptFile: ContentIdentity
    let assets: AssetFolder

    /// Writes what the file does not hold yet.
    ///
    /// - Parameter admit: takes the detectors that take part in the decoding; throws to refuse them.
    func run(
        to file: URL, stage: String, admit: ([DetectorIdentity]) throws -> Void = { _ in },
        _ report: (Stage) -> Void
    ) throws -> GenerationRun.Outcome {
        let context = methodContext()
        let parts = try settings.chain.map { try $0.makePart(context) }
        try admit(context.detectors)
        var generator = try TextGenerator(patient.loaded, settings: settings.generation, parts: parts)
        let run = GenerationRun(
            output: file, settings: settings.generation, identity: identity(context))
        return try run.run(&generator, prompts: prompts.map { ($0.id, $0.text) }) { done, total, speed in
            report(Stage(stage, done: done, total: total, remark: "\(Int(speed)) tokens/s"))
        }
    }

    private func methodContext() -> MethodContext {
        let (assets, patient) = (assets, patient)
        let shelf = DetectorShelf(assets)
        return MethodContext(
            model: patient.loaded, newTokens: settings.generation.maxNewTokens,
            hasOriginalWeights: patient.adapter == nil,
            sources: .init(
                asset: { try assets.file($0) }, folder: { try assets.folder($0, kind: $1) },
                detector: { try shelf.load($0, relativeTo: nil) },
                load: {
                    try LoadedModel(
                        folder: $0, precision: patient.loaded.model.computeType,
                        device: patient.loaded.model.device)
                }))
    }

    /// Everything the continuations depend on. Batch and memory are not part of it: draws do not depend on them.
    private func identity(_ context: MethodContext) -> String {
        var generation = settings.generation
        generation.batchRows = 0
        generation.memory = 0
        let parts =
            [
                patient.fingerprint, promptFile.hash, "\(settings.limit)", "\(generation)",
                settings.chainDescription,
            ]
            + context.used.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
            + context.detectors.map(\.description)
        return sha256(of: Data(parts.joined(separator: " ").utf8))
    }
}
