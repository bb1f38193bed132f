import Foundation
import HTTPTypes
import TheriacDetection
import Testing

@testable import TheriacServer

@Suite struct BatchRouteTests {
    private static func part(_ id: String, _ target: String, _ body: String) -> String {
        """
        Content-Type: application/http
        MIME-Version: 1.0
        Content-Transfer-Encoding: binary
        Content-ID: <\(id)>

        POST \(target) HTTP/1.1
        Content-Type: application/json
        MIME-Version: 1.0
        accept: application/json
        Host: 127.0.0.1:8080
        content-length: 114

        \(body)

        """
    }

    private static func body(_ parts: [String], lineEnd: String = "\n") -> String {
        (parts.map { "--B=_7\n\($0)" }.joined() + "--B=_7--\n").replacing("\n", with: lineEnd)
    }

    private static let request =
        #"{"comment":{"text":"x"},"languages":["en"],"requestedAttributes":{"TOXICITY":{}}}"#
    private static let target = "/v1alpha1/comments:analyze?key=K&alt=json&prettyPrint=false"

    private func send(
        _ body: String, to fixture: ServerFixture, path: String = "/batch"
    ) async throws -> Answer {
        try await fixture.ask(
            .post, path, body, headers: [(.contentType, #"multipart/mixed; boundary="B=_7""#)])
    }

    @Test(arguments: ["\n", "\r\n"])
    func answersEachPartUnderItsID(lineEnd: String) async throws {
        let parts = [
            Self.part("0f1e-uuid + gen-0-a", Self.target, Self.request),
            Self.part("0f1e-uuid + gen-1-b", Self.target, Self.request.replacing("TOXICITY", with: "FOO")),
            Self.part("0f1e-uuid + %2Fc", "/nothing", "{}"),
        ]
        for path in ["/batch", "/batch/commentanalyzer/v1alpha1"] {
            let answer = try await send(Self.body(parts, lineEnd: lineEnd), to: ServerFixture(), path: path)
            #expect(answer.status == 200)
            let type = try #require(answer.headers[.contentType])
            let boundary = try #require(MultipartMixed.boundary(type))
            let pieces = answer.body.components(separatedBy: "--\(boundary)")
            #expect(pieces.count == 5 && pieces[0].isEmpty && pieces[4] == "--\r\n")
            #expect(
                pieces[1].hasPrefix(
                    "\r\nContent-Type: application/http\r\nContent-ID: <response-0f1e-uuid + gen-0-a>\r\n\r\n"
                        + "HTTP/1.1 200 OK\r\nContent-Type: application/json; charset=UTF-8\r\n"))
            let inner = try #require(pieces[1].components(separatedBy: "\r\n\r\n").last)
            #expect(
                inner
                    == #"{"attributeScores":{"TOXICITY":{"spanScores":[{"begin":0,"end":1,"score":{"value":0.25,"type":"PROBABILITY"}}],"summaryScore":{"value":0.25,"type":"PROBABILITY"}}},"languages":["en"],"detectedLanguages":["en"]}"#
                    + "\r\n")
            #expect(pieces[2].contains("<response-0f1e-uuid + gen-1-b>\r\n\r\nHTTP/1.1 400 Bad Request\r\n"))
            #expect(pieces[2].contains("Unknown requested attribute: FOO"))
            #expect(pieces[3].contains("<response-0f1e-uuid + %2Fc>\r\n\r\nHTTP/1.1 404 Not Found\r\n"))
        }
    }

    @Test func scoresAThousandPartsAndNoMore() async throws {
        let one = Self.part("u + 1", Self.target, Self.request)
        let full = try await send(Self.body(Array(repeating: one, count: 1000)), to: ServerFixture())
        #expect(full.body.components(separatedBy: "HTTP/1.1 200 OK").count == 1001)
        let over = try await send(Self.body(Array(repeating: one, count: 1001)), to: ServerFixture())
        #expect(over.status == 400)
    }

    /// A part's mistake, or a failing detector, is that part's own matter; the whole answers 200.
    @Test func countsEachPartAgainstTheQuota() async throws {
        var settings = ServerSettings()
        settings.quota.requestsPerMinute = 2
        let one = Self.part("u + 1", Self.target, Self.request)
        let answer = try await send(Self.body([one, one, one]), to: ServerFixture(settings))
        #expect(answer.status == 200)
        #expect(answer.body.components(separatedBy: "HTTP/1.1 200 OK").count == 3)
        #expect(answer.body.components(separatedBy: "HTTP/1.1 429 Too Many Requests").count == 2)
    }

    @Test(arguments: ["", "--B=_7\n", "--B=_7\nContent-Type: x\n\nPOST / HTTP/1.1\n\n{}\n", "nothing"])
    func refusesWhatHasNoEnd(body: String) async throws {
        #expect(try await send(body, to: ServerFixture()).status == 400)
    }

    @Test func survivesPartsThatAreNoRequests() async throws {
        for part in [
            "", "\n", "\n\n\n", "Content-ID: <a + b>\n\nGET\n\n",
            "Content-ID: x\n\nPOST /batch HTTP/1.1\n\n\n",
        ] {
            let answer = try await send(Self.body([part]), to: ServerFixture())
            #expect(answer.status == 200)
            #expect(answer.body.contains("HTTP/1.1 4"))
        }
    }

    /// The type that holds fields ends the program at 65,535 of them.
    @Test func readsNoMoreFieldsOfAPartThanOfARequest() async throws {
        let fields = (0..<66_000).map { "x\($0): y\n" }.joined()
        let part = "Content-ID: <a + b>\n\nPOST \(Self.target) HTTP/1.1\n\(fields)\n\(Self.request)\n"
        let answer = try await send(Self.body([part]), to: ServerFixture())
        #expect(answer.status == 200)
        #expect(answer.body.contains("attributeScores"))
    }

    @Test func refusesAnotherContentType() async throws {
        let answer = try await ServerFixture().ask(
            .post, "/batch", "{}", headers: [(.contentType, "application/json")])
        #expect(answer.status == 400)
    }

    // MARK: Texts of a model

    /// A part cannot be a stream: it is refused in the words of its route, and nothing is written for it.
    @Test(arguments: ["/v1/completions", "/v1/chat/completions"])
    func refusesStreamsInAPart(path: String) async throws {
        try await GenerationFixture.with { fixture in
            let whole = #"{"prompt":"x","max_tokens":2,"messages":[{"role":"user","content":"x"}]}"#
            let body =
                path.contains("chat")
                ? whole.replacing(#""prompt":"x","#, with: "")
                : whole.replacing(#","messages":[{"role":"user","content":"x"}]"#, with: "")
            let stream = body.replacing(#""max_tokens""#, with: #""stream":true,"max_tokens""#)
            let answer = try await send(
                Self.body([Self.part("u + 1", path, stream), Self.part("u + 2", path, body)]),
                to: fixture.server)
            #expect(answer.status == 200)
            #expect(answer.body.contains("HTTP/1.1 400 Bad Request"))
            #expect(answer.body.contains(#""param":"stream","code":"unsupported_parameter""#))
            #expect(answer.body.contains("HTTP/1.1 200 OK") && answer.body.contains(#""choices":["#))
            let host = try #require(fixture.server.server.services.generation)
            #expect(host.metrics.finished.all.reduce(0) { $0 + $1.value } == 1)
        }
    }

    /// A batch does not take longer than it may: parts that are late are refused, each for itself.
    @Test func refusesPartsThatAreLate() async throws {
        var settings = ServerSettings()
        settings.limits.deadlineSeconds = 0.3
        try await GenerationFixture.with({ $0.deadlineSeconds = 0.3 }, settings: settings) { fixture in
            let part = Self.part(
                "u + 1", "/v1/completions", #"{"prompt":"x","max_tokens":120,"n":64,"ignore_eos":true}"#)
            let answer = try await send(Self.body(Array(repeating: part, count: 60)), to: fixture.server)
            #expect(answer.status == 200)
            #expect(answer.body.components(separatedBy: "HTTP/1.1 503 Service Unavailable").count > 50)
            // Of 60 parts with 64 texts of 120 tokens each.
            let host = try #require(fixture.server.server.services.generation)
            #expect(host.metrics.generatedTokens.value < 10 * 64 * 120)
        }
    }

    /// Long texts of many parts are scored in several calls, and those that are late are refused.
    @Test func scoresManyLongPartsInTurns() async throws {
        var settings = ServerSettings()
        settings.scoring = .batched
        settings.limits.deadlineSeconds = 0.05
        let request = Self.request.replacing(
            #""text":"x""#, with: #""text":"\#(String(repeating: "word ", count: 100))""#)
        let one = Self.part("u + 1", Self.target, request)
        // 16 calls of 64 texts, in the time of 16 requests: the slow detector does not get through.
        let slow = try ServerFixture(settings, detectors: [FixedDetector(pause: 0.1)])
        let late = try await send(Self.body(Array(repeating: one, count: 1000)), to: slow)
        let good = late.body.components(separatedBy: "HTTP/1.1 200 OK").count - 1
        #expect(good >= 64 && good <= 640 && good % 64 == 0, "\(good)")
        #expect(late.body.components(separatedBy: "HTTP/1.1 504").count - 1 == 1000 - good)
    }
}
