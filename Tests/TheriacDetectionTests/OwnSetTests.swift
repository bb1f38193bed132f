import Foundation
import Testing
import TheriacOptions

@testable import TheriacDetection

/// A recipe's set from a file of one's own.
@Suite struct OwnSetTests {
    private func recipe(_ set: String, in folder: URL) throws -> DetectorRecipe {
        let yaml = """
            name: toy
            features: { hash-bits: 12 }
            training: { epochs: 6, learning-rate: 0.1, minimum-texts: 2 }
            sets: [\(set)]
            """
        let source = folder.appending(path: "recipe.yaml").path
        return try DetectorRecipe(OptionValue(yaml: yaml, source: source), source: source)
    }

    @Test func isLearntFrom() throws {
        try Place.withTemporaryFolder { folder in
            let plain = [
                "tree", "river", "walk", "paper", "window", "music", "garden", "letter", "bread", "lamp",
            ]
            let lines = (0..<400).map { number in
                let word = number % 2 == 0 ? "grumpy" : "sunny"
                let others = [number % 10, number / 10 % 10, number / 100].map { plain[$0] }.joined(
                    separator: " ")
                return "{\"id\": \"\(number)\", \"text\": \"the \(word) \(others)\", "
                    + "\"scores\": {\"toxicity\": \(number % 2 == 0 ? 0.75 : 0)}, \"raters\": {\"toxicity\": 4}}"
            }
            let bad = ["{\"scores\": {\"toxicity\": 1}}", "{\"text\": \"x\", \"scores\": {\"toxicity\": 7}}"]
            try Data((lines + bad).joined(separator: "\n").utf8).write(
                to: folder.appending(path: "feedback.jsonl"))
            let output = folder.appending(path: "toy")
            let report = try DetectorTraining.run(
                recipe: try recipe("{ name: feedback, file: feedback.jsonl, weight: 3 }", in: folder),
                dataFolder: folder, output: output)
            #expect(report.unreadableRows == ["feedback": 2])
            // The hash of the texts divides them: most are for training, some for each other part.
            let trained = try #require(report.trainedTexts["feedback"])
            #expect(trained > 280 && trained < 360)
            let verdicts = try Detectors.load(folder: output).verdicts(for: [
                "the grumpy letter", "the sunny letter",
            ])
            let scores = verdicts.map { $0.toxicity ?? -1 }
            #expect(scores[0] > 0.6 && scores[1] < 0.3)
        }
    }

    @Test func mayNotTakeAPublicName() throws {
        let error = try #require(throws: OptionsError.self) {
            try recipe("{ name: surge, file: a.jsonl }", in: URL(fileURLWithPath: "/tmp"))
        }
        #expect(error.description == "sets[0].name: 'surge' is a public set's name; give your file another.")
    }
}
