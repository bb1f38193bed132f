import Foundation
import HTTPTypes
import Synchronization
import TheriacAudit
import TheriacCorpora
import TheriacDetection
import TheriacModels
import TheriacTesting
import TheriacTokenizers
import Testing

@testable import TheriacServer

/// A policy before the server's own model: the same gate as before an upstream.
@Suite struct OwnModelGuardTests {
    /// Scores texts as its test says.
    private struct Judge: Detector {
        var identity = WordDetector().identity
        let attributes: [Attribute] = [.toxicity, .threat]
        let score: @Sendable (String) -> AttributeScores

        func verdicts(for texts: [String]) -> [Verdict] { texts.map { .scored(score($0)) } }
    }

    /// The server's own, which the policy does not name.
    private static let first = FixedDetector(hash: String(repeating: "9", count: 64))

    /// Texts are judged by words, and those that begin with one of `bad` are vile.
    private static func judge(bad: [String] = []) -> any Detector {
        Judge { text in
            bad.contains { !$0.isEmpty && text.hasPrefix($0) }
                ? [.toxicity: 0.9, .threat: 0.01] : WordDetector.scores(text)
        }
    }

    /// Runs `body` before the tiny model, with a gate.
    private func guarded(
        by judge: any Detector, policy: String = GuardFixture.policy, store: AuditStore? = nil,
        _ change: (inout ServerSettings) -> Void = { _ in },
        _ body: (GenerationFixture) async throws -> Void
    ) async throws {
        let folder = try TemporaryFolder()
        defer { withExtendedLifetime(folder) {} }
        var settings = ServerSettings()
        settings.audit.decisions = .all
        settings.guard.policy = try folder.write(policy, to: "policy.yaml")
        settings.guard.stream.window = 4
        settings.guard.stream.stride = 2
        change(&settings)
        try await GenerationFixture.with(
            settings: settings, detectors: [Self.first, judge], store: store, body)
    }

    private static func request(_ path: String, seed: Int, _ more: String = "") -> String {
        path.contains("chat")
            ? #"{"messages":[{"role":"user","content":"hello"}],"max_tokens":24,"seed":\#(seed)\#(more)}"#
            : #"{"prompt":"hello","max_tokens":24,"seed":\#(seed)\#(more)}"#
    }

    /// What the model writes with nobody looking.
    private func written(_ path: String, seeds: [Int], _ more: String = "") async throws -> [[String]] {
        try await GenerationFixture.with { fixture in
            var all: [[String]] = []
            for seed in seeds {
                let answer = try await fixture.server.ask(.post, path, Self.request(path, seed: seed, more))
                all.append(Self.texts(answer))
            }
            return all
        }
    }

    private static func texts(_ answer: Answer) -> [String] {
        answer.choices.compactMap {
            $0["text"] as? String ?? ($0["message"] as? [String: Any])?["content"] as? String
        }
    }

    private static let paths = ["/v1/completions", "/v1/chat/completions"]

    // MARK: Input

    @Test(arguments: paths) func actsOnInputsBeforeTheModelIsAsked(path: String) async throws {
        try await guarded(by: Self.judge()) { fixture in
            let refused = try await fixture.server.ask(
                .post, path, Self.request(path, seed: 1).replacing("hello", with: "a menace"))
            #expect(refused.status == 400 && refused["error", "code"] as? String == "content_filter")
            #expect(refused["error", "message"] as? String == "I would rather not.")
            let safe = try await fixture.server.ask(
                .post, path, Self.request(path, seed: 1, #","n":2"#).replacing("hello", with: "vile"))
            #expect(safe.status == 200)
            #expect(Self.texts(safe) == Array(repeating: "Let us talk about gardens.", count: 2))
            #expect(safe["theriac", "input", "action"] as? String == "safe-reply")
            #expect(safe.headers[.guardInput] == "safe-reply")
            let host = try #require(fixture.server.server.services.generation)
            #expect(host.metrics.promptTokens.value == 0)
            let flagged = try await fixture.server.ask(
                .post, path, Self.request(path, seed: 1).replacing("hello", with: "rude"))
            #expect(flagged.status == 200 && flagged["theriac", "input", "action"] as? String == "flag")
        }
    }

    /// Token ids are read as the model reads them.
    @Test(arguments: ["[TOKENS]", "[[5],[TOKENS]]"]) func judgesTokenIDs(prompt: String) async throws {
        try await guarded(by: Self.judge()) { fixture in
            let tokens = try TinyModel().load().tokenizer.encode("a menace").map(String.init)
            let list = prompt.replacing("TOKENS", with: tokens.joined(separator: ","))
            let answer = try await fixture.complete(#"{"prompt":\#(list),"max_tokens":4}"#)
            #expect(answer.status == 400 && answer["error", "code"] as? String == "content_filter")
        }
    }

    /// A request that cannot be answered is refused as without a policy, and nothing is judged.
    @Test func refusesWhatIsWrongFirst() async throws {
        try await guarded(by: Self.judge()) { fixture in
            let answer = try await fixture.complete(#"{"prompt":"a menace","max_tokens":4,"nonsense":1}"#)
            #expect(answer["error", "code"] as? String == "unknown_parameter")
            #expect(try await fixture.complete(#"{"prompt":"x","max_tokens":9999}"#).status == 400)
        }
    }

    // MARK: Output

    @Test(arguments: paths) func passesWhatIsClean(path: String) async throws {
        let expected = try await written(path, seeds: [5], #","n":2"#)[0]
        try await guarded(by: Self.judge()) { fixture in
            let answer = try await fixture.server.ask(.post, path, Self.request(path, seed: 5, #","n":2"#))
            #expect(Self.texts(answer) == expected)
            // What the model says of itself and what the gate says stand side by side.
            #expect(answer["theriac", "chain"] as? String == "none")
            #expect(answer["theriac", "seed"] as? Int == 5)
            #expect(answer["theriac", "policy", "name"] as? String == "policy.yaml")
            #expect(answer["theriac", "input", "action"] as? String == "pass")
            #expect((answer["theriac", "output"] as? [[String: Any]])?.count == 2)
            #expect(answer.headers[.guardOutput] == "pass, pass")
            #expect(answer.headers[.policy]?.hasPrefix("policy.yaml; sha256:") == true)
            #expect(answer.headers[.detector] == "words@1.0.0")
        }
    }

    /// One of two is drawn anew with the next seed, and the answer says which seed makes it.
    @Test(arguments: paths) func drawsAnewWithAnotherSeed(path: String) async throws {
        let first = try await written(path, seeds: [5], #","n":2"#)[0]
        let second = try await written(path, seeds: [6])[0]
        #expect(first.count == 2 && Set(first + second).count == 3)
        try await guarded(by: Self.judge(bad: [first[1]])) { fixture in
            let answer = try await fixture.server.ask(.post, path, Self.request(path, seed: 5, #","n":2"#))
            #expect(Self.texts(answer) == [first[0], second[0]])
            #expect(answer["theriac", "output", "0", "attempts"] as? Int == 0)
            #expect(answer["theriac", "output", "1", "attempts"] as? Int == 1)
            #expect(answer["theriac", "choices", "1", "seed"] as? Int == 6)
            #expect(answer["theriac", "choices", "1", "index"] as? Int == 1)
            #expect(answer["theriac", "choices", "0", "seed"] == nil)
            #expect(answer["usage", "completion_tokens"] as? Int ?? 0 > 48)
        }
    }

    /// Both answers to one prompt of two are bad: the two that are drawn anew are not the same.
    @Test func drawsSeveralOfOnePromptAnew() async throws {
        let more = #","n":2"#
        let request = Self.request("/v1/completions", seed: 5, more).replacing(
            #""hello""#, with: #"["hello","other"]"#)
        let bad = try await written("/v1/completions", seeds: [5], more)[0]
        let fresh = try await written("/v1/completions", seeds: [6], more)[0]
        try await guarded(by: Self.judge(bad: bad)) { fixture in
            let texts = Self.texts(try await fixture.complete(request))
            #expect(texts.count == 4 && Array(texts[..<2]) == fresh && Set(texts).count == 4)
        }
    }

    @Test(arguments: [false, true]) func repliesWhenNoDrawHelps(isStream: Bool) async throws {
        for path in Self.paths {
            let seeds = try await written(path, seeds: [5, 6, 7])
            let bad = seeds.map { String($0[0].prefix(3)) }
            try await guarded(by: Self.judge(bad: bad)) { fixture in
                let answer = try await fixture.server.ask(
                    .post, path, Self.request(path, seed: 5, #","stream":\#(isStream)"#))
                if isStream {
                    let read = Wire.read(answer.body)
                    #expect(read.text == "Let us talk about gardens." && read.finish == "content_filter")
                    #expect(read.isDone && read.theriac == "safe-reply")
                    // The model's own part is there although its last event never came.
                    let last = try #require(answer.events.last?["theriac"] as? [String: Any])
                    #expect(last["chain"] as? String == "none" && last["seed"] as? Int == 7)
                } else {
                    #expect(Self.texts(answer) == ["Let us talk about gardens."])
                    #expect(answer["theriac", "output", "0", "attempts"] as? Int == 2)
                }
                try await isIdle(fixture)
            }
        }
    }

    /// Nothing goes on writing for answers that were given up.
    private func isIdle(_ fixture: GenerationFixture) async throws {
        let host = try #require(fixture.server.server.services.generation)
        for _ in 0..<200 where host.metrics.running.load(ordering: .relaxed) > 0 {
            try await Task.sleep(for: .milliseconds(10))
        }
        #expect(host.metrics.running.load(ordering: .relaxed) == 0)
    }

    // MARK: Streams

    @Test(arguments: paths, [false, true]) func streamsWhatIsClean(path: String, whole: Bool) async throws {
        let expected = try await written(path, seeds: [5], #","n":2"#)[0]
        try await guarded(by: Self.judge()) {
            $0.guard.stream.whole = whole
        } _: { fixture in
            let answer = try await fixture.server.ask(
                .post, path, Self.request(path, seed: 5, #","n":2,"stream":true"#))
            #expect(answer.headers[.contentType]?.hasPrefix("text/event-stream") == true)
            for (index, text) in expected.enumerated() {
                let read = Wire.read(answer.body, index: index)
                #expect(read.text == text && read.isDone && read.theriac == "pass")
            }
            let last = try #require(answer.events.last?["theriac"] as? [String: Any])
            #expect(last["chain"] as? String == "none" && last["policy"] != nil && last["upstream"] == nil)
            #expect((last["choices"] as? [[String: Any]])?.count == 1)
        }
    }

    @Test(arguments: paths) func streamsAnotherDraw(path: String) async throws {
        let seeds = try await written(path, seeds: [5, 6]).map { $0[0] }
        try await guarded(by: Self.judge(bad: [String(seeds[0].prefix(3))])) { fixture in
            let answer = try await fixture.server.ask(
                .post, path, Self.request(path, seed: 5, #","stream":true"#))
            #expect(Wire.read(answer.body).text == seeds[1])
            let last = try #require(answer.events.last?["theriac"] as? [String: Any])
            #expect(last["seed"] as? Int == 6)
            try await isIdle(fixture)
        }
    }

    // MARK: Around it

    @Test func recordsDecisionsAndKeepsNoTexts() async throws {
        let folder = try TemporaryFolder()
        let store = try AuditStore(at: folder.file("store.sqlite"), settings: .init())
        try await guarded(by: Self.judge(), store: store) { fixture in
            _ = try await fixture.complete(
                #"{"prompt":"rude","max_tokens":4,"theriac":{"community":"c","do_not_store":false}}"#)
            _ = try await fixture.complete(#"{"prompt":"a menace","max_tokens":4}"#)
            store.flush()
            let rows = try store.decisions()
            #expect(rows.map(\.route).allSatisfy { $0 == "completions" } && rows.count == 3)
            #expect(Set(rows.compactMap(\.stage)) == ["input", "output"])
            #expect(rows.contains { $0.action == "refuse" } && rows.contains { $0.community == "c" })
            #expect(rows.allSatisfy { $0.text == nil })
        }
        try store.close()
    }

    /// Thresholds count that were learnt from the policy's detector, and not those of the server's first.
    @Test func usesWhatWasLearntFromThePolicysDetector() async throws {
        let folder = try TemporaryFolder()
        let store = try AuditStore(at: folder.file("store.sqlite"), settings: .init())
        func learn(_ value: Double, _ identity: DetectorIdentity) throws -> CommunityThreshold {
            CommunityThreshold(
                community: "c", attribute: "toxicity", threshold: value, low: 0, high: 1, goal: "g", texts: 1,
                positives: 1, detector: identity.name, detectorHash: identity.hash)
        }
        let policy = GuardFixture.policy.replacing(
            "from: 0.8, action: safe-reply", with: "from: 0.8, learnt: true, action: safe-reply")
        let request = #"{"prompt":"rude","max_tokens":2,"theriac":{"community":"c"}}"#
        for (detector, expected) in [
            (Self.first.identity, "flag"), (WordDetector().identity, "safe-reply"),
        ] {
            try store.replaceThresholds([try learn(0.3, detector)])
            try await guarded(by: Self.judge(), policy: policy, store: store) { fixture in
                let answer = try await fixture.complete(request)
                #expect(answer["theriac", "input", "action"] as? String == expected)
            }
        }
        try store.close()
    }

    @Test func needsSomethingThatWrites() throws {
        let folder = try TemporaryFolder()
        var settings = ServerSettings()
        settings.guard.policy = try folder.write(GuardFixture.policy, to: "policy.yaml")
        let refused = settings
        #expect(throws: GuardError.policyAlone) {
            _ = try ServerFixture(refused, detectors: [WordDetector()])
        }
    }
}
