import Foundation
import HTTPTypes
import Synchronization
import TheriacCorpora
import TheriacDetection
import TheriacTesting
import Testing

@testable import TheriacServer

/// What the guard does with whole answers.
@Suite struct GuardRouteTests {
    private static let prompt = #"{"model":"m","prompt":"A good day","max_tokens":4}"#

    private func upstream(_ texts: [String]...) -> FakeUpstream {
        FakeUpstream { [texts] number, asked in
            let texts = texts[min(number, texts.count - 1)]
            return .body(
                200, asked.path.hasSuffix("chat/completions") ? Wire.chat(texts) : Wire.completion(texts))
        }
    }

    @Test func passesACleanAnswerByteForByte() async throws {
        let fixture = GuardFixture(upstream(["to you"]))
        let answer = try await fixture.complete(Self.prompt)
        #expect(answer.status == 200)
        #expect(answer.body.hasPrefix(String(Wire.completion(["to you"]).dropLast())))
        #expect(answer["theriac", "input", "action"] as? String == "pass")
        #expect(answer["theriac", "output", "0", "action"] as? String == "pass")
        #expect(answer["theriac", "output", "0", "stage"] as? String == "judge")
        #expect(
            (answer["theriac", "output", "0", "detector"] as? String)?.hasPrefix("words@1.0.0+sha256:")
                == true)
        #expect(answer["theriac", "policy", "name"] as? String == "policy.yaml")
        #expect(answer.headers[.guardInput] == "pass" && answer.headers[.guardOutput] == "pass")
        #expect(answer.headers[.detector] == "words@1.0.0")
        // What goes on is what came.
        #expect(fixture.upstream.asked.map(\.body) == [Self.prompt])
    }

    @Test func flagsAndLetsThrough() async throws {
        let fixture = GuardFixture(upstream(["a rude day"]))
        let answer = try await fixture.complete(#"{"model":"m","prompt":"rude"}"#)
        #expect(answer["choices", "0", "text"] as? String == "a rude day")
        #expect(answer["theriac", "input", "action"] as? String == "flag")
        #expect(answer["theriac", "output", "0", "rule"] as? String == "output[2]")
        #expect(answer["theriac", "output", "0", "threshold"] as? Double == 0.3)
    }

    @Test func refusesAnInput() async throws {
        let fixture = GuardFixture(upstream(["no"]))
        let answer = try await fixture.complete(#"{"model":"m","prompt":"a menace"}"#)
        #expect(answer.status == 400)
        #expect(answer["error", "code"] as? String == "content_filter")
        #expect(answer["error", "message"] as? String == "I would rather not.")
        #expect(answer["theriac", "input", "rule"] as? String == "input[0]")
        #expect(fixture.upstream.asked.isEmpty)
    }

    @Test(arguments: [false, true])
    func answersAnInputWithASafeReply(isStream: Bool) async throws {
        let fixture = GuardFixture(upstream(["no"]))
        let answer = try await fixture.chat(
            #"{"model":"m","n":2,"stream":\#(isStream),"messages":[{"role":"user","content":"vile"}]}"#)
        #expect(answer.status == 200 && fixture.upstream.asked.isEmpty)
        if isStream {
            for index in 0...1 {
                let read = Wire.read(answer.body, index: index)
                #expect(read.text == "Let us talk about gardens." && read.finish == "content_filter")
                #expect(read.isDone && read.roles == ["assistant"])
            }
        } else {
            #expect(answer["choices", "1", "message", "content"] as? String == "Let us talk about gardens.")
            #expect(answer["choices", "0", "finish_reason"] as? String == "content_filter")
            #expect(answer["usage", "total_tokens"] as? Int == 0)
        }
    }

    @Test func resamplesUntilItIsClean() async throws {
        let fixture = GuardFixture(upstream(["a vile day", "a good day"], ["a fine day"]))
        let answer = try await fixture.chat(
            #"{"model":"m","n":2,"seed":5,"messages":[{"role":"user","content":"hello"}]}"#)
        #expect(answer["choices", "0", "message", "content"] as? String == "a fine day")
        #expect(answer["choices", "0", "index"] as? Int == 0)
        #expect(answer["choices", "1", "message", "content"] as? String == "a good day")
        #expect(answer["theriac", "output", "0", "attempts"] as? Int == 1)
        #expect(answer["theriac", "output", "1", "attempts"] as? Int == 0)
        // Only the bad one is asked for anew, with another seed; all tokens count.
        #expect(fixture.upstream.asked.last?.json["n"] as? Int == 1)
        #expect(fixture.upstream.asked.last?.json["seed"] as? Int == 6)
        #expect(answer["usage", "total_tokens"] as? Int == 14)
        #expect(fixture.decisions.all.map(\.action.rawValue) == ["pass", "resample", "pass", "pass"])
    }

    @Test func takesTheOtherActionWhenNoTryHelps() async throws {
        let fixture = GuardFixture(upstream(["a vile day"]))
        let answer = try await fixture.complete(Self.prompt)
        #expect(answer["choices", "0", "text"] as? String == "Let us talk about gardens.")
        #expect(answer["choices", "0", "finish_reason"] as? String == "content_filter")
        #expect(answer["theriac", "output", "0", "attempts"] as? Int == 2)
        #expect(fixture.upstream.asked.count == 3)
        var fewer = GuardFixture(upstream(["a vile day"]))
        fewer.settings.guard.resampleTries = 0
        #expect(try await fewer.complete(Self.prompt)["theriac", "output", "0", "attempts"] as? Int == 0)
        #expect(fewer.upstream.asked.count == 1)
    }

    /// Of several prompts only those whose answers were bad are asked again.
    @Test func resamplesByPrompt() async throws {
        let fixture = GuardFixture(upstream(["one", "two", "a vile three", "four"], ["three"]))
        let answer = try await fixture.complete(#"{"model":"m","n":2,"prompt":["first","second"]}"#)
        let texts = (0..<4).map { answer["choices", "\($0)", "text"] as? String }
        #expect(texts == ["one", "two", "three", "four"])
        #expect(fixture.upstream.asked.last?.json["prompt"] as? [String] == ["second"])
        #expect(fixture.upstream.asked.last?.json["n"] as? Int == 1)
    }

    @Test func refusesAnOutput() async throws {
        let fixture = GuardFixture(upstream(["a menace"]))
        let answer = try await fixture.chat(#"{"model":"m","messages":[{"role":"user","content":"hello"}]}"#)
        #expect(answer.status == 200)
        #expect(answer["choices", "0", "message", "content"] as? String == "")
        #expect(answer["choices", "0", "finish_reason"] as? String == "content_filter")
        #expect(!answer.body.contains("menace"))
    }

    @Test func rewritesOnlyWhereSomethingRewrites() async throws {
        let rewriting = GuardFixture.policy.replacing(
            "action: resample, tries: 2, otherwise: safe-reply, reply: topic", with: "action: rewrite")
        var failure: String?
        do {
            _ = try GuardFixture(upstream(["x"]), policy: rewriting).server(before: "http://127.0.0.1:9")
        } catch { failure = "\(error)" }
        #expect(failure?.contains("policy.yaml' rewrites (output[1])") == true)
        let falling = GuardFixture.policy.replacing("action: resample, tries: 2,", with: "action: rewrite,")
        let answer = try await GuardFixture(upstream(["a vile day"]), policy: falling).complete(Self.prompt)
        #expect(answer["choices", "0", "text"] as? String == "Let us talk about gardens.")
    }

    @Test func refusesAPolicyThatCouldNeverApply() async throws {
        let policy = "detector: words\noutput: [{ attribute: insult, from: 0.5, action: flag }]"
        #expect(throws: GuardError.self) {
            try GuardFixture(upstream(["x"]), policy: policy).server(before: "http://127.0.0.1:9")
        }
    }

    /// The judge sees only what the quick detector does not clear.
    @Test func asksTheJudgeOnlyWhereItMust() async throws {
        let policy = GuardFixture.policy + "\nscreen: { detector: quick, below: 0.2 }"
        let fixture = GuardFixture(upstream(["a rude day"]), policy: policy)
        let answer = try await fixture.complete(Self.prompt)
        #expect(
            fixture.screen.texts == ["A good day", "a rude day"] && fixture.words.texts == ["a rude day"])
        #expect(answer["theriac", "input", "stage"] as? String == "screen")
        #expect((answer["theriac", "input", "detector"] as? String)?.hasPrefix("quick@") == true)
        #expect(answer["theriac", "output", "0", "stage"] as? String == "judge")
        #expect(answer.headers[.detector] == "quick@1.0.0, words@1.0.0")
    }

    @Test func saysWhatAnEmptyAnswerIs() async throws {
        let answer = try await GuardFixture(upstream([""])).complete(Self.prompt)
        #expect(answer["theriac", "output", "0", "action"] as? String == "flag")
        #expect(answer["theriac", "output", "0", "rule"] as? String == "unscored.output")
    }

    @Test func leavesCallsOfToolsAlone() async throws {
        let body =
            #"{"id":"x","object":"chat.completion","choices":[{"index":0,"finish_reason":"tool_calls","message":{"role":"assistant","content":null,"tool_calls":[{"id":"c","type":"function","function":{"name":"f","arguments":"{ \"vile\":1 }"}}]}}]}"#
        let fixture = GuardFixture(FakeUpstream(.body(200, body)))
        let answer = try await fixture.chat(
            #"{"model":"m","tools":[{"type":"function"}],"messages":[{"role":"user","content":"go"}]}"#)
        #expect(answer.body.hasPrefix(String(body.dropLast())))
        #expect(answer["theriac", "output"] == nil)
    }

    @Test func judgesTheLastTurn() async throws {
        let old =
            #"{"role":"system","content":"vile"},{"role":"user","content":"vile"},{"role":"assistant","content":"no"}"#
        func ask(_ more: String, _ input: GuardServingSettings.Input = .lastTurn) async throws -> Int {
            var fixture = GuardFixture(upstream(["yes"]))
            fixture.settings.guard.input = input
            let answer = try await fixture.chat(#"{"model":"m","messages":[\#(old),\#(more)]}"#)
            #expect(answer.status == 200)
            return fixture.upstream.asked.count
        }
        #expect(try await ask(#"{"role":"user","content":"good"}"#) == 1)
        #expect(try await ask(#"{"role":"user","content":"good"}"#, .conversation) == 0)
        #expect(try await ask(#"{"role":"user","content":[{"type":"text","text":"vile"}]}"#) == 0)
        // A beginning of the answer that the caller wrote is the caller's, and does not hide the question.
        #expect(
            try await ask(#"{"role":"user","content":"vile"},{"role":"assistant","content":"Sure,"}"#) == 0)
        #expect(
            try await ask(#"{"role":"user","content":"good"},{"role":"assistant","content":"vile"}"#) == 0)
    }

    @Test func refusesWhatItCannotRead() async throws {
        let image =
            #"{"model":"m","messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:"}}]}]}"#
        for (path, body) in [
            ("/v1/completions", #"{"model":"m","prompt":[1,2]}"#),
            ("/v1/completions", #"{"prompt":[[1],[2]]}"#),
            ("/v1/chat/completions", image),
        ] {
            let fixture = GuardFixture(upstream(["yes"]))
            let answer = try await fixture.ask(path, body)
            #expect(answer.status == 400 && answer["error", "code"] as? String == "unsupported_input_type")
            var open = GuardFixture(upstream(["yes", "yes"]))
            open.settings.guard.unread = .pass
            #expect(try await open.ask(path, body).status == 200)
        }
        for body in [
            "x", "[]", #"{"n":0}"#, #"{"prompt":{}}"#, #"{"prompt":"x","theriac":1}"#,
            #"{"n":1024,"prompt":["a","b","c","d","e"]}"#,
        ] {
            #expect(try await GuardFixture(upstream(["yes"])).complete(body).status == 400)
        }
    }

    /// What is meant for the guard stays here; what is learnt of a community counts for it.
    @Test func knowsCommunities() async throws {
        let policy = GuardFixture.policy.replacing(
            "from: 0.8, action: safe-reply", with: "from: 0.8, learnt: true, action: safe-reply")
        var fixture = GuardFixture(upstream(["good"]), policy: policy)
        fixture.settings.guard.texts = true
        let body = #"{"model":"m","prompt":"vile","theriac":{"community":"hardened","do_not_store":true}}"#
        let answer = try await fixture.complete(body)
        #expect(answer["theriac", "input", "action"] as? String == "flag")
        #expect(fixture.upstream.asked.map { $0.json.keys.sorted() } == [["model", "prompt"]])
        #expect(
            fixture.decisions.all.allSatisfy { $0.community == "hardened" && $0.text == nil && $0.doNotStore }
        )
        _ = try await fixture.complete(Self.prompt)
        #expect(fixture.decisions.all.suffix(2).map(\.text) == ["A good day", "good"])
        fixture.settings.guard.texts = false
        _ = try await fixture.complete(Self.prompt)
        #expect(fixture.decisions.all.suffix(2).map(\.text) == [nil, nil])
        let last = try #require(fixture.decisions.all.last)
        #expect(last.direction == .output && last.route == "completions" && last.detector.name == "words")
        #expect(last.policy.name == "policy.yaml" && last.policy.hash.count == 64)
    }

    @Test func forwardsModelsAndWhatIsListed() async throws {
        var fixture = GuardFixture(
            FakeUpstream { _, asked in
                .body(200, #"{"path":"\#(asked.path)"}"#, headers: [(.retryAfter, "3"), (.server, "secret")])
            })
        fixture.settings.guard.paths = ["/v1/embeddings"]
        let models = try await fixture.ask("/v1/models?limit=2", "", method: .get)
        #expect(models["path"] as? String == "/v1/models?limit=2" && models.headers[.retryAfter] == "3")
        #expect(models.headers[.server] == nil)
        #expect(try await fixture.ask("/v1/models/m", "", method: .get)["path"] as? String == "/v1/models/m")
        let embeddings = try await fixture.ask("/v1/embeddings", #"{"input":"vile"}"#)
        #expect(embeddings["path"] as? String == "/v1/embeddings")
        #expect(fixture.upstream.asked.last?.body == #"{"input":"vile"}"#)
        #expect(try await fixture.ask("/v1/files", "{}").status == 404)
        // What this server answers itself it still does.
        #expect(try await fixture.ask("/v1/moderations", #"{"input":"x"}"#)["results"] != nil)
    }

    /// The shipped quick detector, really loaded.
    @Test func worksWithAShippedDetector() async throws {
        let policy = """
            detector: steer
            output: [{ attribute: toxicity, from: 0.5, action: refuse }]
            """
        let fixture = GuardFixture(
            upstream(["You are a stupid idiot."], ["The garden opens at nine."]), policy: policy)
        let bad = try await fixture.complete(Self.prompt)
        #expect(bad["choices", "0", "finish_reason"] as? String == "content_filter")
        #expect((bad["theriac", "output", "0", "detector"] as? String)?.hasPrefix("steer@") == true)
        let good = try await fixture.complete(Self.prompt)
        #expect(good["choices", "0", "text"] as? String == "The garden opens at nine.")
    }
}
