import Foundation
import Testing
import TheriacTesting

@Suite struct GenerateCommandTests {
    @Test func oneBadLineAndOneLongPromptAreReportedAndTheRestGoesOn() throws {
        let folder = try TemporaryFolder()
        let model = try TinyModel()
        let long = String(repeating: "word ", count: 500)
        let prompts = try folder.write(
            "{\"prompt\": \"Hello\"}\n{not json\n{\"prompt\": {\"text\": \"There\", \"toxicity\": 0.1}}\n{\"prompt\": \"\(long)\"}\n{\"prompt\": \"\"}\n",
            to: "prompts.jsonl")
        let output = folder.file("out.jsonl")
        let result = try Program.run([
            "generate", "--model", model.folder.path, "--prompts", prompts.path, "--samples", "2",
            "--max-new-tokens", "5",
            "--output", output.path,
        ])
        #expect(result.status == 3, "\(result.errors)")
        #expect(result.errors.contains("skipped: Line 2:"))
        #expect(result.errors.contains("The prompt has") && result.errors.contains("Shorten it."))
        let lines = try String(contentsOf: output, encoding: .utf8).split(separator: "\n")
        #expect(lines.count == 6)  // two of the first, of the third, and of the empty prompt
        for line in lines {
            let object = try #require(
                try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
            #expect(Set(object.keys) == ["prompt_id", "sample", "text", "tokens", "finish"])
        }
    }

    @Test func aSecondRunWithOtherSettingsIsRefused() throws {
        let folder = try TemporaryFolder()
        let model = try TinyModel()
        let prompts = try folder.write("{\"prompt\": \"Hello\"}\n", to: "prompts.jsonl")
        func arguments(seed: Int) -> [String] {
            [
                "generate", "--model", model.folder.path, "--prompts", prompts.path, "--samples", "2",
                "--seed", "\(seed)",
                "--output", folder.file("out.jsonl").path,
            ]
        }
        #expect(try Program.run(arguments(seed: 1)).status == 0)
        #expect(try Program.run(arguments(seed: 1)).status == 0)
        let other = try Program.run(arguments(seed: 2))
        #expect(other.status == 1 && other.errors.contains("another run"))
    }

    @Test func aFolderThatIsNoModelIsRefusedWithASentence() throws {
        let folder = try TemporaryFolder()
        let prompts = try folder.write("{\"prompt\": \"Hello\"}\n", to: "prompts.jsonl")
        let result = try Program.run([
            "generate", "--model", folder.url.path, "--prompts", prompts.path, "--output",
            folder.file("o.jsonl").path,
        ])
        #expect(result.status == 1 && result.errors.contains("has no config.json"))
    }

    @Test func anUnknownMethodIsNamedWithTheNearest() throws {
        let result = try Program.run([
            "generate", "--model", "x", "--prompts", "y", "--output", "z", "--method", "word-fitler",
        ])
        #expect(result.status == 1 && result.errors.contains("Did you mean 'word-filter'?"))
    }

    @Test func theWordFilterKeepsItsPromise() throws {
        let folder = try TemporaryFolder()
        let model = try TinyModel()
        let words = try folder.write("# a list\ne\nth\n", to: "words.txt")
        let prompts = try folder.write("{\"prompt\": \"Hello \"}\n{\"prompt\": \"t\"}\n", to: "prompts.jsonl")
        let output = folder.file("out.jsonl")
        let result = try Program.run([
            "generate", "--model", model.folder.path, "--prompts", prompts.path, "--samples", "20",
            "--output", output.path,
            "--method", "word-filter", "--set", "word-filter.words=\(words.path)",
        ])
        #expect(result.status == 0, "\(result.errors)")
        for line in try String(contentsOf: output, encoding: .utf8).split(separator: "\n") {
            let object = try #require(
                try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
            let text = try #require(object["text"] as? String).lowercased()
            let found = text.split(whereSeparator: { !($0.isLetter || $0.isNumber) && $0.isASCII }).map(
                String.init)
            #expect(!found.contains("e") && !found.dropFirst().contains("th"))
        }
    }
}
