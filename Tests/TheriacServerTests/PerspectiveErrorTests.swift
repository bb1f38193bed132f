import Foundation
import HTTPTypes
import TheriacDetection
import TheriacTesting
import Testing

@testable import TheriacServer

/// Every row of the table of errors, whole bodies.
@Suite struct PerspectiveErrorTests {
    private static let type = #""@type":"type.googleapis.com/google.commentanalyzer.v1alpha1.Error""#

    /// The body of a 400 with the service's own detail.
    private static func refusal(_ message: String, _ errorType: String, _ more: String = "") -> String {
        #"{"error":{"code":400,"message":"\#(message)","status":"INVALID_ARGUMENT","details":[{\#(type),"errorType":"\#(errorType)"\#(more)}]}}"#
    }

    /// The body of a 400 of the JSON front end.
    private static func payload(_ message: String, field: String = "") -> String {
        let place = field.isEmpty ? "" : #""field":"\#(field)","#
        return
            #"{"error":{"code":400,"message":"\#(message)","status":"INVALID_ARGUMENT","details":[{"@type":"type.googleapis.com/google.rpc.BadRequest","fieldViolations":[{\#(place)"description":"\#(message)"}]}]}}"#
    }

    private static func request(
        text: String = #""text":"x""#, attributes: String = #"{"TOXICITY":{}}"#,
        languages: String = #"["en"]"#,
        more: String = ""
    ) -> String {
        #"{"comment":{\#(text)},"requestedAttributes":\#(attributes),"languages":\#(languages)\#(more)}"#
    }

    static let cases: [(body: String, answer: String)] = [
        (request(text: #""text":"""#), refusal("Comment must be non-empty.", "COMMENT_EMPTY")),
        (request(text: ""), refusal("Comment must be non-empty.", "COMMENT_EMPTY")),
        ("{}", refusal("Comment must be non-empty.", "COMMENT_EMPTY")),
        (
            request(text: #""text":"\#(String(repeating: "é", count: 11684))""#),
            refusal(
                "Comment text was too many bytes. Value (23368) exceeded limit (20480).", "COMMENT_TOO_LONG")
        ),
        (request(attributes: "{}"), refusal("Missing requested_attributes", "NO_REQUESTED_ATTRIBUTES")),
        (
            request(attributes: #"{"THREAT":{}}"#, languages: #"["th"]"#),
            refusal(
                "Attribute THREAT does not support request languages: th",
                "LANGUAGE_NOT_SUPPORTED_BY_ATTRIBUTE",
                #","languageNotSupportedByAttributeError":{"requestedLanguages":["th"],"attribute":"THREAT"}"#
            )
        ),
        (
            request(text: #""text":"สวัสดีครับ วันนี้อากาศดีมาก""#, attributes: #"{"THREAT":{}}"#, languages: "[]"),
            refusal(
                "Attribute THREAT does not support request languages: th",
                "LANGUAGE_NOT_SUPPORTED_BY_ATTRIBUTE",
                #","languageNotSupportedByAttributeError":{"detectedLanguages":["th"],"attribute":"THREAT"}"#)
        ),
        (
            request(text: #""text":"\n""#, languages: "null"),
            refusal("Unable to detect language", "LANGUAGE_DETECTION_FAILED")
        ),
        (request(attributes: #"{"FOO":{}}"#), refusal("Unknown requested attribute: FOO", "INVALID_REQUEST")),
        (
            request(attributes: #"{"FLIRTATION":{}}"#),
            refusal("Unknown requested attribute: FLIRTATION", "INVALID_REQUEST")
        ),
        (
            request(attributes: #"{"TOXICITY":{"scoreType":"RAW"}}"#),
            refusal("Requested score type RAW is not supported by attribute TOXICITY", "INVALID_REQUEST")
        ),
        (
            request(text: #""text":"x","type":"HTML""#),
            refusal("Currently, only 'PLAIN_TEXT' comments are supported", "INVALID_REQUEST")
        ),
        (request(text: #""text":"x","type":"MARKDOWN""#), refusal("Unknown text type", "INVALID_REQUEST")),
        (
            request(
                more:
                    #","context":{"entries":[{"text":"a"}],"articleAndParentComment":{"article":{"text":"b"}}}"#
            ),
            refusal(
                "Context can have either entries or article_and_parent_comment, but both fields were populated.",
                "INVALID_REQUEST")
        ),
        (
            request(more: #","x":1"#),
            payload(#"Invalid JSON payload received. Unknown name \"x\": Cannot find field."#)
        ),
        (
            request(text: #""text":"x","y":1"#),
            payload(
                #"Invalid JSON payload received. Unknown name \"y\" at 'comment': Cannot find field."#,
                field: "comment")
        ),
        (
            request(text: #""text":{}"#),
            payload("Invalid value at 'comment.text' (TYPE_STRING)", field: "comment.text")
        ),
        (
            #"{"comment":"#,
            payload("Invalid JSON payload received. an object is expected (byte 11).")
        ),
        ("[]", payload("Invalid JSON payload received. Root element must be a message.")),
    ]

    @Test(arguments: cases)
    func saysWhatIsWrong(body: String, answer: String) async throws {
        let found = try await ServerFixture().analyze(body)
        #expect(found.status == 400)
        #expect(found.body == answer)
        #expect(found.headers[.contentType] == "application/json; charset=UTF-8")
    }

    /// Of several mistakes the first in this order is named, on which clients rely.
    @Test func checksInTheOrderClientsRelyOn() async throws {
        let long = String(repeating: "x", count: 20_481)
        let steps: [(String, String)] = [
            (
                #"{"comment":{"text":"","type":"HTML"},"context":{},"requestedAttributes":{"FOO":{}}}"#,
                "Comment must be"
            ),
            (#"{"comment":{"text":"\#(long)","type":"HTML"}}"#, "Comment text was too many bytes"),
            (
                #"{"comment":{"text":"x","type":"HTML"},"context":{"entries":[{}],"articleAndParentComment":{}}}"#,
                "Currently, only"
            ),
            (
                #"{"comment":{"text":"x"},"context":{"entries":[{}],"articleAndParentComment":{}}}"#,
                "Context can have"
            ),
            (#"{"comment":{"text":"x"},"languages":["th"]}"#, "Missing requested_attributes"),
            (
                #"{"comment":{"text":"x"},"languages":["th"],"requestedAttributes":{"THREAT":{"scoreType":"RAW"},"FOO":{}}}"#,
                "Unknown requested attribute"
            ),
            (
                #"{"comment":{"text":"x"},"languages":["th"],"requestedAttributes":{"THREAT":{"scoreType":"RAW"}}}"#,
                "Requested score type"
            ),
            (
                #"{"comment":{"text":"x"},"languages":["th"],"requestedAttributes":{"THREAT":{}}}"#,
                "Attribute THREAT"
            ),
        ]
        for (body, start) in steps {
            let message = try await ServerFixture().analyze(body)["error", "message"] as? String
            #expect(message?.hasPrefix(start) == true, "\(message ?? "none") should begin with \(start)")
        }
    }

    @Test func takesATextOfExactlyTheLimit() async throws {
        let text = String(repeating: "é", count: 10_240)
        #expect(try await ServerFixture().analyze(Self.request(text: #""text":"\#(text)""#)).status == 200)
    }

    /// What is compared with all others, or answered for all sentences, must stay small.
    @Test func refusesMoreThanAnybodyNeeds() async throws {
        let fixture = try ServerFixture()
        let names = (0...200).map { #""A\#($0)":{}"# }.joined(separator: ",")
        let many = try await fixture.analyze(Self.request(attributes: "{\(names)}"))
        #expect(many.status == 400)
        #expect(many["error", "message"] as? String == "More than 200 attributes are requested")
        let languages = Array(repeating: #""en""#, count: 1001).joined(separator: ",")
        #expect(try await fixture.analyze(Self.request(languages: "[\(languages)]")).status == 400)
        let hash = FixedDetector().identity.hash
        let pinned = (8...64).map { #""TOXICITY@\#(hash.prefix($0))":{}"# }.joined(separator: ",")
        let text = String(repeating: "Ab. ", count: 5000)
        let large = try await fixture.analyze(
            Self.request(
                text: #""text":"\#(text)""#, attributes: "{\(pinned)}", more: #","spanAnnotations":true"#))
        #expect(large.status == 400)
        #expect(
            large["error", "message"] as? String
                == "57 attributes of 5000 sentences are more than 100000 scores")
    }

    @Test func refusesBodiesThatAreTooLargeOrTooDeep() async throws {
        var settings = ServerSettings()
        settings.limits.bodyBytes = 1024
        let large = try await ServerFixture(settings).analyze(String(repeating: " ", count: 2000))
        #expect(
            large.body
                == #"{"error":{"code":400,"message":"Request payload size exceeds the limit: 1024 bytes.","status":"INVALID_ARGUMENT"}}"#
        )
        let deep = #"{"suggestCommentScore":"# + String(repeating: "[", count: 5000)
        let answer = try await ServerFixture().analyze(deep)
        #expect(answer.status == 400)
    }

    // MARK: Keys, quota, and the server's own failures

    private func keyed(_ body: (ServerFixture) async throws -> Void, perMinute: Int? = nil) async throws {
        let folder = try TemporaryFolder()
        let hash = "2c70e12b7a0646f92279f427c7b38e7334d8e5389cff167a1dc30e73f826b683"  // of the word "key"
        let file = try folder.write("# keys\nforum \(hash)\n", to: "keys.txt")
        var settings = ServerSettings()
        settings.keys = file
        settings.quota.requestsPerMinute = perMinute
        settings.quota.burst = perMinute == nil ? nil : 2
        try await body(try ServerFixture(settings))
    }

    @Test func asksForAKey() async throws {
        try await keyed { fixture in
            let none = try await fixture.analyze(Self.request())
            #expect(none.status == 403)
            #expect(none["error", "status"] as? String == "PERMISSION_DENIED")
            #expect(
                none["error", "details", "0", "@type"] as? String
                    == "type.googleapis.com/google.rpc.ErrorInfo")
            let wrong = try await fixture.analyze(Self.request(), query: "&key=nokey")
            #expect(
                wrong.body
                    == #"{"error":{"code":400,"message":"API key not valid. Please pass a valid API key.","status":"INVALID_ARGUMENT","details":[{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"API_KEY_INVALID","domain":"googleapis.com","metadata":{"service":"commentanalyzer.googleapis.com"}}]}}"#
            )
            #expect(try await fixture.analyze(Self.request(), query: "&key=key").status == 200)
            for header in [(HTTPField.Name.googleKey, "key"), (.authorization, "Bearer key")] {
                let path = "/v1alpha1/comments:analyze"
                #expect(try await fixture.ask(.post, path, Self.request(), headers: [header]).status == 200)
            }
            // The shape is looked at before the key, the text behind it.
            #expect(try await fixture.analyze("{").status == 400)
            #expect(try await fixture.analyze("{}").status == 403)
        }
    }

    @Test func holdsEachKeyToItsQuota() async throws {
        try await keyed(
            { fixture in
                // Two are free and one comes back a second; a busy machine may need more than three to run dry.
                var answer = try await fixture.analyze(Self.request(), query: "&key=key")
                var asked = 1
                while answer.status == 200, asked < 200 {
                    answer = try await fixture.analyze(Self.request(), query: "&key=key")
                    asked += 1
                }
                #expect(asked > 2)
                #expect(answer.status == 429)
                #expect(answer.headers[.retryAfter] == "1")
                #expect(
                    answer.body
                        == #"{"error":{"code":429,"message":"Quota exceeded for quota metric 'Analysis requests (AnalyzeComment)' and limit 'Analysis requests (AnalyzeComment) per minute' of service 'commentanalyzer.googleapis.com' for consumer 'project_number:1'.","status":"RESOURCE_EXHAUSTED","details":[{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"RATE_LIMIT_EXCEEDED","domain":"googleapis.com","metadata":{"quota_metric":"CommentAnalyzerService/analyze_requests","quota_limit":"AnalyzeRequestsPerMinutePerProject","quota_limit_value":"60","quota_location":"global","consumer":"projects/1","service":"commentanalyzer.googleapis.com"}},{"@type":"type.googleapis.com/google.rpc.Help","links":[{"description":"Request a higher quota limit.","url":"https://cloud.google.com/docs/quotas/help/request_increase"}]}]}}"#
                )
            }, perMinute: 60)
    }

    @Test func saysThatThereIsNoSuchPath() async throws {
        for (method, path) in [(HTTPRequest.Method.get, "/v1alpha1/comments:analyze"), (.post, "/nothing")] {
            let answer = try await ServerFixture().ask(
                method, "\(path)?prettyPrint=false", method == .post ? "{}" : nil)
            #expect(answer.status == 404)
            #expect(answer["error", "status"] as? String == "NOT_FOUND")
        }
    }

    @Test func tellsNothingOfItsOwnFailures() async throws {
        for text in ["fail", "unscored"] {
            let answer = try await ServerFixture().analyze(Self.request(text: #""text":"\#(text)""#))
            #expect(answer.status == 500)
            #expect(answer["error", "status"] as? String == "INTERNAL")
            #expect(!answer.body.contains("it fails") && !answer.body.contains("no answer"))
        }
    }

    @Test func isUnhealthyAfterADetectorFailed() async throws {
        let fixture = try ServerFixture()
        #expect(try await fixture.ask(.get, "/health").status == 200)
        _ = try await fixture.analyze(Self.request(text: #""text":"fail""#))
        #expect(try await fixture.ask(.get, "/health").status == 503)
        #expect(try await fixture.ask(.get, "/livez").status == 200)
        _ = try await fixture.analyze(Self.request())
        #expect(try await fixture.ask(.get, "/health").status == 200)
    }

    @Test func givesUpAtTheDeadlineAndRefusesBeyondTheQueue() async throws {
        var settings = ServerSettings()
        settings.scoring = .batched
        settings.limits.deadlineSeconds = 0.05
        settings.batching.queue = 2
        settings.batching.texts = 1
        let fixture = try ServerFixture(settings, detectors: [FixedDetector(pause: 0.3)])
        let codes = try await withThrowingTaskGroup(of: Answer.self) { group in
            for _ in 0..<6 { group.addTask { try await fixture.analyze(Self.request()) } }
            return try await group.reduce(into: [Answer]()) { $0.append($1) }
        }
        let full = codes.filter { $0.status == 429 }
        #expect(!full.isEmpty)
        #expect(
            full.allSatisfy {
                $0.headers[.retryAfter] != nil && $0["error", "status"] as? String == "RESOURCE_EXHAUSTED"
            })
        let late = codes.filter { $0.status == 504 }
        #expect(!late.isEmpty)
        #expect(late.allSatisfy { $0["error", "status"] as? String == "DEADLINE_EXCEEDED" })
        #expect(codes.contains { $0.status == 200 })
    }
}
