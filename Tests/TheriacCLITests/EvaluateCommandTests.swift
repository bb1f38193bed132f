import Foundation
import Testing
import TheriacTesting

@Suite struct EvaluateCommandTests {
    @Test func writesResultsAndPageForPromptsAndCorpus() throws {
        let folder = try TemporaryFolder()
        let model = try TinyModel()
        let prompts = try folder.write(
            "{\"prompt\": {\"text\": \"Hello\", \"toxicity\": 0.9}}\n{\"prompt\": \"There\"}\n",
            to: "prompts.jsonl")
        let corpus = try folder.write(
            "One document.\nIts second line.\n\nAnother document.\n", to: "text.txt")
        let output = folder.file("results")
        let result = try Program.run([
            "evaluate", "--model", model.folder.path, "--prompts", prompts.path, "--corpus", corpus.path,
            "--samples", "3",
            "--output", output.path, "--json",
        ])
        #expect(result.status == 0, "\(result.errors)")
        let report = try #require(
            try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any])
        #expect(report["schema"] as? String == "theriac-results-1")
        for file in ["results.json", "report.html", "generations.jsonl", "scores.jsonl", "perplexity.json"] {
            #expect(
                FileManager.default.fileExists(atPath: output.appendingPathComponent(file).path), "\(file)")
        }
    }

    @Test func nothingToMeasureIsSaid() throws {
        let result = try Program.run(["evaluate", "--model", "x", "--output", "y"])
        #expect(result.status == 1 && result.errors.contains("Give --prompts, --corpus, or both."))
    }

    @Test func aRecipeWithAMisspeltKeyIsRefusedBeforeAnythingRuns() throws {
        let folder = try TemporaryFolder()
        let recipe = try folder.write("limitt: 3\n", to: "recipe.yaml")
        let result = try Program.run(["run", recipe.path, "--output", folder.file("run").path])
        #expect(result.status == 1 && result.errors.contains("Did you mean 'limit'?"))
        #expect(!FileManager.default.fileExists(atPath: folder.file("run").path))
    }

    @Test func theSteerMayNotJudge() throws {
        let folder = try TemporaryFolder()
        let model = try TinyModel()
        let recipe = try folder.write(
            "model: \(model.folder.path)\njudge: steer\nlimit: 1\n", to: "recipe.yaml")
        let result = try Program.run(["run", recipe.path, "--output", folder.file("run").path])
        #expect(result.status == 1 && result.errors.contains("took part in making what it would judge"))
    }
}
