import Foundation
import HTTPTypes
import TheriacAudit
import TheriacCorpora
import TheriacDetection
import TheriacTesting
import Testing

@testable import TheriacServer

@Suite struct OpenAIRouteTests {
    private static let detector = FixedDetector(scores: [
        "You clown.": [
            .toxicity: 0.7, .severeToxicity: 0.9, .insult: 0.8, .identityAttack: 0.2, .threat: 0.1,
            .profanity: 0.9, .sexuallyExplicit: 0.05,
        ]
    ])

    private func moderate(_ body: String, _ settings: ServerSettings = ServerSettings()) async throws
        -> Answer
    {
        try await ServerFixture(settings, detectors: [Self.detector]).ask(.post, "/v1/moderations", body)
    }

    @Test func mapsAttributesToCategories() async throws {
        let answer = try await moderate(#"{"input":"You clown."}"#)
        let start = try #require(answer.body.range(of: #""model""#)).lowerBound
        #expect(
            answer.body[start...]
                == #""model":"omni-moderation-latest","results":[{"flagged":true,"categories":{"harassment":true,"harassment/threatening":false,"hate":false,"hate/threatening":false,"illicit":false,"illicit/violent":false,"self-harm":false,"self-harm/intent":false,"self-harm/instructions":false,"sexual":false,"sexual/minors":false,"violence":false,"violence/graphic":false},"category_scores":{"harassment":0.8,"harassment/threatening":0.1,"hate":0.2,"hate/threatening":0.1,"illicit":0.0,"illicit/violent":0.0,"self-harm":0.0,"self-harm/intent":0.0,"self-harm/instructions":0.0,"sexual":0.05,"sexual/minors":0.0,"violence":0.1,"violence/graphic":0.0},"category_applied_input_types":{"harassment":["text"],"harassment/threatening":["text"],"hate":["text"],"hate/threatening":["text"],"illicit":[],"illicit/violent":[],"self-harm":[],"self-harm/intent":[],"self-harm/instructions":[],"sexual":["text"],"sexual/minors":[],"violence":["text"],"violence/graphic":[]}}]}"#
        )
        #expect((answer["id"] as? String)?.hasPrefix("modr-") == true)
        #expect(answer.headers[.requestID] != nil)
    }

    /// Every category is one of the taxonomy's, and none of the taxonomy's is missing.
    @Test func coversTheTaxonomy() throws {
        let labels = try #require(Taxonomies.named("openai")).labels.map(\.name)
        #expect(Set(ModerationCategory.all.map(\.name)) == Set(labels))
    }

    @Test func answersAListInOrderAndPartsAsOne() async throws {
        let list = try await moderate(#"{"input":["fine","You clown."]}"#)
        #expect(list["results", "0", "flagged"] as? Bool == false)
        #expect(list["results", "1", "flagged"] as? Bool == true)
        let parts = try await moderate(
            #"{"input":[{"type":"text","text":"You clown."}],"model":"text-moderation-latest"}"#)
        #expect((parts["results"] as? [Any])?.count == 1)
        #expect((parts["results", "0", "categories"] as? [String: Any])?.count == 11)
        #expect(parts["model"] as? String == "text-moderation-latest")
    }

    @Test func flagsFromTheOperatorsThresholdsOn() async throws {
        var settings = ServerSettings()
        settings.moderation.thresholds = ["harassment": 0.85, "violence": 0.1]
        let answer = try await moderate(#"{"input":"You clown."}"#, settings)
        #expect(answer["results", "0", "categories", "harassment"] as? Bool == false)
        #expect(answer["results", "0", "categories", "violence"] as? Bool == true)
    }

    /// Nothing was measured, and the answer says so.
    @Test func measuresNothingOfABlankText() async throws {
        let answer = try await moderate(#"{"input":" "}"#)
        #expect(answer["results", "0", "flagged"] as? Bool == false)
        #expect(answer["results", "0", "category_applied_input_types", "hate"] as? [String] == [])
    }

    @Test(arguments: [
        ("{", 400, "invalid_json"), ("{}", 400, "missing_required_parameter"),
        (#"{"input":3}"#, 400, "invalid_type"), (#"{"input":[]}"#, 400, "invalid_value"),
        (#"{"input":[1]}"#, 400, "invalid_type"), (#"{"input":"x","model":"gpt"}"#, 404, "model_not_found"),
        (
            #"{"input":[{"type":"image_url","image_url":{"url":"data:"}}]}"#, 400, "unsupported_input_type"
        ),
        (#"{"input":"fail"}"#, 500, "internal"),
    ])
    func saysWhatIsWrong(body: String, status: Int, code: String) async throws {
        let answer = try await moderate(body)
        #expect(answer.status == status)
        #expect(answer["error", "code"] as? String == code)
        #expect(
            answer["error", "type"] as? String == (status == 500 ? "server_error" : "invalid_request_error"))
        #expect((answer["error"] as? [String: Any])?.keys.sorted() == ["code", "message", "param", "type"])
    }

    @Test func asksForAKeyInItsOwnWords() async throws {
        let folder = try TemporaryFolder()
        let made = KeyRing.makeLine(label: "bot")
        var settings = ServerSettings()
        settings.keys = try folder.write(made.line, to: "keys")
        let fixture = try ServerFixture(settings)
        let none = try await fixture.ask(.get, "/v1/models")
        #expect(none.status == 401)
        #expect(none["error", "code"] as? String == "invalid_api_key")
        let known = try await fixture.ask(
            .get, "/v1/models", headers: [(.authorization, "Bearer \(made.secret)")])
        #expect(known.status == 200)
    }

    @Test func listsTheDetectors() async throws {
        let list = try await ServerFixture().ask(.get, "/v1/models")
        #expect(list["object"] as? String == "list")
        #expect(list["data", "0", "id"] as? String == "fixed")
        #expect(list["data", "0", "owned_by"] as? String == "theriac")
        #expect(
            list["data", "0", "revision"] as? String == "sha256:" + String(repeating: "ab12cd34", count: 8))
        let one = try await ServerFixture().ask(.get, "/v1/models/fixed")
        #expect(one["id"] as? String == "fixed")
        let none = try await ServerFixture().ask(.get, "/v1/models/other")
        #expect(none.status == 404 && none["error", "code"] as? String == "model_not_found")
        let nowhere = try await ServerFixture().ask(.get, "/v1/nothing")
        #expect(nowhere.status == 404 && nowhere["error", "type"] as? String == "invalid_request_error")
    }

    @Test func tellsTheTimeToTryAgain() async throws {
        var settings = ServerSettings()
        settings.quota.requestsPerMinute = 1
        let fixture = try ServerFixture(settings)
        _ = try await fixture.ask(.post, "/v1/moderations", #"{"input":"x"}"#)
        let answer = try await fixture.ask(.post, "/v1/moderations", #"{"input":"x"}"#)
        #expect(answer.status == 429 && answer["error", "type"] as? String == "rate_limit_error")
        #expect(Int(answer.headers[.retryAfter] ?? "").map { (1...60).contains($0) } == true)
    }
}

@Suite struct NeighbourRouteTests {
    private static let detector = FixedDetector(
        attributes: [.toxicity, .threat], scores: ["You clown.": [.toxicity: 0.75, .threat: 0.125]])

    private func ask(_ path: String, _ body: String) async throws -> Answer {
        try await ServerFixture(detectors: [Self.detector]).ask(.post, path, body)
    }

    /// A list of short texts asks for an answer many times its size.
    @Test(arguments: [
        ("/v1/moderations", "input", 400), ("/classify", "input", 400), ("/predict", "inputs", 413),
    ])
    func takesAsManyTextsAsItIsTold(path: String, field: String, status: Int) async throws {
        var settings = ServerSettings()
        settings.limits.batchParts = 2
        let fixture = try ServerFixture(settings)
        #expect(try await fixture.ask(.post, path, #"{"\#(field)":["a","b"]}"#).status == 200)
        #expect(try await fixture.ask(.post, path, #"{"\#(field)":["a","b","c"]}"#).status == status)
    }

    @Test func classifiesLikeVLLM() async throws {
        let answer = try await ask("/classify", #"{"input":["You clown.","x"],"model":"fixed"}"#)
        #expect(answer["data", "0", "label"] as? String == "toxicity")
        #expect(answer["data", "0", "probs"] as? [Double] == [0.75, 0.125])
        #expect(answer["data", "1", "index"] as? Int == 1)
        #expect(answer["data", "1", "num_classes"] as? Int == 2)
        #expect(answer["object"] as? String == "list")
        #expect(try await ask("/classify", "{}")["error", "param"] as? String == "input")
    }

    @Test func predictsLikeTextEmbeddingsInference() async throws {
        let one = try await ask("/predict", #"{"inputs":"You clown."}"#)
        #expect(one.body == #"[{"score":0.75,"label":"toxicity"},{"score":0.125,"label":"threat"}]"#)
        let many = try await ask("/predict", #"{"inputs":[["You clown."],"x"]}"#)
        #expect((many.json as? [Any])?.count == 2)
        let wrong = try await ask("/predict", #"{"inputs":[["a","b"]]}"#)
        #expect(wrong.status == 413)
        #expect(wrong["error_type"] as? String == "Validation")
        let broken = try await ask("/predict", #"{"inputs":"fail"}"#)
        #expect(broken.status == 424 && broken["error_type"] as? String == "Backend")
    }
}
