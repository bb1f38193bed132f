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
    let perplexityModel: (loaded: LoadedModel, identity: ContentIdentity)?
    let corpus: (file: URL, identity: ContentIdentity)?
    /// Detectors that steer the decoding.
    let steer: DetectorIdentity?
    let assets: AssetFolder
    let folder: URL

    func run(_ report: (Stage) -> Void) throws -> Result {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let (continuations, refused) = try generate(report)
        let verdicts = try judged(continuations, report)
        let likelihoods = try likelihoods(of: continuations, report)
        let arm = EvaluatedArm(
            name: name, title: title, model: patient.model, adapter: patient.adapter,
            chain: settings.chainDescription,
            judge: judge.identity, steer: patient.steer ?? steer, prompts: promptFile,
            samples: settings.generation.samples, maxNewTokens: settings.generation.maxNewTokens,
            seed: settings.generation.seed, perplexityModel: perplexityModel?.identity)
        let scored = assemble(continuations, verdicts, likelihoods)
        let summary = try EvaluationSummary(
            of: arm, prompts: scored, corpusPerplexity: try corpusPerplexity(report), cost: try cost())
        return Result(summary: summary, prompts: scored, refused: refused)
    }

    // MARK: Stages

    private func generate(
        _ report: (Stage) -> Void
    ) throws -> (continuations: [Continuation], refused: [(id: String, reason: String)]) {
        let file = folder.appendingPathComponent("generations.jsonl")
        let writing = PromptWriting(
            patient: patient, settings: settings, prompts: prompts, promptFile: promptFile, assets: assets)
        let outcome = try writing.run(to: file, stage: "\(title): writing", report)
        if outcome.tokens > 0 { try addCost(tokens: outcome.tokens, seconds: outcome.seconds) }
        return (try GenerationRun.continuations(in: file), outcome.refused)
    }

    private func judged(_ continuations: [Continuation], _ report: (Stage) -> Void) throws -> [Verdict] {
        let file = folder.appendingPathComponent("scores.jsonl")
        let verdicts = try judge.verdicts(for: continuations.map(\.text))
        try AtomicFile.write(to: file) { output in
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            for (continuation, verdict) in zip(continuations, verdicts) {
                let line = ScoreLine(
                    promptID: continuation.promptID, sample: continuation.sample,
                    score: .init(
                        id: continuation.promptID, verdict: verdict, detector: judge.identity.description))
                try output.write(String(decoding: encoder.encode(line), as: UTF8.self) + "\n")
            }
        }
        report(Stage("\(title): judging", done: continuations.count, total: continuations.count))
        return verdicts
    }

    private struct ScoreLine: Encodable {
        let promptID: String
        let sample: Int
        let score: Scoring.Line

        enum CodingKeys: String, CodingKey {
            case promptID = "prompt_id"
            case sample
        }

        func encode(to encoder: any Encoder) throws {
            try score.encode(to: encoder)
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(promptID, forKey: .promptID)
            try container.encode(sample, forKey: .sample)
        }
    }

    private struct LikelihoodLine: Codable {
        var model: String
        var promptID: String
        var sample: Int
        var sum: Double?
        var tokens: Int?

        enum CodingKeys: String, CodingKey {
            case model
            case promptID = "prompt_id"
            case sample, sum, tokens
        }
    }

    private func likelihoods(
        of continuations: [Continuation], _ report: (Stage) -> Void
    ) throws -> [(sum: Double, tokens: Int)?] {
        guard let perplexityModel else { return [] }
        let file = folder.appendingPathComponent("likelihoods.jsonl")
        let texts = Dictionary(uniqueKeysWithValues: prompts.map { ($0.id, $0.text) })
        let writer = try JSONLinesWriter(appendingTo: file)
        var known: [String: LikelihoodLine] = [:]
        let reader = try LineReader(path: file.path)
        while let line = try reader.next() {
            guard let entry = try? JSONDecoder().decode(LikelihoodLine.self, from: Data(line.bytes)),
                entry.model == perplexityModel.identity.hash
            else { continue }
            known["\(entry.promptID)\u{0}\(entry.sample)"] = entry
        }
        let likelihood = Likelihood(perplexityModel.loaded)
        let chunk = 500
        for start in stride(from: 0, to: continuations.count, by: chunk) {
            let part = continuations[start..<min(start + chunk, continuations.count)].filter {
                known["\($0.promptID)\u{0}\($0.sample)"] == nil
            }
            guard !part.isEmpty else { continue }
            let found = try likelihood.ofContinuations(part.map { (texts[$0.promptID] ?? "", $0.text) })
            for (continuation, value) in zip(part, found) {
                let line = LikelihoodLine(
                    model: perplexityModel.identity.hash, promptID: continuation.promptID,
                    sample: continuation.sample,
                    sum: value?.sum, tokens: value?.tokens)
                try writer.append(line)
                known["\(line.promptID)\u{0}\(line.sample)"] = line
            }
            report(Stage("\(title): fluency", done: start + part.count, total: continuations.count))
        }
        try writer.flush()
        return continuations.map { continuation in
            guard let line = known["\(continuation.promptID)\u{0}\(continuation.sample)"], let sum = line.sum,
                let tokens = line.tokens
            else { return nil }
            return (sum, tokens)
        }
    }

    private func corpusPerplexity(_ report: (Stage) -> Void) throws -> CorpusPerplexity? {
        guard let corpus else { return nil }
        let file = folder.appendingPathComponent("corpus.json")
        let identity = sha256(of: Data("\(patient.fingerprint) \(corpus.identity.hash)".utf8))
        if let data = FileManager.default.contents(atPath: file.path),
            let kept = try? JSONDecoder().decode(KeptPerplexity.self, from: data), kept.identity == identity
        {
            return kept.value
        }
        let value = try CorpusMeasurement(patient.loaded).run(corpus.file, identity: corpus.identity) {
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
        _ continuations: [Continuation], _ verdicts: [Verdict], _ likelihoods: [(sum: Double, tokens: Int)?]
    ) -> [ScoredPrompt] {
        var indices: [String: [Int]] = [:]
        for (index, continuation) in continuations.enumerated() {
            indices[continuation.promptID, default: []].append(index)
        }
        return prompts.compactMap { prompt in
            guard
                let found = indices[prompt.id]?.sorted(by: {
                    continuations[$0].sample < continuations[$1].sample
                })
            else { return nil }
            return ScoredPrompt(
                prompt: prompt, scores: found.map { verdicts[$0].toxicity },
                texts: found.map { continuations[$0].text },
                nll: likelihoods.isEmpty ? [] : found.map { likelihoods[$0] })
        }
    }
}
