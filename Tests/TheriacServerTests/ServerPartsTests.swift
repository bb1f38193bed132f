import Foundation
import HTTPTypes
import TheriacCorpora
import TheriacDetection
import TheriacOptions
import TheriacTesting
import Testing

@testable import TheriacServer

@Suite struct DiscoveryRouteTests {
    @Test(arguments: [
        "/$discovery/rest?version=v1alpha1&key=K", "/%24discovery/rest",
        "/discovery/v1/apis/commentanalyzer/v1alpha1/rest",
    ])
    func describesBothMethods(path: String) async throws {
        let answer = try await ServerFixture().ask(.get, path)
        #expect(
            answer["resources", "comments", "methods", "analyze", "path"] as? String
                == "v1alpha1/comments:analyze")
        #expect(answer["resources", "comments", "methods", "suggestscore", "httpMethod"] as? String == "POST")
        #expect(answer["batchPath"] as? String == "batch")
        #expect(answer["auth"] == nil)
        #expect((answer["rootUrl"] as? String)?.hasSuffix("/") == true)
        // Every type that is referred to is there.
        let schemas = try #require(answer["schemas"] as? [String: Any])
        for match in answer.body.matches(of: /"\$ref": *"([A-Za-z]+)"/) {
            #expect(schemas[String(match.1)] != nil)
        }
    }

    @Test func knowsOneVersion() async throws {
        #expect(try await ServerFixture().ask(.get, "/$discovery/rest?version=v2").status == 404)
    }

    @Test func believesAProxyOnlyWhenTold() async throws {
        let head: [(HTTPField.Name, String)] = [
            (.forwardedHost, "scores.example"), (.forwardedScheme, "https"),
        ]
        var settings = ServerSettings()
        let plain = try await ServerFixture(settings).ask(.get, "/$discovery/rest", headers: head)
        #expect((plain["rootUrl"] as? String)?.contains("scores.example") == false)
        settings.trustProxy = true
        let trusted = try await ServerFixture(settings).ask(.get, "/$discovery/rest", headers: head)
        #expect(trusted["rootUrl"] as? String == "https://scores.example/")
        let odd = try await ServerFixture(settings).ask(
            .get, "/$discovery/rest", headers: [(.forwardedHost, #"a"b"#)])
        #expect(odd.status == 400)
    }
}

@Suite struct MetricsRouteTests {
    @Test func countsWhatWasAnswered() async throws {
        let fixture = try ServerFixture()
        _ = try await fixture.analyze(
            #"{"comment":{"text":"x"},"languages":["en"],"requestedAttributes":{"TOXICITY":{}}}"#)
        _ = try await fixture.analyze("{}")
        _ = try await fixture.ask(.get, "/nothing-secret")
        let text = try await fixture.ask(.get, "/metrics")
        #expect(text.headers[.contentType] == "text/plain; version=0.0.4; charset=utf-8")
        for line in [
            #"theriac_requests_total{route="analyze",code="200"} 1"#,
            #"theriac_requests_total{route="analyze",code="400"} 1"#,
            #"theriac_requests_total{route="none",code="404"} 1"#, "theriac_requests_in_flight 1",
            #"theriac_texts_scored_total{model="fixed",language="given"} 1"#,
            #"theriac_score_bucket{attribute="toxicity",le="0.3"} 1"#,
            #"theriac_score_bucket{attribute="toxicity",le="0.2"} 0"#,
            #"theriac_score_sum{attribute="toxicity"} 0.25"#,
            #"theriac_model_info{model="fixed",revision="ab12cd34ab12cd34",calibration="1.2.0"} 1"#,
            "# TYPE theriac_requests_total counter",
        ] { #expect(text.body.contains(line + "\n"), "\(line)") }
        #expect(text.body.contains("process_resident_memory_bytes "))
        #expect(!text.body.contains("secret"))
        let open = try await fixture.ask(
            .get, "/metrics", headers: [(.accept, "application/openmetrics-text; version=1.0.0")])
        #expect(open.body.hasSuffix("# EOF\n"))
        #expect(open.body.contains("# TYPE theriac_requests counter\n"))
    }

    /// Buckets hold all at or below them, in the order of their bounds, and end with the count.
    @Test(arguments: 0..<20 as Range<UInt64>)
    func addsUpHistograms(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let values = (0..<50).map { _ in Double.random(in: 0...1.2, using: &random) }
        let histogram = Histogram([0.1, 0.5, 1])
        for value in values { histogram.observe(value) }
        let expected = [0.1, 0.5, 1, .infinity].map { bound in values.count { $0 <= bound } }
        #expect(histogram.cumulative == expected)
        #expect(abs(histogram.sum - values.reduce(0, +)) < 1e-4)
    }
}

@Suite struct QuotaTests {
    @Test func fillsEvenly() throws {
        let quota = Quota()
        let start = ContinuousClock.now
        for _ in 0..<3 { try quota.take("a", perMinute: 60, burst: 3, now: start) }
        #expect(throws: ServerError.quotaExceeded(perMinute: 60, retryAfter: 1)) {
            try quota.take("a", perMinute: 60, burst: 3, now: start)
        }
        try quota.take("b", perMinute: 60, burst: 3, now: start)
        try quota.take("a", perMinute: 60, burst: 3, now: start + .seconds(1))
        #expect(throws: ServerError.self) {
            try quota.take("a", perMinute: 60, burst: 3, now: start + .seconds(1.5))
        }
        // After a long time it holds its burst, not more.
        for _ in 0..<3 { try quota.take("a", perMinute: 60, burst: 3, now: start + .seconds(1000)) }
        #expect(throws: ServerError.self) {
            try quota.take("a", perMinute: 60, burst: 3, now: start + .seconds(1000))
        }
    }
}

@Suite struct ServerSettingsTests {
    @Test func laysEnvironmentAndFlagsOverTheFile() throws {
        let folder = try TemporaryFolder()
        let file = try folder.write(
            "port: 1\nlimits: {text-bytes: 5, body-bytes: 2048}\nkeys: k.txt\nmoderation: {thresholds: {hate: 0.7}}\n",
            to: "server.yaml")
        let settings = try ServerSettings.load(
            file: file,
            environment: [
                "THERIAC_SERVE_PORT": "2", "THERIAC_SERVE_LIMITS__TEXT_BYTES": "6", "PATH": "/bin",
                "THERIAC_SERVE_DETECTORS": "[judge, steer]",
            ], flags: ["port": .integer(3)])
        #expect(settings.port == 3)
        #expect(settings.limits.textBytes == 6 && settings.limits.bodyBytes == 2048)
        #expect(settings.detectors == ["judge", "steer"])
        #expect(settings.keys?.path == folder.file("k.txt").path)
        #expect(
            settings.moderation.threshold("hate") == 0.7 && settings.moderation.threshold("sexual") == 0.5)
    }

    @Test(arguments: [
        ("prot: 1", "Unknown option 'prot' in the top level. Did you mean 'port'?"),
        ("limits: {text-bites: 1}", "Unknown option 'text-bites' in limits. Did you mean 'text-bytes'?"),
        (
            "moderation: {thresholds: {hatred: 1}}",
            "Unknown option 'hatred' in moderation.thresholds."
        ),
        (
            "host: 0.0.0.0",
            "The server would listen on 0.0.0.0, where others can reach it, and asks for no keys. Name a file of keys "
                + "('keys') or a store that has some ('store'), listen on 127.0.0.1, or say 'open: true' if everybody "
                + "may use it."
        ),
        ("tls: {key: a.pem}", "TLS needs both 'tls.certificate' and 'tls.key'."),
    ])
    func saysWhatIsWrong(yaml: String, message: String) throws {
        let folder = try TemporaryFolder()
        let file = try folder.write(yaml, to: "server.yaml")
        let error = #expect(throws: (any Error).self) {
            try ServerSettings.load(file: file, environment: [:])
        }
        #expect(error.map { "\($0)".hasPrefix(message) } == true, "\(error.map { "\($0)" } ?? "none")")
    }

    @Test func servesStrangersWithKeysOrWhenToldTo() throws {
        var settings = ServerSettings()
        settings.host = "0.0.0.0"
        #expect(throws: ServerSettingsError.strangers(host: "0.0.0.0")) { try settings.check() }
        settings.open = true
        try settings.check()
        settings.open = false
        settings.keys = URL(fileURLWithPath: "/keys")
        try settings.check()
    }
}

@Suite struct FieldMaskTests {
    @Test func selectsByPathListAndBrackets() throws {
        let mask = try #require(FieldMask("a/b,c(d,e/f),g/*"))
        #expect(mask.child("a")?.child("b") == .all && mask.child("a")?.child("x") == nil)
        #expect(mask.child("c")?.child("d") == .all && mask.child("c")?.child("e")?.child("f") == .all)
        #expect(mask.child("g")?.child("anything") == .all && mask.child("x") == nil)
        #expect(try #require(FieldMask("*")).child("x") == .all)
    }

    @Test(arguments: ["", ",", "a,", "a/", "a(b", "a)", "a((b))", String(repeating: "a(", count: 50)])
    func refusesWhatIsNone(text: String) { #expect(FieldMask(text) == nil) }
}

@Suite struct QueryParametersTests {
    @Test func decodesWhatItIsAskedFor() {
        let query = QueryParameters("key=a%2Bb&x=1+2&flag&%6Bin=3&key=second&odd=%zz%4")
        #expect(query["key"] == "a+b" && query["x"] == "1 2" && query["flag"] == "")
        #expect(query["kin"] == "3" && query["odd"] == "%zz%4" && query["none"] == nil)
    }
}

@Suite struct JSONWriterTests {
    /// What it writes reads back, compact or not, whatever the text.
    @Test(arguments: 0..<30 as Range<UInt64>)
    func writesWhatReadsBack(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let text = String(
            String.UnicodeScalarView(
                (0..<20).compactMap { _ in
                    Unicode.Scalar(
                        UInt32.random(in: 0...(Bool.random(using: &random) ? 0x7F : 0x1FFFF), using: &random))
                }))
        let number = Float.random(in: 0...1, using: &random)
        for isPretty in [false, true] {
            var writer = JSONWriter(pretty: isPretty)
            writer.object { writer in
                writer.member(text, text)
                writer.member("n", number)
                writer.member("l", [text, ""])
                writer.member("e") { $0.object { _ in } }
            }
            let tree = try JSONSerialization.jsonObject(with: Data(writer.finish())) as? [String: Any]
            #expect(tree?[text] as? String == text)
            #expect((tree?["n"] as? Double).map { Float($0) } == number)
            #expect(tree?["l"] as? [String] == [text, ""])
        }
    }
}

@Suite struct BatchingScorerTests {
    private static func scorer(_ texts: Int, queue: Int, pause: Double) -> BatchingScorer {
        BatchingScorer(
            FixedDetector(pause: pause), limits: .init(texts: texts, wait: .milliseconds(20), queue: queue))
    }

    private static let never = ContinuousClock.now + .seconds(1000)

    /// Each caller gets the verdicts of its own texts, whoever shares the batch.
    @Test func givesEachCallerItsOwn() async throws {
        let scores = Dictionary(
            uniqueKeysWithValues: (0..<40).map { ("\($0)", [Attribute.toxicity: Float($0) / 40]) })
        let scorer = BatchingScorer(FixedDetector(scores: scores), limits: .init(texts: 8))
        try await withThrowingTaskGroup(of: Void.self) { group in
            for caller in 0..<20 {
                group.addTask {
                    let texts = ["\(caller)", "\(caller + 20)"]
                    let verdicts = try await scorer.verdicts(for: texts, before: Self.never)
                    #expect(verdicts.map(\.toxicity) == [Float(caller) / 40, Float(caller + 20) / 40])
                }
            }
            try await group.waitForAll()
        }
        await scorer.close()
        #expect(scorer.depth == 0)
    }

    @Test func finishesWhatWasAcceptedAndTakesNoMore() async throws {
        let scorer = Self.scorer(1, queue: 100, pause: 0.02)
        let accepted = (0..<10).map { _ in
            Task { try await scorer.verdicts(for: ["x"], before: Self.never).count }
        }
        while scorer.depth < 5 { try await Task.sleep(for: .milliseconds(1)) }
        async let closing: Void = scorer.close()
        await closing
        var answered = 0
        for task in accepted { if (try? await task.value) == 1 { answered += 1 } }
        #expect(answered >= 5)
        await #expect(throws: ServerError.shuttingDown) {
            try await scorer.verdicts(for: ["x"], before: Self.never)
        }
    }

    @Test func takesARequestLargerThanTheQueueWhenItIsEmpty() async throws {
        let scorer = Self.scorer(2, queue: 3, pause: 0)
        let texts = Array(repeating: "x", count: 10)
        #expect(try await scorer.verdicts(for: texts, before: Self.never).count == 10)
        await scorer.close()
    }

    @Test func handsTheDetectorsErrorToTheBatch() async throws {
        let scorer = Self.scorer(2, queue: 3, pause: 0)
        await #expect(throws: DetectionError.self) {
            try await scorer.verdicts(for: ["fail"], before: Self.never)
        }
        #expect(try await scorer.verdicts(for: ["x"], before: Self.never).count == 1)
        await scorer.close()
    }
}

@Suite struct LanguageTests {
    @Test(arguments: [
        ("C'est une très belle journée et je suis content", "fr"), ("สวัสดีครับ", "th"), ("shut up", "en"),
    ])
    func namesTheLanguage(text: String, code: String) {
        #expect(LanguageIdentifier.languages(of: text).first == code)
    }

    @Test(arguments: ["", " ", "\n", "12345", "🙂"])
    func findsNoneWithoutLetters(text: String) { #expect(LanguageIdentifier.languages(of: text) == []) }

    @Test func readsRegionsButNotOtherScripts() {
        let detector = LoadedDetector(FixedDetector(), mode: .inline, languages: ["en", "hi"])
        #expect(
            detector.reads("en") && detector.reads("en-US") && detector.reads("EN") && detector.reads("hi"))
        #expect(!detector.reads("hi-Latn") && !detector.reads("th") && !detector.reads(""))
        #expect(LoadedDetector(FixedDetector(), mode: .inline, languages: []).reads("th"))
    }
}
