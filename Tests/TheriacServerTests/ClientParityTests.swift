import Foundation
import Hummingbird
import HummingbirdTesting
import TheriacCorpora
import TheriacDetection
import TheriacTesting
import Testing

@testable import TheriacServer

/// The clients that people use, against a server on this machine.
@Suite(.serialized, .enabled(if: PythonReference.isPresent, PythonReference.reason))
struct ClientParityTests {
    private static let detector = FixedDetector(
        scores: ["You clown.": [.toxicity: 0.75, .insult: 0.875, .threat: 0, .identityAttack: 0.125]],
        otherwise: 0.25)

    private func run(_ script: String, scoring: LoadedDetector.Mode = .automatic) async throws -> [String:
        Any]
    {
        var settings = ServerSettings()
        settings.port = 0
        settings.scoring = scoring
        let fixture = try ServerFixture(settings, detectors: [Self.detector])
        return try await fixture.server.application().test(.live) { client in
            let port = try #require(client.port)
            let output = try await onOwnThread {
                try PythonReference.run(script, ["http://127.0.0.1:\(port)"])
            }
            return Output(data: output)
        }.object
    }

    private struct Output: Sendable {
        var data: Data

        var object: [String: Any] {
            get throws { try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any]) }
        }
    }

    @Test(.tags(.parity), arguments: [LoadedDetector.Mode.inline, .batched])
    func googlesClientFindsPerspective(mode: LoadedDetector.Mode) async throws {
        let result = try await run("perspective_client.py", scoring: mode)
        let analyze = try #require(result["analyze"] as? [String: Any])
        let scores = try #require(analyze["attributeScores"] as? [String: [String: Any]])
        #expect((scores["INSULT"]?["summaryScore"] as? [String: Any])?["value"] as? Double == 0.875)
        #expect(analyze["clientToken"] as? String == "t")
        let spans = try #require(result["spans"] as? [[String: Any]])
        #expect(spans.map { $0["begin"] as? Int } == [0, 13] && spans.map { $0["end"] as? Int } == [13, 23])
        #expect((result["fields"] as? [String: Any])?.keys.sorted() == ["languages"])
        let batch = try #require(result["batch"] as? [String: Any])
        #expect(batch["answers"] as? Int == 99)
        #expect(batch["errors"] as? [String: String] == ["gen-98": "Comment must be non-empty."])
        let errors = try #require(result["errors"] as? [[Any]])
        #expect(errors.map { $0[0] as? Int } == Array(repeating: 400, count: 6))
        #expect(
            errors.map { $0[2] as? String } == [
                "COMMENT_EMPTY", "COMMENT_TOO_LONG", "NO_REQUESTED_ATTRIBUTES", "INVALID_REQUEST",
                "LANGUAGE_NOT_SUPPORTED_BY_ATTRIBUTE", nil,
            ])
        #expect(errors[3][1] as? String == "Unknown requested attribute: FOO")
        #expect((result["suggest"] as? [String: Any])?["clientToken"] as? String == "comment:1")
    }

    @Test(.tags(.parity)) func openAIsClientFindsModeration() async throws {
        let result = try await run("openai_client.py")
        #expect(result["flagged"] as? [Bool] == [true, false])
        #expect(result["harassment"] as? [Double] == [0.875, 0.25])
        #expect(result["applied"] as? [[String]] == [["text"], ["text"]])
        #expect(result["missing"] as? [String] == [])
        #expect(result["models"] as? [String] == ["fixed"] && result["owner"] as? String == "theriac")
        #expect(result["request_id"] as? Bool == true)
        let errors = try #require(result["errors"] as? [[Any]])
        #expect(errors.map { $0[0] as? String } == ["NotFoundError", "BadRequestError", "NotFoundError"])
        #expect(
            errors.map { $0[2] as? String } == [
                "model_not_found", "unsupported_input_type", "model_not_found",
            ])
    }
}

/// OpenAI's own client through the guard.
@Suite(.serialized, .enabled(if: PythonReference.isPresent, PythonReference.reason))
struct GuardParityTests {
    @Test(.tags(.parity)) func openAIsClientGoesThroughTheGuard() async throws {
        let upstream = FakeUpstream { _, asked in
            let body = asked.json
            let isChat = asked.path.hasSuffix("chat/completions")
            guard !asked.path.hasSuffix("models") else {
                return .body(
                    200, #"{"object":"list","data":[{"id":"m","object":"model","created":1,"owned_by":"x"}]}"#
                )
            }
            let text =
                asked.body.contains("badly") ? "a good day in the garden and then a menace" : "a good day"
            guard body["stream"] as? Bool == true else {
                return .body(200, isChat ? Wire.chat([text]) : Wire.completion([text]))
            }
            let pieces = text.split(separator: " ").map { "\($0) " }
            return .pieces([Wire.bytes(isChat ? Wire.chatEvents(pieces) : Wire.completionEvents(pieces))])
        }
        let fixture = GuardFixture(upstream)
        try await fixture.serve { client in
            let port = try #require(client.port)
            let output = try await onOwnThread {
                try PythonReference.run("guard_client.py", ["http://127.0.0.1:\(port)"])
            }
            let result = try #require(try JSONSerialization.jsonObject(with: output) as? [String: Any])
            #expect(result["completion"] as? [String] == ["a good day", "stop", "pass"])
            #expect(result["chat"] as? [String] == ["a good day", "stop", "pass"])
            #expect(result["chat_stream"] as? [String] == ["a good day ", "stop", "pass"])
            #expect(result["completion_stream"] as? [String] == ["a good day ", "stop", "pass"])
            let cut = try #require(result["cut"] as? [String])
            #expect(
                cut[0].hasPrefix("a good day") && !cut[0].contains("menace") && cut[1] == "content_filter")
            #expect(result["withheld"] as? [String] == ["", "content_filter", "refuse"])
            #expect(result["safe"] as? [String] == ["Let us talk about gardens.", "content_filter"])
            #expect(result["refused"] as? [String] == ["BadRequestError", "content_filter", "refuse"])
            #expect(result["models"] as? [String] == ["m"])
        }
    }
}
