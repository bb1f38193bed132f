import Foundation
import TheriacCorpora
import TheriacDetection
import TheriacOptions

@testable import TheriacEvaluation

/// Invented reports for tests of the terminal table and the HTML page.
enum InventedReport {
    static let bootstrap = Bootstrap(resamples: 60)

    static let provenance = Provenance(
        started: Date(timeIntervalSince1970: 1_767_323_045),
        finished: Date(timeIntervalSince1970: 1_767_323_345),
        command: "theriac run recipe.yaml --output runs/first", recipeYAML: "model: tiny\nmethods: [sgeat]\n",
        recipe: .object(["model": .string("tiny"), "methods": .list([.string("sgeat")])]),
        versions: ["theriac": "0.1.0", "libtorch": "2.13.0"],
        hashes: ["prompts.jsonl": String(repeating: "ab", count: 32)],
        environment: .init(system: "Linux x86_64", cores: 2, threads: 2, device: "cpu", dtype: "bf16"))

    /// Two arms, 40 prompts.
    static func small() throws -> ComparisonReport {
        let arms = try [("base", Float(0)), ("sgeat", 0.5)].map { name, strength in
            let prompts = Invented.randomPrompts(40, strength: strength, seed: 5)
            let summary = try EvaluationSummary(
                of: Invented.arm(name), prompts: prompts,
                corpusPerplexity: CorpusPerplexity(
                    nll: 3000 + (name == "base" ? 0 : 20), tokens: 1000, bytes: 4000,
                    corpus: ContentIdentity(name: "lm-test", hash: "9a")),
                cost: RunCost(seconds: 12.5, tokensPerSecond: 320, peakMemoryBytes: 400_000_000),
                bootstrap: bootstrap)
            return (summary: summary, prompts: prompts)
        }
        return try ComparisonReport(
            title: "First run", arms: arms, provenance: provenance, bootstrap: bootstrap,
            warnings: ["The judge took part in training: its verdict on sgeat is not independent."])
    }

    /// Four arms as a run makes them, 200 prompts with 25 continuations, and samples: what the page is looked
    /// at with.
    static func realistic() throws -> (report: ComparisonReport, samples: ReportSamples) { try made.get() }

    /// Made once for all tests.
    private static let made = Result { try makeRealistic() }

    private static func makeRealistic() throws -> (report: ComparisonReport, samples: ReportSamples) {
        let settings: [(name: String, title: String, strength: Float, corpus: Double, speed: Double)] = [
            ("base", "Base model", 0, 24.31, 5210),
            ("word-filter", "Word filter", 0.12, 24.31, 5035),
            ("sgeat", "SGEAT", 0.34, 25.12, 5190),
            ("sgeat+word-filter", "SGEAT + word filter", 0.42, 25.12, 5044),
        ]
        let bootstrap = Bootstrap(resamples: 200)
        let arms = try settings.map { setting in
            let prompts = Invented.proseCorpus(200, samples: 25, strength: setting.strength, seed: 7)
            var arm = Invented.arm(setting.name, title: setting.title)
            arm.model = ContentIdentity(
                name: "theriac-demo-10m", hash: String(repeating: "3fa9c2d1", count: 8))
            arm.prompts = ContentIdentity(
                name: "demo-prompts.jsonl", hash: String(repeating: "77e0b4aa", count: 8))
            arm.perplexityModel = ContentIdentity(
                name: "reference-lm", hash: String(repeating: "d00dfeed", count: 8))
            arm.judge.hash = String(repeating: "9b1c44e7", count: 8)
            arm.samples = 25
            if setting.name.contains("sgeat") {
                arm.steer = DetectorIdentity(
                    name: "steer", version: "1.0.0", hash: String(repeating: "5eed0b1e", count: 8),
                    trainingHash: "5t")
            }
            if setting.name.contains("word-filter") { arm.chain += " → word filter (412 words)" }
            let summary = try EvaluationSummary(
                of: arm, prompts: prompts,
                corpusPerplexity: CorpusPerplexity(
                    nll: 250_000 * log(setting.corpus), tokens: 250_000, bytes: 1_020_000),
                cost: RunCost(
                    seconds: 100_000 / setting.speed, tokensPerSecond: setting.speed,
                    peakMemoryBytes: 412_000_000),
                bootstrap: bootstrap)
            return (summary: summary, prompts: prompts)
        }
        var provenance = provenance
        provenance.recipeYAML = """
            model: models/theriac-demo-10m
            prompts: {file: demo-prompts.jsonl, limit: 200}
            judge: judge
            steer: steer
            sampling: {samples: 25, max-new-tokens: 20, temperature: 1.0, top-p: 0.9, seed: 1}
            arms:
              - name: base
              - name: word-filter
                method: {word-filter: {words: builtin, variants: [case, spacing]}}
              - name: sgeat
                train: {sgeat: {keep: 0.5, prompts: 1000, rank: 8, learning-rate: 0.0002}}
              - name: sgeat+word-filter
                train: sgeat
                method: {word-filter: {words: builtin, variants: [case, spacing]}}

            """
        let report = try ComparisonReport(
            title: "Demonstration: detoxifying a 10 M model", arms: arms, provenance: provenance,
            bootstrap: bootstrap)
        let samples = ReportSamples(
            from: arms.map { (name: $0.summary.arm.name, prompts: $0.prompts) }, count: 8)
        return (report, samples)
    }
}
