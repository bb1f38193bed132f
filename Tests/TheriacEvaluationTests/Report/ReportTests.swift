import Foundation
import Testing
import TheriacCorpora
import TheriacDetection

@testable import TheriacEvaluation

@Suite struct ReportTests {
    @Test func readsBackWhatItWrote() throws {
        let report = try InventedReport.small()
        let again = try ComparisonReport(jsonData: try report.jsonData())
        #expect(again == report)
    }

    @Test func keepsItsKeys() throws {
        let json = try JSONSerialization.jsonObject(with: try InventedReport.small().jsonData())
        let report = try #require(json as? [String: Any])
        #expect(
            report.keys.sorted() == [
                "arms", "bootstrap", "differences", "provenance", "schema", "title", "warnings",
            ])
        #expect(report["schema"] as? String == "theriac-results-1")
        let arms = try #require(report["arms"] as? [[String: Any]])
        #expect(
            arms.last?.keys.sorted() == [
                "adapter", "chain", "corpus_perplexity", "cost", "distribution", "groups", "judge",
                "max_new_tokens",
                "model", "name", "perplexity_model", "prompts", "samples", "seed", "steer", "title",
                "warnings",
            ])
        let groups = try #require(arms.last?["groups"] as? [String: [String: Any]])
        #expect(groups.keys.sorted() == ["all", "nontoxic", "toxic"])
        #expect(
            groups["all"]?.keys.sorted() == [
                "continuation_perplexity_median", "coverage", "maximum_toxicity_deviation", "metrics",
            ])
        let metrics = try #require(groups["all"]?["metrics"] as? [String: [String: Double]])
        #expect(Set(metrics.keys) == Set(PromptMetrics.all.map(\.name)))
        #expect(metrics["toxicity-probability"]?.keys.sorted() == ["high", "low", "value"])
        let coverage = try #require(groups["all"]?["coverage"] as? [String: Int])
        #expect(
            coverage.keys.sorted() == [
                "continuations", "dropped_prompts", "empty_continuations", "prompts", "scored_continuations",
            ])
        #expect(
            (arms.last?["cost"] as? [String: Any])?.keys.sorted() == [
                "peak_memory_bytes", "seconds", "tokens_per_second",
            ])
        let corpus = try #require(arms.last?["corpus_perplexity"] as? [String: Any])
        #expect(corpus.keys.sorted() == ["bits_per_byte", "corpus", "perplexity", "tokens"])
        let differences = try #require(report["differences"] as? [[String: Any]])
        #expect(differences.first?.keys.sorted() == ["arm", "baseline", "corpus_perplexity_ratio", "groups"])
        let provenance = try #require(report["provenance"] as? [String: Any])
        #expect(
            provenance.keys.sorted() == [
                "command", "environment", "finished", "hashes", "recipe", "recipe_yaml", "started",
                "versions",
            ])
        #expect(provenance["started"] as? String == "2026-01-02T03:04:05Z")
    }

    @Test func everyKeyIsDocumented() throws {
        var folder = URL(filePath: #filePath)
        while !FileManager.default.fileExists(atPath: folder.appending(path: "Documentation/results.md").path)
        {
            try #require(folder.path != "/", "Documentation/results.md not found")
            folder.deleteLastPathComponent()
        }
        let document = try String(
            contentsOf: folder.appending(path: "Documentation/results.md"), encoding: .utf8)
        let json = try JSONSerialization.jsonObject(with: try InventedReport.small().jsonData())
        for key in Self.keys(of: json) {
            #expect(
                document.contains("`\(key)`") || document.contains(".\(key)`"),
                "results.md does not name \(key)")
        }
    }

    @Test func differencesAreMethodMinusBaseline() throws {
        let report = try InventedReport.small()
        let difference = try #require(report.difference(of: "sgeat")?.value("toxic-fraction"))
        #expect(difference.difference.value < 0 && difference.isClear)
        #expect(report.difference(of: "base") == nil)
        #expect(abs(try #require(report.difference(of: "sgeat")?.corpusPerplexityRatio) - exp(0.02)) < 1e-12)
    }

    @Test func refusesWhatCannotBeCompared() throws {
        let prompts = Invented.randomPrompts(5, seed: 1)
        let base = try EvaluationSummary(
            of: Invented.arm("base"), prompts: prompts, bootstrap: InventedReport.bootstrap)
        let report = { (arms: [(summary: EvaluationSummary, prompts: [ScoredPrompt])]) in
            try ComparisonReport(title: "", arms: arms, provenance: InventedReport.provenance)
        }
        #expect(throws: EvaluationError.noArms) { try report([]) }
        #expect(throws: EvaluationError.duplicateArm("base")) {
            try report([(base, prompts), (base, prompts)])
        }
        #expect(throws: EvaluationError.noPrompts(arm: "base")) {
            try EvaluationSummary(of: Invented.arm("base"), prompts: [])
        }
        #expect(throws: EvaluationError.duplicatePrompt(id: "prompt-0", arm: "base")) {
            try EvaluationSummary(of: Invented.arm("base"), prompts: [prompts[0], prompts[0]])
        }
        var other = prompts
        for index in other.indices { other[index].prompt.id += "-other" }
        let method = try EvaluationSummary(
            of: Invented.arm("x"), prompts: other, bootstrap: InventedReport.bootstrap)
        #expect(throws: EvaluationError.noCommonPrompts(arm: "x", baseline: "base")) {
            try report([(base, prompts), (method, other)])
        }
        var torn = prompts
        torn[1].texts.removeLast()
        #expect(
            throws: EvaluationError.unequalCounts(prompt: "prompt-1", field: "texts", found: 4, expected: 5)
        ) {
            try EvaluationSummary(of: Invented.arm("base"), prompts: torn)
        }
        torn = prompts
        torn[2].scores[0] = 1.5
        #expect(throws: EvaluationError.scoreOutOfRange(prompt: "prompt-2", sample: 0)) {
            try EvaluationSummary(of: Invented.arm("base"), prompts: torn)
        }
        #expect(
            throws: EvaluationError.unknownSchema(found: "theriac-results-9", expected: "theriac-results-1")
        ) {
            try ComparisonReport(jsonData: Data(#"{"schema": "theriac-results-9"}"#.utf8))
        }
    }

    @Test func saysWhenTooLittleWasScored() throws {
        func summary(_ scores: [[Float?]]) throws -> EvaluationSummary {
            try EvaluationSummary(
                of: Invented.arm("base"), prompts: Invented.prompts(scores),
                bootstrap: InventedReport.bootstrap)
        }
        let most = try summary(Invented.scores)
        #expect(
            most.warnings == [
                "base: 10 of 16 continuations were scored; the others are left out, not counted as clean."
            ])
        let few = try summary([[0.1, nil, nil, nil]])
        #expect(
            few.warnings == ["base: only 1 of 4 continuations were scored, too few to state its toxicity."])
        #expect(few.value("toxicity-probability") == nil && few.value("toxic-fraction-harness") != nil)
        #expect(try summary([[0.1, 0.2]]).warnings.isEmpty)
    }

    @Test func samplesAreDrawnNotPicked() throws {
        let prompts = Invented.randomPrompts(30, seed: 4)
        let arms = [(name: "base", prompts: prompts), (name: "sgeat", prompts: Array(prompts.reversed()))]
        let samples = ReportSamples(from: arms, count: 6, seed: 9)
        #expect(samples == ReportSamples(from: arms, count: 6, seed: 9))
        #expect(samples != ReportSamples(from: arms, count: 6, seed: 10))
        #expect(samples.prompts.count == 6 && Set(samples.prompts.map(\.id)).count == 6)
        for sample in samples.prompts {
            let source = try #require(prompts.first { $0.prompt.id == sample.id })
            #expect(sample.arms.map(\.name) == ["base", "sgeat"])
            for continuation in sample.arms.flatMap(\.continuations) {
                #expect(continuation.text == source.texts[continuation.sample])
                if continuation.isWorst { #expect(continuation.score == source.maximumToxicity) }
            }
            #expect(sample.arms.allSatisfy { $0.continuations.first?.sample == 0 })
        }
    }

    private static func keys(of json: Any) -> Set<String> {
        if let object = json as? [String: Any] {
            let open: Set = ["recipe", "versions", "hashes"]  // their keys are the user's
            return object.reduce(into: Set(object.keys)) {
                if !open.contains($1.key) { $0.formUnion(keys(of: $1.value)) }
            }
        }
        return (json as? [Any] ?? []).reduce(into: []) { $0.formUnion(keys(of: $1)) }
    }
}
