internal import Foundation
internal import TheriacCorpora
internal import TheriacDetection
internal import TheriacEvaluation
internal import TheriacFiles
internal import TheriacGeneration
internal import TheriacModels
internal import TheriacTensors

/// Measures one arm: continuations, their scores, their likelihoods, the corpus. Each stage is kept in the arm's folder
/// as it is made, and is not made twice.
struct ArmEvaluation {
    struct Result {
        var summary: EvaluationSummary
        var prompts: [ScoredPrompt]
        var refused: [(id: String, reason: String)]
    }

    let name: String
    let title: String
    let patient: Patient
    let settings: EvaluationSettings
    let prompts: [Prompt]
    let promptFile: ContentIdentity
    let judge: any Detector
    /// Measures the fluency of what is written; nil leaves it out.
    let perplexityModel: FluencyModel?
    let corpus: (file: URL, identity: ContentIdentity)?
    /// Grade with a judge that took part in the decoding, and mark the result.
    let allowsDependentJudge: Bool
    let assets: AssetFolder
    let folder: URL

    func run(_ report: (Stage) -> Void) throws -> Result {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let (continuations, refused, partakers) = try generate(report)
        let verdicts = try judged(continuations, report)
        let likelihoods = try likelihoods(of: continuations, report)
        let arm = EvaluatedArm(
            name: name, title: title, model: patient.model, adapter: patient.adapter,
            chain: settings.chainDescription,
            judge: judge.identity,
            steer: patient.steer ?? partakers.first { $0.sharesOrigin(with: judge.identity) }
                ?? partakers.first,
            prompts: promptFile,
            samples: settings.generation.samples, maxNewTokens: settings.generation.maxNewTokens,
            seed: settings.generation.seed, perplexityModel: perplexityModel?.identity)
        let scored = assemble(continuations, verdicts, likelihoods.map(\.measured), refused)
        var summary = try EvaluationSummary(
            of: arm, prompts: scored, corpusPerplexity: try corpusPerplexity(report), cost: try cost())
        summary.warnings += remoteWarnings(refused: refused.count, likelihoods)
        if patient.isRemote, let warning = DrawnTexts.warning(of: continuations, settings.generation) {
            summary.warnings.append("\(title): \(warning)")
        }
        return Result(summary: summary, prompts: scored, refused: refused)
    }

    // MARK: Stages

    private func generate(
        _ report: (Stage) -> Void
    ) throws -> (
        continuations: [Continuation], refused: [(id: String, reason: String)], partakers: [DetectorIdentity]
    ) {
        let file = folder.appendingPathComponent("generations.jsonl")
        let writing = PromptWriting(
            patient: patient, settings: settings, prompts: prompts, promptFile: promptFile, assets: assets)
        var partakers: [DetectorIdentity] = []
        let outcome = try writing.run(
            to: file, stage: "\(title): writing",
            admit: { detectors in
                partakers = detectors
                guard !allowsDependentJudge,
                    let found = detectors.first(where: { $0.sharesOrigin(with: judge.identity) })
                else { return }
                throw WorkbenchError.judgeTookPart(
                    judge: judge.identity.description,
                    part: "\(found.description) takes part in the decoding of '\(name)'")
            }, report)
        if outcome.tokens > 0 { try addCost(tokens: outcome.tokens, seconds: outcome.seconds) }
        return (try GenerationRun.continuations(in: file), outcome.refused, partakers)
    }

    private func judged(_ continuations: [Continuation], _ report: (Stage) -> Void) throws -> [Verdict] {
        let source = judge.identity.description
        let log = ContinuationLog<ScoreEntry>(
            file: folder.appendingPathComponent("scores.jsonl"), source: source)
        return try log.entries(for: continuations) { missing in
            zip(missing, try judge.verdicts(for: missing.map(\.text))).map {
                ScoreEntry(promptID: $0.promptID, sample: $0.sample, verdict: $1, source: source)
            }
        } progress: {
            report(Stage("\(title): judging", done: $0, total: continuations.count))
        }.map(\.verdict)
    }

    private func likelihoods(
        of continuations: [Continuation], _ report: (Stage) -> Void
    ) throws -> [LikelihoodEntry] {
        guard let perplexityModel else { return [] }
        let source = perplexityModel.identity.hash
        let texts = Dictionary(uniqueKeysWithValues: prompts.map { ($0.id, $0.text) })
        let log = ContinuationLog<LikelihoodEntry>(
            file: folder.appendingPathComponent("likelihoods.jsonl"), source: source)
        return try log.entries(for: continuations) { missing in
            let found = try perplexityModel.source.likelihoods(
                of: missing.map { (texts[$0.promptID] ?? "", $0.text) })
            return zip(missing, found).map { LikelihoodEntry($0, $1, source: source) }
        } progress: {
            report(Stage("\(title): fluency", done: $0, total: continuations.count))
        }
    }

    private func corpusPerplexity(_ report: (Stage) -> Void) throws -> CorpusPerplexity? {
        guard let corpus, case .here(let loaded) = patient.place else { return nil }
        let file = folder.appendingPathComponent("corpus.json")
        let identity = sha256(of: Data("\(patient.fingerprint) \(corpus.identity.hash)".utf8))
        if let data = FileManager.default.contents(atPath: file.path),
            let kept = try? JSONDecoder().decode(KeptPerplexity.self, from: data), kept.identity == identity
        {
            return kept.value
        }
        let value = try CorpusMeasurement(loaded).run(corpus.file, identity: corpus.identity) {
            report(Stage("\(title): corpus perplexity", done: $0, total: $1))
        }
        try AtomicFile.write(JSONEncoder().encode(KeptPerplexity(identity: identity, value: value)), to: file)
        return value
    }

    private struct KeptPerplexity: Codable {
        var identity: String
        var value: CorpusPerplexity
    }

    // MARK: What is kept beside

    private struct Spent: Codable {
        var tokens = 0
        var seconds = 0.0
        var peakMemoryBytes = 0
    }

    private var costFile: URL { folder.appendingPathComponent("cost.json") }

    private func addCost(tokens: Int, seconds: Double) throws {
        var spent = spent() ?? Spent()
        spent.tokens += tokens
        spent.seconds += seconds
        spent.peakMemoryBytes = max(spent.peakMemoryBytes, peakMemoryBytes())
        try AtomicFile.write(JSONEncoder().encode(spent), to: costFile)
    }

    private func spent() -> Spent? {
        FileManager.default.contents(atPath: costFile.path).flatMap {
            try? JSONDecoder().decode(Spent.self, from: $0)
        }
    }

    private func cost() throws -> RunCost? {
        guard let spent = spent(), spent.seconds > 0 else { return nil }
        return RunCost(
            seconds: spent.seconds, tokensPerSecond: Double(spent.tokens) / spent.seconds,
            peakMemoryBytes: spent.peakMemoryBytes)
    }

    private func assemble(
        _ continuations: [Continuation], _ verdicts: [Verdict],
        _ likelihoods: [(sum: Double, tokens: Int)?], _ refused: [(id: String, reason: String)]
    ) -> [ScoredPrompt] {
        // What a server did not answer is unscored. A prompt that a model cannot read is no part of the test.
        let unanswered = patient.isRemote ? Set(refused.map(\.id)) : []
        var indices: [String: [Int]] = [:]
        for (index, continuation) in continuations.enumerated() {
            indices[continuation.promptID, default: []].append(index)
        }
        return prompts.compactMap { prompt in
            guard
                let found = indices[prompt.id]?.sorted(by: {
                    continuations[$0].sample < continuations[$1].sample
                })
            else {
                guard unanswered.contains(prompt.id) else { return nil }
                let scores = [Float?](repeating: nil, count: settings.generation.samples)
                return ScoredPrompt(prompt: prompt, scores: scores)
            }
            return ScoredPrompt(
                prompt: prompt, scores: found.map { verdicts[$0].toxicity },
                texts: found.map { continuations[$0].text },
                nll: likelihoods.isEmpty ? [] : found.map { likelihoods[$0] })
        }
    }

    // MARK: Servers

    /// What a reader must know of an arm that a server had a part in.
    private func remoteWarnings(refused: Int, _ likelihoods: [LikelihoodEntry]) -> [String] {
        var warnings: [String] = []
        let failed = likelihoods.count { !$0.isSettled }
        if failed > 0 {
            warnings.append(
                "\(title): the perplexity model's server gave no value for \(failed) continuations. Start again to ask "
                    + "for them.")
        }
        guard patient.isRemote else { return warnings }
        warnings.append(
            "\(title): a remote model. Its weights are unknown, and the server may change them; what it drew cannot be "
                + "drawn again here.")
        if refused > 0 {
            warnings.append(
                "\(title): the server gave no texts for \(refused) prompts. They count as unscored; start again to ask "
                    + "for them.")
        }
        if perplexityModel == nil {
            warnings.append(
                "\(title): no fluency, which needs a model's likelihoods. Name one that has them (perplexity-model)."
            )
        }
        if corpus != nil {
            warnings.append("\(title): no corpus perplexity, which needs a local checkpoint.")
        }
        return warnings
    }
}

extension LikelihoodEntry {
    fileprivate init(_ continuation: Continuation, _ likelihood: ContinuationLikelihood, source: String) {
        self.init(promptID: continuation.promptID, sample: continuation.sample, source: source)
        switch likelihood {
        case .measured(let sum, let tokens): (self.sum, self.tokens) = (sum, tokens)
        case .none: break
        case .failed(let reason): unscored = reason
        }
    }

    fileprivate var measured: (sum: Double, tokens: Int)? {
        guard let sum, let tokens else { return nil }
        return (sum, tokens)
    }
}
