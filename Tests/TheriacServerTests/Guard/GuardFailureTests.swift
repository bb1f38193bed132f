import Foundation
import HTTPTypes
import HummingbirdTesting
import Synchronization
import TheriacAudit
import TheriacTesting
import Testing

@testable import TheriacServer

/// What the guard says when the server behind it, or the client before it, does not do its part.
@Suite struct GuardFailureTests {
    private static let prompt = #"{"model":"m","prompt":"A good day"}"#
    private static let chat = #"{"model":"m","stream":true,"messages":[{"role":"user","content":"hello"}]}"#

    @Test(arguments: [
        (500, 502, "upstream_error"), (502, 502, "upstream_error"), (503, 503, "overloaded"),
        (504, 504, "upstream_error"), (302, 502, "upstream_error"),
    ])
    func explainsAFailure(upstream: Int, status: Int, code: String) async throws {
        for body in [Self.prompt, #"{"prompt":"x","stream":true}"#] {
            let fixture = GuardFixture(
                FakeUpstream(.body(upstream, "secret words", headers: [(.retryAfter, "7")])))
            let answer = try await fixture.complete(body)
            #expect(answer.status == status && answer["error", "code"] as? String == code)
            #expect(!answer.body.contains("secret") && fixture.upstream.asked.count == 1)
            if upstream == 503 { #expect(answer.headers[.retryAfter] == "7") }
        }
    }

    @Test func handsRefusalsOn() async throws {
        let error =
            #"{"error":{"message":"max_tokens is too large","type":"invalid_request_error","code":"x"}}"#
        let answer = try await GuardFixture(FakeUpstream(.body(400, error))).complete(Self.prompt)
        #expect(answer.status == 400 && answer.body == error)
        let limited = FakeUpstream(.body(429, error, headers: [(.retryAfter, "9")]))
        let again = try await GuardFixture(limited).complete(Self.prompt)
        #expect(again.status == 429 && again.headers[.retryAfter] == "9" && limited.asked.count == 1)
        let odd = try await GuardFixture(FakeUpstream(.body(404, "<html>"))).complete(Self.prompt)
        #expect(odd.status == 404 && odd["error", "code"] as? String == "upstream_refused")
    }

    @Test(arguments: ["", "x", "[]", "{}", #"{"choices":1}"#, #"{"choices":[1]}"#, "<html>"])
    func refusesAnswersThatCannotBeRead(body: String) async throws {
        let answer = try await GuardFixture(FakeUpstream(.body(200, body))).complete(Self.prompt)
        #expect(answer.status == 502 && answer["error", "code"] as? String == "upstream_invalid")
    }

    @Test func explainsSilence() async throws {
        var fixture = GuardFixture(FakeUpstream(.hang(.seconds(2))))
        fixture.settings.guard.timeout = 0.3
        let answer = try await fixture.complete(Self.prompt)
        #expect(answer.status == 504 && answer["error", "code"] as? String == "upstream_timeout")
        var nobody = fixture
        nobody.settings.guard.upstream = "http://127.0.0.1:9"
        nobody.settings.guard.attempts = 2
        let refused = try await nobody.complete(Self.prompt)
        #expect(refused.status == 502 && refused["error", "code"] as? String == "upstream_unreachable")
        #expect(!refused.body.contains("127.0.0.1"))
    }

    /// Asking what there is changes nothing, so it is asked again; what would be computed twice is not.
    @Test func asksAgainOnlyForWhatChangesNothing() async throws {
        let upstream = FakeUpstream { number, _ in
            number == 0 ? .body(503, "") : .body(200, #"{"data":[]}"#)
        }
        let answer = try await GuardFixture(upstream).ask("/v1/models", "", method: .get)
        #expect(answer.status == 200 && upstream.asked.count == 2)
    }

    @Test func saysInTheStreamThatItBroke() async throws {
        let good = Wire.chatEvents(["a good day", " to you and all"])
        let bytes = Wire.bytes(Array(good.dropLast()), done: false)
        let garbage = bytes + Array("data: {oops\n\n".utf8)
        let failed = bytes + Array("data: {\"error\":{\"message\":\"secret\"}}\n\n".utf8)
        for (reply, code) in [
            (FakeUpstream.Reply.cut([bytes]), "upstream_error"), (.pieces([bytes]), "upstream_error"),
            (.pieces([garbage]), "upstream_invalid"), (.pieces([failed]), "upstream_error"),
        ] {
            let answer = try await GuardFixture(FakeUpstream(reply)).chat(Self.chat)
            let read = Wire.read(answer.body)
            #expect(answer.status == 200)
            #expect(read.error == code)
            #expect(read.isDone && read.finish == nil)
            // What was not judged with what stands behind it never comes.
            #expect("a good day to you and all".hasPrefix(read.text) && read.text.count < 20)
            #expect(!answer.body.contains("secret") && !answer.body.contains("oops"))
        }
    }

    @Test func leavesTheUpstreamWhenTheClientGoes() async throws {
        let piece = Wire.bytes([Wire.delta(#"{"content":"a good day and "}"#)], done: false)
        let fixture = GuardFixture(FakeUpstream(.endless(piece)))
        let upstream = fixture.upstream
        try await fixture.serve { client in
            let port = try #require(client.port)
            try await onOwnThread {
                let connection = try #require(RawConnection(port: port))
                connection.say(
                    "POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nContent-Length: \(Self.chat.utf8.count)\r\n\r\n"
                        + Self.chat)
                #expect(connection.hear(until: "a good day").contains("200 OK"))
            }
            // The connection is closed here.
            for _ in 0..<200 where upstream.left.withLock({ $0 }) == 0 {
                try await Task.sleep(for: .milliseconds(20))
            }
            #expect(upstream.left.withLock { $0 } == 1)
        }
    }

    @Test func leavesTheUpstreamOnceNothingMoreCanBeShown() async throws {
        let piece = Wire.bytes([Wire.delta(#"{"content":"a menace and "}"#)], done: false)
        let upstream = FakeUpstream(.endless(piece))
        let fixture = GuardFixture(upstream)
        try await fixture.serve { client in
            let answer = try await client.ask("/v1/chat/completions", Self.chat)
            #expect(Wire.read(answer.body).finish == "content_filter" && Wire.read(answer.body).isDone)
            for _ in 0..<200 where upstream.left.withLock({ $0 }) == 0 {
                try await Task.sleep(for: .milliseconds(20))
            }
            #expect(upstream.left.withLock { $0 } == 1)
        }
    }

    @Test func takesNoMoreThanItMay() async throws {
        var fixture = GuardFixture(FakeUpstream(.hang(.milliseconds(700))))
        fixture.settings.guard.concurrency = 1
        try await fixture.serve { client in
            async let first = client.ask("/v1/completions", Self.prompt)
            try await Task.sleep(for: .milliseconds(250))
            let port = try #require(client.port)
            let second = try await onOwnThread {
                let connection = try #require(RawConnection(port: port))
                connection.say(
                    "POST /v1/completions HTTP/1.1\r\nHost: x\r\nContent-Length: \(Self.prompt.utf8.count)\r\n\r\n"
                        + Self.prompt)
                return connection.hear(until: "rate_limit_exceeded")
            }
            #expect(second.contains("HTTP/1.1 429") && second.lowercased().contains("retry-after: 1"))
            _ = try await first
            // Its place is free again.
            #expect(try await client.ask("/v1/completions", Self.prompt).status != 429)
        }
    }

    /// A key that opens this server is not shown to the other one.
    @Test func keepsKeysApart() async throws {
        let fixture = GuardFixture(FakeUpstream(.body(200, Wire.completion(["yes"]))))
        _ = try await fixture.ask(
            "/v1/completions", Self.prompt, headers: [(.authorization, "Bearer theirs"), (.cookie, "c=1")])
        #expect(fixture.upstream.asked.first?.headers[.authorization] == "Bearer theirs")
        #expect(fixture.upstream.asked.first?.headers[.cookie] == nil)
        let folder = try TemporaryFolder()
        let made = KeyRing.makeLine(label: "me")
        try made.line.write(to: folder.file("keys"), atomically: true, encoding: .utf8)
        var locked = GuardFixture(FakeUpstream(.body(200, Wire.completion(["yes"]))))
        locked.settings.keys = folder.file("keys")
        #expect(try await locked.complete(Self.prompt).status == 401)
        let answer = try await locked.ask(
            "/v1/completions", Self.prompt, headers: [(.authorization, "Bearer \(made.secret)")])
        #expect(answer.status == 200 && locked.upstream.asked.count == 1)
        #expect(locked.upstream.asked.first?.headers[.authorization] == nil)
        #expect(locked.decisions.all.first?.keyID == "me")
        locked.settings.guard.keyVariable = "THERIAC_TEST_NO_SUCH_KEY"
        let unset = locked
        #expect(throws: GuardError.noKey(variable: "THERIAC_TEST_NO_SUCH_KEY")) {
            try unset.server(before: "http://127.0.0.1:9")
        }
    }
}
