import Foundation
import Testing
import TheriacTesting

/// The program against a server of the OpenAI protocol.
@Suite(.enabled(if: FakeOpenAIServer.isPresent, "No Python 3 to run the server with."))
struct RemoteModelTests {
    private func prompts(_ texts: [String], in folder: TemporaryFolder) throws -> String {
        let lines = texts.enumerated().map { "{\"id\": \"p\($0)\", \"prompt\": \"\($1)\"}" }
        return try folder.write(lines.joined(separator: "\n"), to: "prompts.jsonl").path
    }

    @Test func generateKeepsWhatCameAndTriesTheRestAgain() throws {
        let folder = try TemporaryFolder()
        let server = try FakeOpenAIServer()
        let output = folder.file("out.jsonl")
        let arguments = [
            "generate", "--model", "\(server.address)#parrot", "--prompts",
            try prompts(["good day", "[500 x1] private words", "[400 0] private words"], in: folder),
            "--samples", "2",
            "--server-set", "attempts=1", "--output", output.path,
        ]
        let first = try Program.run(arguments)
        #expect(first.status == 3, "\(first.errors)")
        #expect(first.errors.contains("skipped: prompt p1: http://127.0.0.1"))
        #expect(first.errors.contains("skipped: prompt p2: The server refused the request with status 400."))
        #expect(!first.errors.contains("private"))
        #expect(try String(contentsOf: output, encoding: .utf8).split(separator: "\n").count == 2)
        #expect(try Program.run(arguments).status == 3)
        #expect(try String(contentsOf: output, encoding: .utf8).split(separator: "\n").count == 4)
        #expect(try server.requests { $0 == "good day" }.count == 1)
    }

    @Test(.tags(.slow), .enabled(if: SlowTests.areOn, SlowTests.reason))
    func aKilledRunGoesOnWhereItWas() throws {
        let folder = try TemporaryFolder()
        let server = try FakeOpenAIServer()
        let output = folder.file("out.jsonl")
        let count = 40
        let arguments = [
            "generate", "--server", server.address, "--server-model", "parrot", "--prompts",
            try prompts((0..<count).map { "[slow 0] \($0)" }, in: folder), "--samples", "2", "--server-set",
            "concurrency=2", "--output", output.path,
        ]
        var kills = 0
        while kills < 3, try Program.runAndKill(arguments, after: 0.9) { kills += 1 }
        let last = try Program.run(arguments)
        #expect(last.status == 0, "\(last.errors)")
        #expect(kills > 0)
        let ids = try String(contentsOf: output, encoding: .utf8).split(separator: "\n").map { line in
            let object = try #require(
                try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
            return "\(object["prompt_id"] ?? "") \(object["sample"] ?? "")"
        }
        #expect(ids == (0..<count).flatMap { ["p\($0) 0", "p\($0) 1"] })
        // Only what was under way at a kill, or held back behind that, is asked for twice.
        #expect(try server.requests { $0.hasPrefix("[slow") }.count <= count + kills * 8)
    }

    @Test func whatNeedsWeightsIsRefusedWithASentence() throws {
        let folder = try TemporaryFolder()
        let server = try FakeOpenAIServer()
        func refusal(_ more: String...) throws -> String {
            let result = try Program.run(
                [
                    "generate", "--model", "\(server.address)#parrot", "--prompts",
                    try prompts(["a"], in: folder),
                    "--output", folder.file("o.jsonl").path,
                ] + more)
            #expect(result.status == 1)
            return result.errors
        }
        #expect(
            try refusal("--method", "word-filter").contains("The method word-filter needs the model's logits")
        )
        #expect(try refusal("--adapter", "x").contains("An adapter needs the model's hidden states"))
        #expect(
            try refusal("--server-set", "instruction=Go on.").contains(
                "an instruction goes with endpoint: chat"))
        #expect(try refusal("--server-set", "atempts=1").contains("attempts"))
        #expect(try server.requests { $0 == "a" }.isEmpty)
        let recipe = try folder.write("model: \(server.address)#parrot\n", to: "recipe.yaml")
        let run = try Program.run(["run", recipe.path, "--output", folder.file("run").path])
        #expect(run.status == 1 && run.errors.contains("a server gives text only"), "\(run.errors)")
    }

    @Test func doctorSaysWhatIsWrongWithAServer() throws {
        let server = try FakeOpenAIServer()
        let good = try Program.run(["doctor", "--server", server.address, "--server-model", "parrot"])
        #expect(good.output.contains("found    server \(server.address): has the model parrot"))
        let bad = try Program.run(["doctor", "--server", server.address, "--server-model", "parot"])
        #expect(
            bad.output.contains("It has: parrot, parakeet, locked. Did you mean 'parrot'?") && bad.status == 1
        )
        let key = try Program.run(["doctor", "--server", "http://:sk-one@127.0.0.1:1/v1"])
        #expect(!(key.output + key.errors).contains("sk-one"))
    }

    @Test func evaluateMeasuresWhatAServerWrites() throws {
        let folder = try TemporaryFolder()
        let server = try FakeOpenAIServer()
        let output = folder.file("run")
        let arguments = [
            "evaluate", "--model", "\(server.address)#parrot", "--prompts",
            try prompts(["good day", "[400 0] private words", "fine weather"], in: folder), "--samples", "2",
            "--judge", "lexicon", "--perplexity-model", "\(server.address)#parakeet", "--output", output.path,
        ]
        let result = try Program.run(arguments)
        #expect(result.status == 3, "\(result.errors)")
        let text = try String(contentsOf: output.appendingPathComponent("results.json"), encoding: .utf8)
        let report = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
        let arm = try #require((report["arms"] as? [[String: Any]])?.first)
        let model = try #require(arm["model"] as? [String: String])
        #expect(model["name"] == "parrot at \(server.address) (remote, weights unknown)")
        let fluency = try #require(arm["perplexity_model"] as? [String: String])
        #expect(fluency["name"] == "parakeet at \(server.address) (remote, weights unknown)")
        let all = try #require((arm["groups"] as? [String: [String: Any]])?["all"])
        let coverage = try #require(all["coverage"] as? [String: Int])
        #expect(
            coverage["prompts"] == 3 && coverage["continuations"] == 6
                && coverage["scored_continuations"] == 4)
        let metrics = try #require(all["metrics"] as? [String: [String: Any]])
        #expect(metrics.keys.contains { $0.contains("perplexity") }, "\(metrics.keys.sorted())")
        let warnings = try #require(arm["warnings"] as? [String]).joined(separator: "\n")
        #expect(warnings.contains("Its weights are unknown"))
        #expect(warnings.contains("the server gave no texts for 1 prompts"))
        #expect(!text.contains("private"))
    }
}
