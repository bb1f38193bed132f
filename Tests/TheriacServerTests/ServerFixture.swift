import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Logging
import NIOCore
import Synchronization
import TheriacAudit
import TheriacCorpora
import TheriacDetection

@testable import TheriacServer

/// Scores that a table gives; texts outside it get the table's default, blank texts none.
struct FixedDetector: Detector {
    var identity: DetectorIdentity
    var attributes: [Attribute]
    var scores: [String: AttributeScores]
    var otherwise: AttributeScores
    /// How long a call takes.
    var pause = 0.0

    init(
        name: String = "fixed", hash: String = String(repeating: "ab12cd34", count: 8),
        attributes: [Attribute] = Attribute.allCases, scores: [String: AttributeScores] = [:],
        otherwise value: Float = 0.25, pause: Double = 0
    ) {
        identity = DetectorIdentity(name: name, version: "1.2.0", hash: hash)
        self.attributes = attributes
        self.scores = scores
        otherwise = AttributeScores(uniqueKeysWithValues: attributes.map { ($0, value) })
        self.pause = pause
    }

    func verdicts(for texts: [String]) throws -> [Verdict] {
        if pause > 0 { Thread.sleep(forTimeInterval: pause) }
        return try texts.map { text in
            if text == "fail" { throw DetectionError.metric(name: "test", reason: "it fails") }
            if text == "unscored" { return .unscored(reason: "no answer") }
            if text.allSatisfy(\.isWhitespace) { return .unscored(reason: "empty text") }
            return .scored(scores[text] ?? otherwise)
        }
    }
}

/// Keeps what it is given, or refuses it.
final class RecordingSink: FeedbackSink {
    private let kept = Mutex<[SuggestedScores]>([])
    let isBroken: Bool

    init(isBroken: Bool = false) { self.isBroken = isBroken }

    var all: [SuggestedScores] { kept.withLock { $0 } }

    func accept(_ suggestion: SuggestedScores) async throws {
        if isBroken { throw CancellationError() }
        kept.withLock { $0.append(suggestion) }
    }
}

struct Answer {
    var status: Int
    var headers: HTTPFields
    var body: String

    /// As a tree; nil when it is not JSON.
    var json: Any? { try? JSONSerialization.jsonObject(with: Data(body.utf8)) }

    subscript(_ path: String...) -> Any? {
        path.reduce(json) { value, key in
            if let place = Int(key), let list = value as? [Any] {
                return list.indices.contains(place) ? list[place] : nil
            }
            return (value as? [String: Any])?[key]
        }
    }
}

/// A server in this process, asked without a connection.
struct ServerFixture {
    let server: ScoringServer

    init(
        _ settings: ServerSettings = ServerSettings(), detectors: [any Detector] = [FixedDetector()],
        feedback: any FeedbackSink = CountingFeedbackSink(), store: AuditStore? = nil
    ) throws {
        var quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        quiet.logLevel = .critical
        server = try ScoringServer(
            settings: settings, detectors: detectors, feedback: feedback, store: store, logger: quiet)
    }

    func ask(
        _ method: HTTPRequest.Method = .post, _ path: String, _ body: String? = nil,
        headers: [(HTTPField.Name, String)] = []
    ) async throws -> Answer {
        var fields = HTTPFields()
        for (name, value) in headers { fields[name] = value }
        let sent = fields
        return try await server.application().test(.router) { client in
            let response = try await client.executeRequest(
                uri: path, method: method, headers: sent, body: body.map { ByteBuffer(string: $0) })
            return Answer(
                status: response.status.code, headers: response.headers, body: String(buffer: response.body))
        }
    }

    /// `comments:analyze`, compact.
    func analyze(_ body: String, query: String = "") async throws -> Answer {
        try await ask(.post, "/v1alpha1/comments:analyze?prettyPrint=false\(query)", body)
    }
}

/// Runs what blocks on a thread of its own: the threads that tasks share are few, and the server needs them.
func onOwnThread<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) async throws -> Result {
    try await withCheckedThrowingContinuation { continuation in
        Thread { continuation.resume(with: Swift.Result { try body() }) }.start()
    }
}
