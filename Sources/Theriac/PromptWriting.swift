internal import Foundation
internal import TheriacCorpora
internal import TheriacDetection
internal import TheriacDetox
internal import TheriacEvaluation
internal import TheriacFiles
internal import TheriacGeneration
internal import TheriacModels
internal import TheriacRemote
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
        switch patient.place {
        case .here(let loaded):
            let context = methodContext(loaded)
            let parts = try settings.chain.map { try $0.makePart(context) }
            try admit(context.detectors)
            var generator = try TextGenerator(loaded, settings: settings.generation, parts: parts)
            return try write(
                with: &generator, to: file, stage: stage, identity: identity(context), report)
        case .server(let remote):
            var source = RemoteContinuations(remote, settings: settings.generation)
            for step in settings.chain { try source.check([.logits], for: "The method \(step.name)") }
            return try write(with: &source, to: file, stage: stage, identity: identity(nil), report)
        }
    }

    private func write(
        with source: inout some ContinuationSource, to file: URL, stage: String, identity: String,
        _ report: (Stage) -> Void
    ) throws -> GenerationRun.Outcome {
        let run = GenerationRun(output: file, settings: settings.generation, identity: identity)
        return try run.run(&source, prompts: prompts.map { ($0.id, $0.text) }) { done, total, speed in
            let remark = speed > 0 ? "\(Int(speed)) tokens/s" : ""
            report(Stage(stage, done: done, total: total, remark: remark))
        }
    }

    private func methodContext(_ loaded: LoadedModel) -> MethodContext {
        MethodContext(
            loaded, newTokens: settings.generation.maxNewTokens, hasOriginalWeights: patient.adapter == nil,
            assets: assets)
    }

    /// Everything the continuations depend on. Batch and memory are not part of it: draws do not depend on them.
    private func identity(_ context: MethodContext?) -> String {
        var generation = settings.generation
        generation.batchRows = 0
        generation.memory = 0
        let parts =
            [
                patient.fingerprint, promptFile.hash, "\(settings.limit)", "\(generation)",
                settings.chainDescription,
            ]
            + (context?.used ?? [:]).sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
            + (context?.detectors ?? []).map(\.description)
        return sha256(of: Data(parts.joined(separator: " ").utf8))
    }
}
