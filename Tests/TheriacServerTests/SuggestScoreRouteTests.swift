import Foundation
import HTTPTypes
import TheriacDetection
import TheriacTesting
import Testing

@testable import TheriacServer

@Suite struct SuggestScoreRouteTests {
    private static let path = "/v1alpha1/comments:suggestscore?prettyPrint=false"
    /// As a well-known commenting platform sends it.
    private static let coral = """
        {"comment":{"text":"You clown."},"context":{"entries":[{"text":"before"}]},
         "attributeScores":{"TOXICITY":{"summaryScore":{"value":1}},"APPROVED":{"summaryScore":{"value":0}}},
         "languages":["en"],"communityId":"Coral:https://forum.example","clientToken":"comment:1","sessionId":"7"}
        """

    @Test func keepsWhatWasSuggested() async throws {
        let sink = RecordingSink()
        let answer = try await ServerFixture(feedback: sink).ask(.post, Self.path, Self.coral)
        #expect(
            answer.body
                == #"{"clientToken":"comment:1","detectedLanguages":["en"],"requestedLanguages":["en"]}"#)
        let kept = try #require(sink.all.first)
        #expect(sink.all.count == 1)
        #expect(
            kept.scores == [
                SuggestedScore(attribute: "TOXICITY", summary: 1),
                SuggestedScore(attribute: "APPROVED", summary: 0),
            ])
        #expect(kept.communityID == "Coral:https://forum.example")
        #expect(kept.clientToken == "comment:1" && kept.sessionID == "7" && kept.keyID == nil)
        #expect(kept.text == nil && kept.textHash.count == 64 && !kept.doNotStore)
        #expect(kept.detector.name == "fixed")
    }

    @Test func handsTextsOnOnlyWhereTheOperatorAndTheCallerWantIt() async throws {
        var settings = ServerSettings()
        settings.feedback.texts = true
        let sink = RecordingSink()
        let fixture = try ServerFixture(settings, feedback: sink)
        _ = try await fixture.ask(.post, Self.path, Self.coral)
        _ = try await fixture.ask(
            .post, Self.path, Self.coral.replacing(#""sessionId":"7""#, with: #""doNotStore":true"#))
        #expect(sink.all.map(\.text) == ["You clown.", nil])
        #expect(sink.all.map(\.doNotStore) == [false, true])
    }

    @Test func readsSpans() async throws {
        let sink = RecordingSink()
        let body =
            #"{"comment":{"text":"a b"},"attributeScores":{"INSULT":{"spanScores":[{"begin":0,"end":1,"score":{"value":0.5,"type":"PROBABILITY"}}]}}}"#
        let answer = try await ServerFixture(feedback: sink).ask(.post, Self.path, body)
        #expect(answer.status == 200)
        #expect(sink.all.first?.scores.first?.spans == [.init(begin: 0, end: 1, value: 0.5)])
    }

    @Test(arguments: [
        #"{"attributeScores":{"T":{"summaryScore":{"value":1}}}}"#,
        #"{"comment":{"text":""},"attributeScores":{"T":{"summaryScore":{"value":1}}}}"#,
        #"{"comment":{"text":"x"}}"#,
        #"{"comment":{"text":"x"},"attributeScores":{}}"#,
        #"{"comment":{"text":"x"},"attributeScores":{"T":{}}}"#,
        #"{"comment":{"text":"x"},"attributeScores":{"T":{"summaryScore":{}}}}"#,
        #"{"comment":{"text":"x"},"attributeScores":{"T":{"summaryScore":{"value":"high"}}}}"#,
        #"{"comment":{"text":"x"},"attributeScores":{"T":{"summaryScore":{"value":1,"type":"ODD"}}}}"#,
        #"{"comment":{"text":"x"},"attributeScores":{"T":{"spanScores":[{"begin":0,"score":{"value":1}}]}}}"#,
        #"{"comment":{"text":"x"},"attributeScores":{"T":{"spanScores":[{"end":1,"score":{"value":1}}]}}}"#,
        #"{"comment":{"text":"x"},"attributeScores":{"T":{"spanScores":[{"begin":0,"end":1}]}}}"#,
        #"{"comment":{"text":"x"},"attributeScores":{"T":{"spanScores":{}}}}"#,
        #"{"comment":{"text":"x"},"attributeScores":[]}"#,
    ])
    func refusesWhatIsMalformed(body: String) async throws {
        let sink = RecordingSink()
        let answer = try await ServerFixture(feedback: sink).ask(.post, Self.path, body)
        #expect(answer.status == 400)
        #expect(answer["error", "status"] as? String == "INVALID_ARGUMENT")
        #expect(sink.all.isEmpty)
    }

    /// The caller is answered when the store has it, not before.
    @Test func failsWhenTheStoreDoes() async throws {
        let answer = try await ServerFixture(feedback: RecordingSink(isBroken: true)).ask(
            .post, Self.path, Self.coral)
        #expect(answer.status == 500)
    }
}
