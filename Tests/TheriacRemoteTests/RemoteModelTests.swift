import Foundation
import Testing
import TheriacOptions
import TheriacTesting

@testable import TheriacRemote

@Suite(.enabled(if: Served.isPresent, Served.reason)) struct RemoteModelTests {
    private func complete(
        _ prompt: String, samples: Int = 1, key: String? = nil,
        _ change: (inout RemoteSettings) -> Void = { _ in }
    ) throws -> CompletionAnswer {
        var request = CompletionRequest(prompt: prompt)
        request.samples = samples
        request.seed = 5
        return try Served.model(key: key, change).complete(request)
    }

    @Test func textsComeInOrderWithTheirCount() throws {
        let answer = try complete("plain one", samples: 3)
        #expect(answer.choices.map(\.text) == [" word-5-0", " word-5-1", " word-5-2"])
        #expect(answer.newTokens == 9)
    }

    @Test func settingsArriveUnderTheProtocolsNames() throws {
        var request = CompletionRequest(prompt: "settings")
        (request.samples, request.maxTokens, request.temperature, request.topP) = (2, 7, 0.5, 0.9)
        (request.topK, request.seed, request.stop) = (4, 3, ["\n\n"])
        _ = try Served.model().complete(request)
        let sent = try #require(try Served.server?.requests { $0 == "settings" }.last)
        #expect(sent.route == "/v1/completions" && sent.key == "")
        #expect(sent.body.model == "parrot" && sent.body.n == 2 && sent.body.max_tokens == 7)
        #expect(sent.body.temperature == 0.5 && sent.body.top_p == 0.9 && sent.body.top_k == 4)
        #expect(sent.body.seed == 3 && sent.body.stop == ["\n\n"])
    }

    @Test func furtherMembersGoAlong() throws {
        var settings = try RemoteSettings(
            .object(["extra": .object(["min_p": .number(0.5)])]), source: "a test")
        let body = try CompletionRequest(prompt: "a/b").body(model: "m", settings)
        #expect(
            String(decoding: body, as: UTF8.self)
                == #"{"max_tokens":16,"min_p":0.5,"model":"m","prompt":"a/b","temperature":1}"#)
        let print = settings.fingerprint
        settings.extra = [:]
        #expect(settings.fingerprint != print)
        #expect(throws: OptionsError.self) {
            try RemoteSettings(.object(["extra": .object(["seed": .integer(1)])]), source: "a test")
        }
    }

    @Test(arguments: ["[429 x2] a", "[500 x2] b", "[503 x2] c", "[408 x2] d", "[reset x2] e", "[torn x2] f"])
    func whatPassesIsTriedAgain(_ prompt: String) throws {
        let answer = try complete(prompt)
        #expect(answer.choices.count == 1)
        #expect(try Served.count(prompt) == 3)
    }

    @Test(arguments: [
        "[400 0] a", "[404 0] b", "[413 0] c", "[422 0] d", "[501 0] e", "[empty 0] f", "[null 0] g",
    ])
    func whatDoesNotPassIsNotTriedAgain(_ prompt: String) throws {
        #expect(throws: RemoteFailure.self) { try complete(prompt) }
        #expect(try Served.count(prompt) == 1)
    }

    @Test(arguments: ["[500 0] a2", "[torn 0] b2", "[reset 0] c2", "[abort 0] d2", "[page 0] e2"])
    func triesEnd(_ prompt: String) throws {
        #expect(throws: RemoteFailure.self) { try complete(prompt) }
        #expect(try Served.count(prompt) == 4)
    }

    @Test func aHangingServerIsLeftAndAskedAgain() throws {
        #expect(try complete("[hang x1] a") { $0.timeout = 0.5 }.choices.count == 1)
        #expect(try Served.count("[hang x1] a") >= 2)
        let failure = try #require(throws: RemoteFailure.self) {
            try complete("[hang 0] b") { ($0.timeout, $0.attempts) = (0.3, 2) }
        }
        guard case .timedOut(_, 0.3) = failure else {
            Issue.record("\(failure)")
            return
        }
    }

    @Test func retryAfterIsWaitedFor() throws {
        let start = Date()
        _ = try complete("[wait x1] a")
        #expect(Date().timeIntervalSince(start) >= 1)
    }

    @Test func aWaitThatIsTooLongEndsAtOnce() throws {
        let failure = try #require(throws: RemoteFailure.self) {
            try complete("[wait 60] b") { $0.longestWait = 20 }
        }
        #expect(failure.description.contains("asks to wait 60 s"))
        #expect(throws: RemoteFailure.quotaSpent(server: try Served.address().server)) {
            try complete("[quota 0]")
        }
    }

    @Test func anAnswerWithoutEndIsNotRead() throws {
        let failure = try #require(throws: RemoteFailure.self) { try complete("[big 0]") }
        #expect(failure == .tooLarge(bytes: 64 << 20))
    }

    @Test func aServerThatGivesFewerIsAskedAgainWithAnotherSeed() throws {
        let model = try Served.model()
        var request = CompletionRequest(prompt: "[n 2] few")
        request.samples = 5
        let (choices, tokens) = try model.samples(of: request, id: "p", seed: 1)
        #expect(choices.count == 5 && tokens == 15)
        #expect(Set(choices.map(\.text)).count == 5)
        let sent = try #require(Served.server).requests { $0 == "[n 2] few" }
        #expect(sent.map(\.body.n) == [5, 2, nil])  // the server was seen to give two
        #expect(Set(sent.map(\.body.seed)).count == 3)
    }

    @Test func aServerThatGivesMoreIsCut() throws {
        #expect(try complete("[many 0]", samples: 2).choices.map(\.text) == [" word-5-0", " word-5-1"])
    }

    @Test func noMessageHoldsPromptOrKey() throws {
        for script in [
            "400", "401", "403", "404", "418", "422", "500", "null", "empty", "torn", "page", "reset",
        ] {
            let prompt = "[\(script) 0] the secret prompt"
            let failure = try #require(throws: RemoteFailure.self) {
                try complete(prompt, key: FakeOpenAIServer.key) { $0.attempts = 1 }
            }
            for text in [failure.description, "\(failure)", String(reflecting: failure)] {
                #expect(
                    !text.contains("secret") && !text.contains(FakeOpenAIServer.key), "\(script): \(text)")
            }
        }
    }

    @Test func theKeyGoesIntoItsHeaderAndNowhereElse() throws {
        let model = try Served.model(key: "sk-one")
        _ = try model.complete(CompletionRequest(prompt: "with key"))
        #expect(try Served.server?.requests { $0 == "with key" }.map(\.key) == ["Bearer sk-one"])
        var printed = ""
        dump(model, to: &printed, maxDepth: 6)
        #expect(!printed.contains("sk-one"))
        let key = try #require(try RemoteKey(variable: "K", in: ["K": "sk-one"]))
        #expect(!"\(key)".contains("one") && !String(reflecting: key).contains("one"))
        #expect(throws: RemoteFailure.badKey(variable: "K")) {
            try RemoteKey(variable: "K", in: ["K": "a\r\nX: y"])
        }
    }

    @Test func aLongPromptIsNamedAsSuch() throws {
        let failure = try #require(throws: RemoteFailure.self) { try complete("[long 0]") }
        #expect(failure.description.contains("do not fit the model's context"))
    }

    @Test func aChatGetsInstructionAndPromptAsMessages() throws {
        let model = try Served.model {
            $0.endpoint = .chat
            $0.instruction = "Go on with the text."
        }
        #expect(
            try model.complete(CompletionRequest(prompt: "chat a")).choices.map(\.text) == [" word-None-0"])
        let sent = try #require(try Served.server?.requests { $0 == "chat a" }.last)
        #expect(sent.route == "/v1/chat/completions")
        #expect(sent.body.messages?.map(\.role) == ["system", "user"])
        #expect(sent.body.messages?.map(\.content) == ["Go on with the text.", "chat a"])
        var echo = CompletionRequest(prompt: "chat b")
        echo.echo = true
        #expect(throws: RemoteFailure.self) { try model.complete(echo) }
    }
}
