import Foundation
import HTTPTypes
import HummingbirdTesting
import TheriacDetection
import TheriacTesting
import Testing

@testable import TheriacServer

/// Streams through the whole guard.
@Suite struct GuardStreamTests {
    private static let chat = #"{"model":"m","stream":true,"messages":[{"role":"user","content":"hello"}]}"#

    private static func pieces(_ events: [String], size: Int) -> [[UInt8]] {
        let bytes = Wire.bytes(events)
        return stride(from: 0, to: bytes.count, by: size).map {
            Array(bytes[$0..<min($0 + size, bytes.count)])
        }
    }

    /// Bytes cut in the middle of letters make no difference.
    @Test(arguments: [1, 7, 100_000])
    func passesACleanStream(size: Int) async throws {
        let events = Wire.chatEvents(["ein grüner ", "Garten 👩‍👩‍👧", " für alle"])
        let fixture = GuardFixture(FakeUpstream(.pieces(Self.pieces(events, size: size))))
        let answer = try await fixture.chat(Self.chat)
        let read = Wire.read(answer.body)
        #expect(answer.headers[.contentType] == "text/event-stream; charset=utf-8")
        #expect(answer.headers[.guardInput] == "pass" && answer.headers[.guardOutput] == nil)
        #expect(
            read
                == .init(
                    text: "ein grüner Garten 👩‍👩‍👧 für alle", finish: "stop", theriac: "pass",
                    roles: ["assistant"], isDone: true))
        for event in events.dropLast() { #expect(answer.body.contains("data: \(event)\n\n")) }
    }

    @Test func stopsInTheMiddle() async throws {
        let events = Wire.chatEvents(["a good day in a large garden, and a ", "menace ", "and so on and on"])
        let fixture = GuardFixture(FakeUpstream(.pieces(Self.pieces(events, size: 50))))
        let answer = try await fixture.chat(Self.chat)
        let read = Wire.read(answer.body)
        #expect(read.finish == "content_filter" && read.theriac == "refuse" && read.isDone)
        #expect(
            "a good day in a large garden, and a ".hasPrefix(read.text) && read.text.hasPrefix("a good day"))
        #expect(!answer.body.contains("menace"))
        #expect(fixture.decisions.all.map(\.action.rawValue) == ["pass", "refuse"])
    }

    @Test func goesOnWithASafeReply() async throws {
        let events = Wire.completionEvents(["a good day in a large garden, and a ", "vile ", "thing"])
        let fixture = GuardFixture(FakeUpstream(.pieces(Self.pieces(events, size: 50))))
        let read = Wire.read(try await fixture.complete(#"{"model":"m","stream":true,"prompt":"x"}"#).body)
        // What was shown cannot be taken back, so it is not asked for anew.
        #expect(fixture.upstream.asked.count == 1)
        #expect(read.text.hasPrefix("a good day") && read.text.hasSuffix("\n\nLet us talk about gardens."))
        #expect(read.finish == "content_filter" && read.theriac == "safe-reply")
    }

    @Test func asksAnewWhileNothingWasShown() async throws {
        let bad = Wire.chatEvents(["a vile", " day"])
        let good = Wire.chatEvents(["a fine", " day"])
        let upstream = FakeUpstream { number, _ in .pieces([Wire.bytes(number == 0 ? bad : good)]) }
        let fixture = GuardFixture(upstream)
        let read = Wire.read(try await fixture.chat(Self.chat).body)
        #expect(
            read
                == .init(
                    text: "a fine day", finish: "stop", theriac: "pass", roles: ["assistant"], isDone: true))
        #expect(upstream.asked.count == 2)
        #expect(fixture.decisions.all.map(\.action.rawValue) == ["pass", "resample", "pass"])
        #expect(fixture.decisions.all.map(\.attempt) == [0, 0, 1])
        let always = GuardFixture(FakeUpstream(.pieces([Wire.bytes(bad)])))
        let end = Wire.read(try await always.chat(Self.chat).body)
        #expect(end.text == "Let us talk about gardens." && end.roles == ["assistant"])
        #expect(always.upstream.asked.count == 3)
    }

    /// Where nothing is shown before all was judged, every action can be taken.
    @Test func judgesAllBeforeItShowsAnything() async throws {
        let upstream = FakeUpstream { number, _ in
            .body(200, Wire.chat([number == 0 ? "a good day and a vile one" : "a good day"]))
        }
        var fixture = GuardFixture(upstream)
        fixture.settings.guard.stream.whole = true
        let read = Wire.read(try await fixture.chat(Self.chat).body)
        #expect(
            read
                == .init(
                    text: "a good day", finish: "stop", theriac: "pass", roles: ["assistant"], isDone: true))
        #expect(upstream.asked.map { $0.json["stream"] == nil } == [true, true])
    }

    /// A server that does not stream although it is asked to is understood.
    @Test func makesAStreamOfAWholeAnswer() async throws {
        let fixture = GuardFixture(FakeUpstream(.body(200, Wire.chat(["a good day"]))))
        let read = Wire.read(try await fixture.chat(Self.chat).body)
        #expect(read.text == "a good day" && read.finish == "stop" && read.isDone)
    }

    @Test func keepsCountsOfTokensForTheEnd() async throws {
        let usage =
            #"{"id":"chatcmpl-1","object":"chat.completion.chunk","choices":[],"usage":{"total_tokens":9}}"#
        let events = Wire.chatEvents(["a good day"]) + [usage]
        let body = try await GuardFixture(FakeUpstream(.pieces([Wire.bytes(events)]))).chat(Self.chat).body
        #expect(body.hasSuffix("data: \(usage)\n\ndata: [DONE]\n\n"))
    }

    /// Text comes before the upstream is done, and no earlier than it may.
    @Test func showsTextWhileMoreIsWritten() async throws {
        let words = (0..<12).map { "word\($0) " }
        let events = Wire.chatEvents(words)
        let fixture = GuardFixture(
            FakeUpstream(.pieces(events.map { Wire.bytes([$0], done: false) }, pause: .milliseconds(60))))
        try await fixture.serve { client in
            let port = try #require(client.port)
            try await onOwnThread {
                let connection = try #require(RawConnection(port: port))
                connection.say(
                    "POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nContent-Length: \(Self.chat.utf8.count)\r\n\r\n"
                        + Self.chat)
                let early = connection.hear(until: "word1 ")
                #expect(!early.contains("word6") && early.contains("word0"))
            }
        }
    }
}
