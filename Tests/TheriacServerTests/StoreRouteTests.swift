import Foundation
import HTTPTypes
import TheriacAudit
import TheriacCorpora
import TheriacDetection
import TheriacTesting
import Testing

@testable import TheriacServer

/// The store behind the routes: its keys, its record of decisions, the thresholds it learnt.
@Suite struct StoreRouteTests {
    private let folder: TemporaryFolder
    private let store: AuditStore

    init() throws {
        folder = try TemporaryFolder()
        var settings = AuditStore.Settings()
        settings.keepsTexts = true
        store = try AuditStore(at: folder.file("store.sqlite"), settings: settings)
    }

    private func fixture(_ change: (inout ServerSettings) -> Void = { _ in }) throws -> ServerFixture {
        var settings = ServerSettings()
        settings.audit.decisions = .all
        change(&settings)
        return try ServerFixture(
            settings,
            detectors: [
                FixedDetector(scores: ["bad": [.toxicity: 0.75, .insult: 0.3, .threat: 0]], otherwise: 0.25)
            ],
            store: store)
    }

    private func body(_ text: String, _ more: String = "") -> String {
        #"{"comment":{"text":"\#(text)"},"languages":["en"],"requestedAttributes":{"TOXICITY":{},"INSULT":{}}\#(more)}"#
    }

    private func learn(_ value: Double, community: String?, hash: String? = nil) throws {
        try store.replaceThresholds([
            CommunityThreshold(
                community: community, attribute: "toxicity", threshold: value, low: 0, high: 1, goal: "g",
                texts: 1, positives: 1, detector: "fixed@1.2.0",
                detectorHash: hash ?? FixedDetector().identity.hash)
        ])
    }

    // MARK: Keys

    @Test func asksForTheStoresKeys() async throws {
        let fixture = try fixture()
        #expect(try await fixture.analyze(body("x")).status == 200)
        let made = try store.createKey(label: "forum", perMinute: 2)
        #expect(try await fixture.analyze(body("x")).status == 403)
        #expect(try await fixture.analyze(body("x"), query: "&key=wrong").status == 400)
        let statuses = try await [
            fixture.analyze(body("x"), query: "&key=\(made.secret)").status,
            fixture.analyze(body("x"), query: "&key=\(made.secret)").status,
            fixture.analyze(body("x"), query: "&key=\(made.secret)").status,
        ]
        // Its own two a minute, then Perspective's error.
        #expect(statuses == [200, 200, 429])
        try store.setKey(made.key.id, disabled: true)
        // The last key is gone; the server does not fall open.
        #expect(try await fixture.analyze(body("x")).status == 403)
        #expect(try await fixture.analyze(body("x"), query: "&key=\(made.secret)").status == 400)
    }

    @Test func servesStrangersOnlyWithKeys() throws {
        #expect(throws: ServerSettingsError.strangers(host: "0.0.0.0")) {
            try fixture { $0.host = "0.0.0.0" }
        }
        _ = try store.createKey(label: "forum")
        _ = try fixture { $0.host = "0.0.0.0" }
    }

    @Test func takesKeysOfAFileAndOfTheStore() async throws {
        let made = KeyRing.makeLine(label: "bot")
        let file = try folder.write(made.line + " 1", to: "keys")
        let stored = try store.createKey(label: "forum")
        let fixture = try fixture { $0.keys = file }
        for (secret, status) in [(made.secret, 200), (made.secret, 429), (stored.secret, 200), ("x", 400)] {
            #expect(try await fixture.analyze(body("x"), query: "&key=\(secret)").status == status)
        }
        store.flush()
        #expect(try store.decisions().map(\.keyID) == [stored.key.id, nil])
    }

    // MARK: Feedback

    private func suggest(_ fields: String) async throws -> Answer {
        try await fixture().ask(
            .post, "/v1alpha1/comments:suggestscore", #"{"comment":{"text":"x"},\#(fields)}"#)
    }

    /// What cannot be stored is the caller's to mend, not a failure of the server.
    @Test(arguments: [
        #""attributeScores":{"INSULT":{"summaryScore":{"value":1.5}}}"#,
        #""attributeScores":{"INSULT":{"summaryScore":{"value":-1}}}"#,
        #""attributeScores":{"INSULT":{"summaryScore":{"value":1e39}}}"#,
        #""communityId":"a\u0000b","attributeScores":{"INSULT":{"summaryScore":{"value":1}}}"#,
    ])
    func refusesSuggestionsThatCannotBeStored(fields: String) async throws {
        let answer = try await suggest(fields)
        #expect(answer.status == 400)
        #expect(answer["error", "status"] as? String == "INVALID_ARGUMENT")
        #expect(try store.feedback().isEmpty)
    }

    /// Places in a text that must not be kept say nothing: the suggestion is taken, and nothing is stored.
    @Test func keepsNothingOfPlacesAlone() async throws {
        let spans = #""attributeScores":{"INSULT":{"spanScores":[{"begin":0,"end":1,"score":{"value":1}}]}}"#
        #expect(try await suggest(spans + #","doNotStore":true"#).status == 200)
        #expect(try store.feedback().isEmpty)
        #expect(try await suggest(spans).status == 200)
        #expect(try store.feedback().count == 1)
    }

    // MARK: Decisions

    @Test func recordsWhatWasScored() async throws {
        let fixture = try fixture()
        _ = try await fixture.analyze(body("bad", #","communityId":"c""#))
        _ = try await fixture.analyze(body("bad", #","doNotStore":true"#))
        _ = try await fixture.ask(
            .post, "/v1/moderations", #"{"input":["bad","good"],"theriac":{"community":"m"}}"#)
        _ = try await fixture.ask(
            .post, "/v1/moderations", #"{"input":"bad","theriac":{"do_not_store":true}}"#)
        store.flush()
        let kept = try store.decisions().reversed() as [Decision]
        #expect(
            kept.map(\.route) == ["comments:analyze", "comments:analyze"]
                + Array(repeating: "moderations", count: 3))
        #expect(kept.map(\.action) == ["score", "score", "flag", "pass", "flag"])
        #expect(kept.map(\.text) == ["bad", nil, "bad", "good", nil])
        #expect(kept[1].textHash == nil && kept[4].textHash == nil && kept[0].textHash != nil)
        #expect(kept[0].community == "c" && kept[2].community == "m" && kept[0].detector == "fixed@1.2.0")
        #expect(kept[0].scores["toxicity"] == 0.75)
    }

    @Test(arguments: [(AuditedDecisions.none, 0), (.flagged, 1), (.all, 3)])
    func recordsAsMuchAsItIsTold(kept: AuditedDecisions, count: Int) async throws {
        let fixture = try fixture { $0.audit.decisions = kept }
        _ = try await fixture.analyze(body("good"))
        _ = try await fixture.ask(.post, "/v1/moderations", #"{"input":["bad","good"]}"#)
        store.flush()
        #expect(try store.decisions().count == count)
    }

    @Test func takesTheGuardsDecisions() throws {
        let fixture = try fixture { $0.audit.decisions = .flagged }
        let identity = FixedDetector().identity
        for action in ["pass", "refuse"] {
            let made = try JSONDecoder().decode(
                PolicyDecision.self,
                from: Data(
                    #"{"stage":"output","action":"\#(action)","rule":"output[1]","replies":[]}"#.utf8))
            var decision = GuardDecision(
                route: "chat/completions", direction: .output, stage: .judge, decision: made,
                scores: [.threat: 0.5],
                detector: identity, policy: PolicyIdentity(name: "p", hash: "h"), attempt: 0, requestID: "1",
                latency: .milliseconds(2))
            decision.text = "an answer"
            decision.doNotStore = true
            fixture.server.services.decisions.record(decision)
        }
        store.flush()
        let kept = try store.decisions()
        #expect(kept.map(\.action) == ["refuse"] && kept.first?.stage == "output")
        #expect(kept.first?.rule == "output[1]" && kept.first?.text == nil && kept.first?.textHash == nil)
    }

    // MARK: Thresholds

    @Test func flagsByWhatACommunityTaught() async throws {
        let fixture = try fixture()
        func flagged(_ community: String?, set: Bool = false) async throws -> Bool? {
            let ours = community.map { #","theriac":{"community":"\#($0)"}"# } ?? ""
            return try await fixture.ask(.post, "/v1/moderations", #"{"input":"bad"\#(ours)}"#)[
                "results", "0", "flagged"] as? Bool
        }
        #expect(try await flagged("strict") == true)
        try learn(0.9, community: "lenient")
        try await Task.sleep(for: .seconds(2.1))
        let found = try await [flagged("lenient"), flagged("strict"), flagged(nil)]
        #expect(found == [false, true, true])
    }

    /// The operator's word for a category is the last one.
    @Test func settingsBeatLearntThresholds() {
        var settings = ModerationSettings()
        let harassment = ModerationCategory.all[0]
        let scores: [Attribute: Float] = [.toxicity: 0.6, .insult: 0.2]
        #expect(ModerationThresholds(settings: settings).flags(harassment, scores))
        #expect(!ModerationThresholds(settings: settings, learnt: [.toxicity: 0.7]).flags(harassment, scores))
        #expect(
            ModerationThresholds(settings: settings, learnt: [.toxicity: 0.7, .insult: 0.1]).flags(
                harassment, scores))
        settings.thresholds["harassment"] = 0.5
        #expect(ModerationThresholds(settings: settings, learnt: [.toxicity: 0.7]).flags(harassment, scores))
    }

    @Test func namesWhatReachesACommunitysThresholds() async throws {
        try learn(0.7, community: "c")
        let fixture = try fixture()
        let name = try #require(HTTPField.Name("theriac-flagged"))
        let bad = try await fixture.analyze(body("bad", #","communityId":"c""#))
        #expect(bad.headers[name] == "TOXICITY")
        #expect(try await fixture.analyze(body("good", #","communityId":"c""#)).headers[name] == "none")
        #expect(try await fixture.analyze(body("bad")).headers[name] == nil)
        #expect(try await fixture.analyze(body("bad", #","communityId":"d""#)).headers[name] == nil)
        store.flush()
        #expect(try store.decisions().filter { $0.action == "flag" }.count == 1)
    }

    /// Another detector's scores mean something else.
    @Test func leavesOutThresholdsOfAnotherDetector() async throws {
        try learn(0.1, community: "c", hash: "else")
        let name = try #require(HTTPField.Name("theriac-flagged"))
        #expect(try await fixture().analyze(body("bad", #","communityId":"c""#)).headers[name] == nil)
    }
}
