import HTTPTypes
import TheriacCorpora
import TheriacDetection
import Testing

@testable import TheriacServer

@Suite struct AnalyzeRouteTests {
    /// The example of the interface's description, with a detector that gives its numbers.
    @Test func answersTheExampleByteForByte() async throws {
        let detector = FixedDetector(scores: [
            "Nice try 🙂. You clown.": [.toxicity: 0.62011, .insult: 0.6604],
            "Nice try 🙂. ": [.toxicity: 0.04123, .insult: 0.03011],
            "You clown.": [.toxicity: 0.81734, .insult: 0.84502],
        ])
        let answer = try await ServerFixture(detectors: [detector]).analyze(
            """
            {"comment":{"text":"Nice try 🙂. You clown."},"languages":["en"],
             "requestedAttributes":{"TOXICITY":{},"INSULT":{"scoreThreshold":0.2}},
             "spanAnnotations":true,"clientToken":"c-17"}
            """)
        let expected = """
            {"attributeScores":{
               "TOXICITY":{"spanScores":[
                   {"begin":0,"end":13,"score":{"value":0.04123,"type":"PROBABILITY"}},
                   {"begin":13,"end":23,"score":{"value":0.81734,"type":"PROBABILITY"}}],
                 "summaryScore":{"value":0.62011,"type":"PROBABILITY"}},
               "INSULT":{"spanScores":[
                   {"begin":0,"end":13,"score":{"value":0.03011,"type":"PROBABILITY"}},
                   {"begin":13,"end":23,"score":{"value":0.84502,"type":"PROBABILITY"}}],
                 "summaryScore":{"value":0.6604,"type":"PROBABILITY"}}},
             "languages":["en"],"detectedLanguages":["en"],"clientToken":"c-17"}
            """
        #expect(answer.body == expected.filter { $0 != "\n" && $0 != " " })
        #expect(answer.headers[.contentType] == "application/json; charset=UTF-8")
        #expect(answer.headers[.detector] == "fixed@1.2.0")
        #expect(answer.headers[.revision] == "sha256:" + String(repeating: "ab12cd34", count: 8))
    }

    @Test func givesOneSpanOverTheWholeTextUnasked() async throws {
        let answer = try await ServerFixture().analyze(
            #"{"comment":{"text":"A🙂 b. C d."},"languages":["en"],"requestedAttributes":{"THREAT":{}}}"#)
        #expect(
            answer.body
                == #"{"attributeScores":{"THREAT":{"spanScores":[{"begin":0,"end":11,"score":{"value":0.25,"type":"PROBABILITY"}}],"#
                + #""summaryScore":{"value":0.25,"type":"PROBABILITY"}}},"languages":["en"],"detectedLanguages":["en"]}"#
        )
    }

    @Test func printsLineBreaksUnlessToldNotTo() async throws {
        let answer = try await ServerFixture().ask(
            .post, "/v1alpha1/comments%3Aanalyze",
            #"{"comment":{"text":"x"},"languages":["en"],"requestedAttributes":{"THREAT":{"scoreThreshold":1}}}"#
        )
        #expect(
            answer.body
                == "{\n  \"attributeScores\": {},\n  \"languages\": [\n    \"en\"\n  ],\n  \"detectedLanguages\": [\n    \"en\"\n  ]\n}\n"
        )
    }

    /// Names of the protobuf, null for absent, numbers as texts, a field of an old table.
    @Test func readsWhatProtobufsJSONAllows() async throws {
        let answer = try await ServerFixture().analyze(
            """
            {"comment":{"text":"x","type":"PLAIN_TEXT"},"languages":["en-US"],"span_annotations":"false",
             "requested_attributes":{"TOXICITY":{"score_threshold":"0.2","score_type":"PROBABILITY"}},
             "do_not_store":true,"session_id":123,"community_id":null,"client_token":"t",
             "suggestCommentScore":{"a":1},"context":{"entries":[{"text":"before"}]}}
            """)
        #expect(answer.status == 200)
        #expect(answer["attributeScores", "TOXICITY"] != nil)
        #expect(answer["clientToken"] as? String == "t")
    }

    /// Scripts send a line end for an empty continuation, and must get a number.
    @Test func scoresABlankTextWhoseLanguageIsNamed() async throws {
        let answer = try await ServerFixture().analyze(
            #"{"comment":{"text":"\n"},"languages":["en"],"requestedAttributes":{"TOXICITY":{}}}"#)
        #expect(answer["attributeScores", "TOXICITY", "summaryScore", "value"] as? Double == 0)
        #expect(answer.headers[.unscored] == "blank")
    }

    @Test func detectsTheLanguageWhenNoneIsNamed() async throws {
        let answer = try await ServerFixture().analyze(
            #"{"comment":{"text":"I think that this proposal is reasonable."},"requestedAttributes":{"TOXICITY":{}}}"#
        )
        #expect(answer["languages"] as? [String] == ["en"])
        #expect((answer["detectedLanguages"] as? [String])?.first == "en")
        #expect(answer.headers[.unscored] == nil)
    }

    @Test func leavesOutWhatTheLanguageLacksWhenToldTo() async throws {
        let answer = try await ServerFixture().analyze(
            #"{"comment":{"text":"x"},"languages":["th"],"dropUnsupportedAttributes":true,"requestedAttributes":{"TOXICITY":{}}}"#
        )
        #expect(answer.body == #"{"attributeScores":{},"languages":["th"],"detectedLanguages":["th"]}"#)
    }

    @Test func leavesOutWhatNobodyScoresWhenToldTo() async throws {
        var settings = ServerSettings()
        settings.perspective.dropUnscored = true
        let body =
            #"{"comment":{"text":"x"},"languages":["en"],"requestedAttributes":{"TOXICITY":{},"FLIRTATION":{}}}"#
        let dropped = try await ServerFixture(settings).analyze(body)
        #expect((dropped["attributeScores"] as? [String: Any])?.keys.sorted() == ["TOXICITY"])
        // A name that was never published is still a mistake.
        let unknown = try await ServerFixture(settings).analyze(
            body.replacing("FLIRTATION", with: "FOO"))
        #expect(unknown.status == 400)
    }

    @Test(arguments: [
        ("TOXICITY", "fixed"), ("TOXICITY@fixed", "fixed"), ("TOXICITY@1.2.0", "fixed"),
        ("TOXICITY@ab12cd34", "fixed"), ("TOXICITY@sha256:ab12cd34ab", "fixed"), ("TOXICITY@other", "other"),
        ("TOXICITY@0123456789", "other"), ("TOXICITY@other@sha256:01234567", "other"),
        ("TOXICITY_EXPERIMENTAL", "fixed"),
    ])
    func findsThePinnedDetector(name: String, detector: String) async throws {
        let other = FixedDetector(
            name: "other", hash: String(repeating: "01234567", count: 8), otherwise: 0.75)
        let padded = other.identity.hash.prefix(8) + "89" + other.identity.hash.dropFirst(10)
        let fixture = try ServerFixture(detectors: [
            FixedDetector(), FixedDetector(name: "other", hash: String(padded), otherwise: 0.75),
        ])
        let answer = try await fixture.analyze(
            #"{"comment":{"text":"x"},"languages":["en"],"requestedAttributes":{"\#(name)":{}}}"#)
        #expect(answer.headers[.detector] == "\(detector)@1.2.0")
        let score = answer["attributeScores", name, "summaryScore", "value"] as? Double
        #expect(score == (detector == "fixed" ? 0.25 : 0.75))
    }

    @Test(arguments: ["TOXICITY@6", "TOXICITY@fffffffff", "TOXICITY@", "TOXICITY@ab12", "toxicity"])
    func refusesAPinThatNothingMeets(name: String) async throws {
        let answer = try await ServerFixture().analyze(
            #"{"comment":{"text":"x"},"languages":["en"],"requestedAttributes":{"\#(name)":{}}}"#)
        #expect(answer.status == 400)
        #expect(answer["error", "message"] as? String == "Unknown requested attribute: \(name)")
    }

    @Test(arguments: [
        ("languages", #"{"languages":["en"]}"#),
        (
            "attributeScores/THREAT/summaryScore/value",
            #"{"attributeScores":{"THREAT":{"summaryScore":{"value":0.25}}}}"#
        ),
        (
            "attributeScores(*/spanScores(begin,end)),languages",
            #"{"attributeScores":{"THREAT":{"spanScores":[{"begin":0,"end":1}]}},"languages":["en"]}"#
        ),
        ("nothing", "{}"),
    ])
    func answersOnlyTheFieldsAskedFor(mask: String, expected: String) async throws {
        let answer = try await ServerFixture().analyze(
            #"{"comment":{"text":"x"},"languages":["en"],"requestedAttributes":{"THREAT":{}}}"#,
            query: "&fields=\(mask)")
        #expect(answer.body == expected)
    }

    @Test func sharesItsAnswerWithPagesOfAllowedOriginsOnly() async throws {
        var settings = ServerSettings()
        settings.cors.origins = ["https://forum.example"]
        let fixture = try ServerFixture(settings)
        let body = #"{"comment":{"text":"x"},"languages":["en"],"requestedAttributes":{"THREAT":{}}}"#
        let path = "/v1alpha1/comments:analyze"
        let mine = try await fixture.ask(.post, path, body, headers: [(.origin, "https://forum.example")])
        #expect(mine.headers[.accessControlAllowOrigin] == "https://forum.example")
        let strange = try await fixture.ask(.post, path, body, headers: [(.origin, "https://evil.example")])
        #expect(strange.headers[.accessControlAllowOrigin] == nil)
        let preflight = try await fixture.ask(.options, path, headers: [(.origin, "https://forum.example")])
        #expect(preflight.status == 204)
        let closed = try await ServerFixture().ask(
            .options, path, headers: [(.origin, "https://forum.example")])
        #expect(closed.status == 404 && closed.headers[.accessControlAllowOrigin] == nil)
    }
}
