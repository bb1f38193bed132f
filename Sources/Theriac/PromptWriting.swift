internal import Foundation
internal import TheriacCorpora
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
    func run(to file: URL, stage: String, _ report: (Stage) -> Void) throws -> GenerationRun.Outcome {
        switch patient.place {
        case .here(let loaded):
            let assets = assets
            let context = MethodContext(model: loaded) { try assets.file($0) }
            var generator = TextGenerator(
                loaded, settings: settings.generation,
                processors: try settings.chain.map { try $0.makeProcessor(context) })
            return try write(with: &generator, to: file, stage: stage, report)
        case .server(let remote):
            var source = RemoteContinuations(remote, settings: settings.generation)
            for step in settings.chain { try source.check([.logits], for: "The method \(step.name)") }
            return try write(with: &source, to: file, stage: stage, report)
        }
    }

    private func write(
        with source: inout some ContinuationSource, to file: URL, stage: String, _ report: (Stage) -> Void
    ) throws -> GenerationRun.Outcome {
        let run = GenerationRun(output: file, settings: settings.generation, identity: identity)
        return try run.run(&source, prompts: prompts.map { ($0.id, $0.text) }) { done, total, speed in
            let remark = speed > 0 ? "\(Int(speed)) tokens/s" : ""
            report(Stage(stage, done: done, total: total, remark: remark))
        }
    }

    /// Everything the continuations depend on. The batch is not part of it: draws do not depend on it.
    private var identity: String {
        var generation = settings.generation
        generation.batchRows = 0
        let parts = [
            patient.fingerprint, promptFile.hash, "\(settings.limit)", "\(generation)",
            settings.chainDescription,
        ]
        return sha256(of: Data(parts.joined(separator: " ").utf8))
    }
}
