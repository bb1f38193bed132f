import Foundation
import HTTPTypes
import TheriacAudit
import TheriacTesting
import Testing

@testable import TheriacServer

/// Who sees the operator's page, and what forms may do.
@Suite struct OperatorPageTests {
    private let folder: TemporaryFolder
    private let store: AuditStore
    private let local: [(HTTPField.Name, String)] = [(.host, "127.0.0.1:8080")]

    init() throws {
        folder = try TemporaryFolder()
        store = try AuditStore(at: folder.file("store.sqlite"))
    }

    private func fixture(_ change: (inout ServerSettings) -> Void = { _ in }) throws -> ServerFixture {
        var settings = ServerSettings()
        change(&settings)
        return try ServerFixture(settings, store: store)
    }

    private func token(_ page: Answer) throws -> String {
        let match = try #require(page.body.firstMatch(of: /name="token" value="([0-9a-f]{64})"/))
        return String(match.1)
    }

    private func suggest(_ text: String = "You clown.") throws -> Int64 {
        try #require(
            try store.addAll([Feedback(.suggestion, text: text, suggested: ["TOXICITY": 0.9])]).first?.get())
    }

    // MARK: Who is let in

    @Test func opensOnThisMachine() async throws {
        for host in ["127.0.0.1:8080", "localhost", "[::1]:8080"] {
            let page = try await fixture().ask(.get, "/", headers: [(.host, host)])
            #expect(page.status == 200 && page.body.contains("Score a text"), "\(host)")
        }
    }

    /// Names of others that are pointed at this machine, and proxies in front of it, are others.
    @Test(arguments: [
        [("host", "rebound.example:8080")], [("host", "127.0.0.1.example")], [("host", "127.evil.0.1")],
        [("host", "127.0.0.1"), ("x-forwarded-for", "203.0.113.9")],
        [("host", "localhost"), ("via", "1.1 proxy")],
        [("host", "localhost"), ("forwarded", "for=203.0.113.9")],
    ])
    func staysShutToOthers(fields: [(String, String)]) async throws {
        _ = try suggest("a text that nobody else may read")
        let headers = fields.compactMap { name, value in HTTPField.Name(name).map { ($0, value) } }
        for path in ["/", "/operator/summary.json"] {
            let answer = try await fixture().ask(.get, path, headers: headers)
            #expect(answer.status == 401 && !answer.body.contains("nobody else"), "\(fields) \(path)")
        }
        let scored = try await fixture().ask(
            .post, "/operator/score", #"{"comment":{"text":"x"},"requestedAttributes":{"TOXICITY":{}}}"#,
            headers: headers)
        #expect(scored.status == 401)
    }

    @Test func asksForAnOperatorsKeyElsewhere() async throws {
        let client = try store.createKey(label: "client")
        let chief = try store.createKey(label: "chief", role: .operator)
        let fixture = try fixture { $0.host = "0.0.0.0" }
        func status(_ headers: [(HTTPField.Name, String)], path: String = "/operator/summary.json")
            async throws -> Int
        {
            try await fixture.ask(.get, path, headers: headers + local).status
        }
        func basic(_ secret: String) -> [(HTTPField.Name, String)] {
            [(.authorization, "Basic " + Data("any:\(secret)".utf8).base64EncodedString())]
        }
        #expect(try await status([]) == 401)
        #expect(try await status([(.authorization, "Bearer \(client.secret)")]) == 401)
        #expect(try await status([(.authorization, "Bearer \(chief.secret)")]) == 200)
        #expect(try await status(basic(chief.secret)) == 200)
        #expect(try await status(basic(chief.secret + "x")) == 401)
        #expect(try await status([(.authorization, "Basic !")]) == 401)
        // Addresses end up in histories and logs: a key there opens nothing.
        #expect(try await status([], path: "/operator/summary.json?key=\(chief.secret)") == 401)
    }

    @Test func signsInAndOut() async throws {
        let chief = try store.createKey(label: "chief", role: .operator)
        let fixture = try fixture { $0.host = "0.0.0.0" }
        let door = try await fixture.ask(.get, "/")
        #expect(door.status == 401 && !door.body.contains("Score a text"))
        #expect(door.body.contains("type=\"password\"") && !door.body.contains("There is no operator"))
        let wrong = try await fixture.ask(.post, "/operator/sign-in", "key=nonsense")
        #expect(wrong.status == 401 && wrong.headers[.setCookie] == nil)
        let right = try await fixture.ask(.post, "/operator/sign-in", "key=\(chief.secret)")
        #expect(right.status == 303 && right.headers[.location] == "/")
        let cookie = try #require(right.headers[.setCookie])
        for word in ["HttpOnly", "SameSite=Strict", "Path=/", "Max-Age=43200"] {
            #expect(cookie.contains(word))
        }
        #expect(!cookie.contains(chief.secret))
        let shown: [(HTTPField.Name, String)] = [(.cookie, "a=b; " + cookie.prefix { $0 != ";" })]
        let page = try await fixture.ask(.get, "/", headers: shown)
        #expect(page.status == 200 && page.body.contains("Sign out chief"))
        // From another site's page nobody is signed in.
        let foreign = try await fixture.ask(
            .post, "/operator/sign-in", "key=\(chief.secret)",
            headers: [(.origin, "https://other.example"), (.host, "scores.example")])
        #expect(foreign.status == 401)
        // The session ends with its key.
        try store.setKey(chief.key.id, disabled: true)
        #expect(try await fixture.ask(.get, "/", headers: shown).status == 401)
        try store.setKey(chief.key.id, disabled: false)
        let out = try await fixture.ask(
            .post, "/operator/sign-out", "token=\(try token(page))", headers: shown)
        #expect(out.status == 303 && out.headers[.setCookie]?.contains("Max-Age=0") == true)
        #expect(try await fixture.ask(.get, "/", headers: shown).status == 401)
    }

    // MARK: Forms

    @Test func storesADecisionOnFeedback() async throws {
        let (first, second) = (try suggest(), try suggest("You too."))
        let fixture = try fixture()
        let page = try await fixture.ask(.get, "/", headers: local)
        #expect(page.body.contains("You clown.") && page.body.contains("Accept suggestion \(first)"))
        let done = try await fixture.ask(
            .post, "/operator/review", "id=\(first)&status=accepted&token=\(try token(page))",
            headers: local + [(.origin, "http://localhost")])
        #expect(done.status == 303)
        let kept = try store.feedback()
        #expect(kept.map(\.id) == [second, first] && kept.map(\.status) == [.open, .accepted])
        #expect(kept.last?.reviewer == "operator" && kept.last?.reviewedAt != nil)
    }

    @Test(arguments: [
        ("token", [:]), ("none", [:]), ("right", ["origin": "https://other.example"]),
        ("right", ["sec-fetch-site": "cross-site"]), ("right", ["sec-fetch-site": "same-site"]),
    ])
    func followsNoFormFromElsewhere(sent: String, fields: [String: String]) async throws {
        let id = try suggest()
        let fixture = try fixture()
        let page = try await fixture.ask(.get, "/", headers: local)
        let shown =
            sent == "right"
            ? "&token=\(try token(page))"
            : sent == "token" ? "&token=\(String(repeating: "0", count: 64))" : ""
        let headers = fields.compactMap { name, value in HTTPField.Name(name).map { ($0, value) } }
        let answer = try await fixture.ask(
            .post, "/operator/review", "id=\(id)&status=accepted\(shown)", headers: local + headers)
        #expect(answer.status == 403)
        #expect(try store.feedback().first?.status == .open)
    }

    @Test func saysWhenAFormCannotBeFollowed() async throws {
        _ = try suggest()
        let fixture = try fixture()
        let token = try token(try await fixture.ask(.get, "/", headers: local))
        for (form, status) in [
            ("id=x&status=accepted", 400), ("id=1&status=maybe", 400), ("id=77&status=rejected", 404),
        ] {
            let answer = try await fixture.ask(
                .post, "/operator/review", form + "&token=\(token)", headers: local)
            #expect(answer.status == status)
        }
    }

    // MARK: What it says

    @Test func keepsOtherSitesOut() async throws {
        let fixture = try fixture { $0.cors.origins = ["*"] }
        for path in ["/", "/operator/page.css", "/operator/page.js", "/operator/summary.json"] {
            let answer = try await fixture.ask(
                .get, path, headers: local + [(.origin, "https://other.example")])
            #expect(answer.status == 200)
            #expect(answer.headers[.accessControlAllowOrigin] == nil)
            let policy = try #require(
                HTTPField.Name("content-security-policy").flatMap { answer.headers[$0] })
            #expect(policy.hasPrefix("default-src 'none'; script-src 'self'; style-src 'self'"))
            #expect(!policy.contains("unsafe") && policy.contains("frame-ancestors 'none'"))
            #expect(answer.headers[.cacheControl] == "no-store")
        }
    }

    /// No markup of a text, a community or a reason reaches the page as markup.
    @Test func escapesWhatPeopleWrote() async throws {
        var one = Feedback(.flag, text: "<img src=x onerror=alert(1)>")
        one.community = "\"><script>"
        one.reason = "</blockquote>\u{202E}"
        _ = store.addAll([one])
        let page = try await fixture().ask(.get, "/", headers: local)
        #expect(page.body.contains("&lt;img src=x") && !page.body.contains("<img"))
        #expect(!page.body.contains("\"><script>") && !page.body.contains("</blockquote>\u{202E}"))
        // The one script there is comes from its own address.
        #expect(page.body.matches(of: /<script/).count == 1 && !page.body.contains(" style="))
    }

    @Test func givesTheSameAsJSON() async throws {
        _ = try suggest()
        let fixture = try fixture { $0.moderation.thresholds = ["hate": 0.7] }
        _ = try await fixture.analyze(
            #"{"comment":{"text":"x"},"languages":["en"],"requestedAttributes":{"TOXICITY":{}}}"#)
        _ = try await fixture.analyze("{}")
        let json = try await fixture.ask(.get, "/operator/summary.json?range=6h", headers: local)
        #expect(json["range"] as? String == "6h")
        let routes = try #require(json["routes"] as? [[String: Any]])
        #expect(routes.map { $0["route"] as? String } == ["analyze"])
        #expect(routes.first?["requests"] as? Int == 2 && routes.first?["refused"] as? Int == 1)
        let points = try #require(json["traffic"] as? [[String: Any]])
        #expect(points.count == 72 && points.last?["answered"] as? Int == 1)
        let scores = try #require(json["scores"] as? [[String: Any]])
        let toxicity = try #require(scores.first { $0["attribute"] as? String == "toxicity" })
        #expect(toxicity["texts"] as? Int == 1 && toxicity["mean"] as? Double == 0.275)
        #expect((json["open", "0"] as? [String: Any])?["text"] as? String == "You clown.")
        #expect(json["detectors", "0", "name"] as? String == "fixed")
        let moderation = try #require(json["moderation"] as? [[String: Any]])
        #expect(moderation.first { $0["category"] as? String == "hate" }?["threshold"] as? Double == 0.7)
        #expect(json["server", "has_store"] as? Bool == true)
    }

    /// The box is scored as `comments:analyze` does it, without a key, and leaves no trace in figures or store.
    @Test func scoresForTheOperatorAlone() async throws {
        _ = try store.createKey(label: "client")
        let fixture = try fixture { $0.audit.decisions = .all }
        let body =
            #"{"comment":{"text":"This is one. And this is another."},"languages":["en"],"spanAnnotations":true,"requestedAttributes":{"TOXICITY":{}}}"#
        let answer = try await fixture.ask(.post, "/operator/score", body, headers: local)
        #expect(answer.status == 200)
        #expect((answer["attributeScores", "TOXICITY", "spanScores"] as? [Any])?.count == 2)
        #expect(try await fixture.analyze(body).status == 403)
        store.flush()
        #expect(try store.decisions().isEmpty)
        let json = try await fixture.ask(.get, "/operator/summary.json", headers: local)
        #expect((json["scores", "0"] as? [String: Any])?["texts"] as? Int == 0)
    }
}
