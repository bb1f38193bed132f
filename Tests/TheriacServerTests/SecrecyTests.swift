import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Logging
import NIOCore
import Synchronization
import TheriacAudit
import TheriacTesting
import Testing

@testable import TheriacServer

/// Keeps every line with its metadata, at every level.
private struct RecordingLog: LogHandler {
    final class Lines: Sendable {
        private let lines = Mutex<[String]>([])
        var all: [String] { lines.withLock { $0 } }
        func add(_ line: String) { lines.withLock { $0.append(line) } }
    }

    let lines: Lines
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.trace

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        lines.add("\(event.message) \(metadata) \(event.metadata ?? [:])")
    }
}

/// Neither texts nor keys get anywhere but where they belong.
@Suite struct SecrecyTests {
    private static let text = "SECRETTEXT-9f2e"
    private static let key = "SECRETKEY-71ab"

    /// With requests logged and the level at its lowest, over real connections: every route, well and badly used.
    @Test func logsHoldNoTextAndNoKey() async throws {
        let folder = try TemporaryFolder()
        let store = try AuditStore(at: folder.file("store.sqlite"))
        let made = try store.createKey(label: "client")
        let lines = RecordingLog.Lines()
        var settings = ServerSettings()
        settings.port = 0
        settings.log.requests = true
        settings.log.level = .debug
        settings.feedback.texts = true
        var logger = Logger(label: "secrecy") { _ in RecordingLog(lines: lines) }
        logger.logLevel = .trace
        let server = try ScoringServer(
            settings: settings, detectors: [FixedDetector()], store: store, logger: logger)
        let bodies = [
            #"{"comment":{"text":"\#(Self.text)"},"languages":["en"],"requestedAttributes":{"TOXICITY":{}}}"#,
            #"{"comment":{"text":"\#(Self.text)"},"requestedAttributes":{"\#(Self.text)":{}}}"#,
            #"{"comment":{"text":"\#(Self.text)"},"attributeScores":{"TOXICITY":{"summaryScore":{"value":1}}}}"#,
            #"{"input":"\#(Self.text)","model":"\#(Self.text)"}"#, #"{"inputs":"\#(Self.text)"}"#,
            #"{"\#(Self.text)"#, Self.text, #"{"input":"fail"}"#,
        ]
        try await server.application().test(.live) { client in
            for route in Routes.all {
                for path in route.paths {
                    for secret in [Self.key, made.secret] {
                        for body in bodies {
                            let headers: HTTPFields = [
                                .authorization: "Bearer \(secret)", .contentType: "application/json",
                                .userAgent: Self.text, .cookie: "theriac-operator=\(Self.key)",
                            ]
                            _ = try await client.executeRequest(
                                uri: path.replacing("*", with: Self.text) + "?key=\(secret)",
                                method: route.method,
                                headers: headers, body: ByteBuffer(string: body))
                        }
                    }
                }
            }
            _ = try await client.executeRequest(
                uri: "/\(Self.text)?key=\(Self.key)", method: .get, headers: [:], body: nil)
        }
        store.flush()
        #expect(lines.all.contains { $0.hasPrefix("request ") })
        for line in lines.all {
            for secret in [Self.text, Self.key, made.secret] {
                #expect(!line.contains(secret), "\(line)")
            }
        }
        try store.close()
    }

    /// Nesting, widths and counts without end are refused, by every route that reads a body, before they cost much.
    @Test(
        .timeLimit(.minutes(20)),
        arguments: [
            "/v1alpha1/comments:analyze", "/v1alpha1/comments:suggestscore", "/v1/moderations", "/classify",
            "/predict",
        ])
    func refusesDeepBodies(path: String) async throws {
        let fixture = try ServerFixture()
        for (open, close) in [
            ("[", "]"), (#"{"context":"#, "}"), (#"{"input":"#, "}"), (#"{"inputs":["#, "]}"),
        ] {
            let deep = String(repeating: open, count: 100_000) + String(repeating: close, count: 100_000)
            let status = try await fixture.ask(.post, path, deep).status
            #expect((400..<500).contains(status), "\(path) with \(open)")
        }
    }

    @Test func browsersOfOtherSitesAreRefusedUnlessNamed() async throws {
        let origin: [(HTTPField.Name, String)] = [(.origin, "https://other.example")]
        let shut = try ServerFixture()
        #expect(
            try await shut.ask(.get, "/health", headers: origin).headers[.accessControlAllowOrigin] == nil)
        #expect(try await shut.ask(.options, "/v1/moderations", headers: origin).status == 404)
        var settings = ServerSettings()
        settings.cors.origins = ["https://forum.example"]
        let named = try ServerFixture(settings)
        #expect(
            try await named.ask(.get, "/health", headers: origin).headers[.accessControlAllowOrigin] == nil)
        let forum: [(HTTPField.Name, String)] = [(.origin, "https://forum.example")]
        #expect(
            try await named.ask(.get, "/health", headers: forum).headers[.accessControlAllowOrigin]
                == "https://forum.example")
    }
}
