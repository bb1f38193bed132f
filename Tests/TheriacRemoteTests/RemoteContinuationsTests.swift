import Foundation
import Testing
import TheriacGeneration
import TheriacTesting

@testable import TheriacRemote

@Suite(.enabled(if: Served.isPresent, Served.reason)) struct RemoteContinuationsTests {
    private func settings(samples: Int = 2, greedy: Bool = false) -> GenerationSettings {
        var settings = GenerationSettings()
        settings.samples = samples
        settings.sampling.isGreedy = greedy
        return settings
    }

    private func run(
        _ prompts: [String], to file: URL, samples: Int = 2,
        _ change: (inout RemoteSettings) -> Void = { _ in }
    ) throws -> GenerationRun.Outcome {
        var source = RemoteContinuations(try Served.model(change), settings: settings(samples: samples))
        return try GenerationRun(output: file, settings: settings(samples: samples), identity: "test").run(
            &source, prompts: prompts.enumerated().map { ("p\($0)", $1) })
    }

    @Test func textsStandInTheFileInThePromptsOrder() throws {
        let folder = try TemporaryFolder()
        let prompts = (0..<20).map { $0 % 3 == 0 ? "order [slow 0] \($0)" : "order \($0)" }
        let outcome = try run(prompts, to: folder.file("out.jsonl"))
        #expect(outcome.refused.isEmpty && outcome.tokens == 20 * 6)
        let found = try GenerationRun.continuations(in: folder.file("out.jsonl"))
        #expect(found.map(\.promptID) == (0..<20).flatMap { ["p\($0)", "p\($0)"] })
        #expect(found.map(\.sample) == (0..<20).flatMap { _ in [0, 1] })
        #expect(found.allSatisfy { $0.tokens.isEmpty && $0.finish == .length })
    }

    @Test(arguments: [1, 3]) func noMoreRequestsAreUnderWayThanAllowed(_ concurrency: Int) throws {
        let folder = try TemporaryFolder()
        let prompts = (0..<9).map { "width\(concurrency) [slow 0] \($0)" }
        let outcome = try run(prompts, to: folder.file("out.jsonl")) { $0.concurrency = concurrency }
        #expect(outcome.refused.isEmpty)
        let sent = try #require(Served.server).requests { $0.hasPrefix("width\(concurrency) ") }
        #expect(sent.map(\.under_way).max() == concurrency)
    }

    @Test func aFailedPromptIsRefusedAndTriedAgainByTheNextRun() throws {
        let folder = try TemporaryFolder()
        let file = folder.file("out.jsonl")
        let prompts = ["again a", "again [500 x2] b", "again [400 0] c", "again [filter 0] d", "again e"]
        let first = try run(prompts, to: file) { $0.attempts = 2 }
        #expect(first.refused.map(\.id) == ["p1", "p2", "p3"])
        #expect(first.refused[1].reason == "The server refused the request with status 400.")
        #expect(first.refused[2].reason.contains("withheld 1 of 2 texts"))
        #expect(try Set(GenerationRun.continuations(in: file).map(\.promptID)) == ["p0", "p4"])
        let second = try run(prompts, to: file) { $0.attempts = 2 }
        #expect(second.refused.map(\.id) == ["p2", "p3"])
        #expect(try Served.count("again a") == 1 && Served.count("again [500 x2] b") == 3)
        #expect(try Set(GenerationRun.continuations(in: file).map(\.promptID)) == ["p0", "p4", "p1"])
    }

    @Test func aServerThatIsGoneEndsTheRun() throws {
        let folder = try TemporaryFolder()
        let prompts = ["gone a"] + (0..<200).map { "gone [503 0] \($0)" }
        let failure = try #require(throws: RemoteFailure.self) {
            try run(prompts, to: folder.file("out.jsonl")) { ($0.attempts, $0.concurrency) = (1, 2) }
        }
        #expect(failure.description.contains("3 prompts failed in a row"))
        #expect(try Set(GenerationRun.continuations(in: folder.file("out.jsonl")).map(\.promptID)) == ["p0"])
        #expect(try #require(Served.server).requests { $0.hasPrefix("gone") }.count < 20)
    }

    @Test func aWrongKeyEndsTheRunAtThePrompt() throws {
        let folder = try TemporaryFolder()
        let failure = try #require(throws: RemoteFailure.self) {
            try run(["key [401 0]", "key b"], to: folder.file("out.jsonl"))
        }
        #expect(failure.description.contains("wants a key"))
    }

    @Test func seedsFollowFromSeedPromptAndSampleAlone() throws {
        let folder = try TemporaryFolder()
        _ = try run(["seed [n 1] a"], to: folder.file("a.jsonl"), samples: 3)
        _ = try run(["seed [n 1] a"], to: folder.file("b.jsonl"), samples: 3)
        let first = try Data(contentsOf: folder.file("a.jsonl"))
        #expect(first == (try Data(contentsOf: folder.file("b.jsonl"))))
        #expect(RemoteModel.seed(1, id: "p0", sample: 0) != RemoteModel.seed(1, id: "p0", sample: 1))
        #expect(RemoteModel.seed(1, id: "p0", sample: 0) != RemoteModel.seed(2, id: "p0", sample: 0))
    }

    @Test func greedyTextsAreAskedForOnce() throws {
        var source = RemoteContinuations(try Served.model(), settings: settings(samples: 3, greedy: true))
        var found: [Continuation] = []
        try source.answer([("p", "greedy a")]) { answers in
            for case .written(let continuations, _) in answers.map(\.outcome) { found += continuations }
        }
        #expect(found.map(\.sample) == [0, 1, 2] && Set(found.map(\.text)).count == 1)
        let sent = try #require(Served.server).requests { $0 == "greedy a" }
        #expect(sent.count == 1 && sent[0].body.temperature == 0 && sent[0].body.n == nil)
    }

    @Test func whatAServerCannotGiveIsRefusedWithASentence() throws {
        let source = RemoteContinuations(try Served.model(), settings: settings())
        let unmet = try #require(throws: UnmetNeed.self) {
            try source.check([.text, .logits], for: "The method word-filter")
        }
        #expect(
            unmet.description
                == "The method word-filter needs the model's logits, and the server \(try Served.address().server) gives text and log-probabilities only. Use a local checkpoint, or leave it out."
        )
        try source.check([.text], for: "A method")
    }
}
