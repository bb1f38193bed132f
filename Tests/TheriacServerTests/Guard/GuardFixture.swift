import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Logging
import NIOCore
import Synchronization
import TheriacCorpora
import TheriacDetection
import TheriacTesting
import Testing

@testable import TheriacServer

/// Scores whole words that a table gives, and remembers what it was shown. A blank text has no score.
final class WordDetector: Detector {
    let identity: DetectorIdentity
    let attributes: [Attribute] = [.toxicity, .threat]
    /// `vile` is toxic, `rude` is doubtful, a `menace` is a threat.
    static let words: [String: (Attribute, Float)] = [
        "vile": (.toxicity, 0.9), "rude": (.toxicity, 0.4), "menace": (.threat, 0.95),
    ]
    private let shown = Mutex<[String]>([])

    init(_ name: String = "words") {
        identity = DetectorIdentity(
            name: name, version: "1.0.0",
            hash: String(repeating: name == "words" ? "ab12cd34" : "12345678", count: 8))
    }

    var texts: [String] { shown.withLock { $0 } }

    static func scores(_ text: String) -> AttributeScores {
        var scores: AttributeScores = [.toxicity: 0.02, .threat: 0.01]
        for word in text.split(whereSeparator: { !$0.isLetter }) {
            guard let (attribute, score) = words[String(word)] else { continue }
            scores[attribute] = max(scores[attribute] ?? 0, score)
        }
        return scores
    }

    func verdicts(for texts: [String]) -> [Verdict] {
        shown.withLock { $0 += texts }
        return texts.map { text in
            text.allSatisfy(\.isWhitespace) ? .unscored(reason: "empty text") : .scored(Self.scores(text))
        }
    }
}

/// Somebody else's server on this machine, which answers as a script says.
final class FakeUpstream: Sendable {
    struct Asked: Sendable {
        var path: String
        var headers: HTTPFields
        var body: String

        var json: [String: Any] {
            (try? JSONSerialization.jsonObject(with: Data(body.utf8))) as? [String: Any] ?? [:]
        }
    }

    enum Reply: Sendable {
        case body(Int, String, headers: [(HTTPField.Name, String)] = [], type: String = "application/json")
        /// Server-sent events in these pieces.
        case pieces([[UInt8]], pause: Duration = .zero)
        /// These pieces, and then the connection is gone.
        case cut([[UInt8]])
        /// No answer for so long.
        case hang(Duration)
        /// Pieces without end.
        case endless([UInt8])
    }

    private struct Context: RequestContext {
        var coreContext: CoreRequestContextStorage

        init(source: ApplicationRequestContextSource) { coreContext = .init(source: source) }
    }

    private struct Responder: HTTPResponder {
        let upstream: FakeUpstream

        func respond(to request: Request, context: Context) async throws -> Response {
            let body = try await request.body.collect(upTo: 1 << 24)
            let asked = Asked(
                path: request.head.path ?? "", headers: request.headers, body: String(buffer: body))
            let number = upstream.log.withLock {
                $0.append(asked)
                return $0.count - 1
            }
            switch upstream.script(number, asked) {
            case .body(let status, let text, let headers, let type):
                var fields: HTTPFields = [.contentType: type]
                for (name, value) in headers { fields[name] = value }
                return Response(
                    status: .init(code: status), headers: fields,
                    body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
            case .pieces(let pieces, let pause):
                return events { writer in
                    for piece in pieces {
                        try await writer.write(ByteBuffer(bytes: piece))
                        if pause > .zero { try await Task.sleep(for: pause) }
                    }
                    try await writer.finish(nil)
                }
            case .cut(let pieces):
                return events { writer in
                    for piece in pieces { try await writer.write(ByteBuffer(bytes: piece)) }
                    throw CancellationError()
                }
            case .hang(let time):
                try await Task.sleep(for: time)
                return Response(status: .ok)
            case .endless(let piece):
                return events { [upstream] writer in
                    do {
                        while true {
                            try await writer.write(ByteBuffer(bytes: piece))
                            try await Task.sleep(for: .milliseconds(5))
                        }
                    } catch {
                        upstream.left.withLock { $0 += 1 }
                        throw error
                    }
                }
            }
        }

        private func events(
            _ write: @escaping @Sendable (inout any ResponseBodyWriter) async throws -> Void
        ) -> Response {
            Response(status: .ok, headers: [.contentType: "text/event-stream"], body: ResponseBody(write))
        }
    }

    private let script: @Sendable (Int, Asked) -> Reply
    private let log = Mutex<[Asked]>([])
    /// Endless answers whose reader went.
    let left = Mutex(0)

    init(_ script: @escaping @Sendable (Int, Asked) -> Reply) { self.script = script }

    /// The same answer to everything.
    convenience init(_ reply: Reply) { self.init { _, _ in reply } }

    var asked: [Asked] { log.withLock { $0 } }

    /// Serves while `body` runs, with the address.
    func serve(_ body: @escaping @Sendable (String) async throws -> Void) async throws {
        var quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        quiet.logLevel = .critical
        let application = Application(
            responder: Responder(upstream: self),
            configuration: .init(address: .hostname("127.0.0.1", port: 0)),
            logger: quiet)
        try await application.test(.live) { client in
            try await body("http://127.0.0.1:\(try #require(client.port))")
        }
    }
}

/// A guard before a fake upstream.
struct GuardFixture: Sendable {
    let upstream: FakeUpstream
    let words: WordDetector
    let screen: WordDetector
    let decisions: RecordingDecisions
    var settings = ServerSettings()
    var policy = Self.policy

    static let policy = """
        detector: words
        safe-replies:
          topic: ["Let us talk about gardens."]
          sorry: ["I would rather not."]
        input:
          - { attribute: threat, from: 0.9, action: refuse, reply: sorry }
          - { attribute: toxicity, from: 0.8, action: safe-reply, reply: topic }
          - { attribute: toxicity, from: 0.3, action: flag }
        output:
          - { attribute: threat, from: 0.9, action: refuse }
          - { attribute: toxicity, from: 0.8, action: resample, tries: 2, otherwise: safe-reply, reply: topic }
          - { attribute: toxicity, from: 0.3, action: flag }
        """

    init(_ upstream: FakeUpstream, policy: String = Self.policy) {
        self.upstream = upstream
        self.policy = policy
        words = WordDetector()
        screen = WordDetector("quick")
        decisions = RecordingDecisions()
        settings.port = 0
        settings.guard.timeout = 5
        settings.guard.silence = 5
        settings.guard.stream.window = 8
        settings.guard.stream.stride = 4
    }

    /// Runs `body` with the guard's application behind its own connection.
    func serve(
        _ body: @escaping @Sendable (any TestClientProtocol) async throws -> Void
    ) async throws {
        let fixture = self
        try await upstream.serve { address in
            let server = try fixture.server(before: address)
            try await server.application().test(.live) { client in try await body(client) }
        }
    }

    /// The guard alone, before an upstream at this address.
    func server(before address: String) throws -> ScoringServer {
        let folder = try TemporaryFolder()
        let file = folder.file("policy.yaml")
        try policy.write(to: file, atomically: true, encoding: .utf8)
        var settings = settings
        settings.guard.upstream = settings.guard.upstream ?? address
        settings.guard.policy = file
        var quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        quiet.logLevel = .critical
        return try ScoringServer(
            settings: settings, detectors: [words, screen], decisions: decisions, logger: quiet)
    }

    /// One question and its answer.
    func ask(
        _ path: String, _ body: String, method: HTTPRequest.Method = .post,
        headers: [(HTTPField.Name, String)] = []
    ) async throws -> Answer {
        let answer = Mutex<Answer?>(nil)
        try await serve { client in
            let got = try await client.ask(path, body, method: method, headers: headers)
            answer.withLock { $0 = got }
        }
        return try #require(answer.withLock { $0 })
    }

    func complete(_ body: String) async throws -> Answer { try await ask("/v1/completions", body) }

    func chat(_ body: String) async throws -> Answer { try await ask("/v1/chat/completions", body) }
}

extension TestClientProtocol {
    func ask(
        _ path: String, _ body: String, method: HTTPRequest.Method = .post,
        headers: [(HTTPField.Name, String)] = []
    ) async throws -> Answer {
        var fields = HTTPFields()
        for (name, value) in headers { fields[name] = value }
        let response = try await executeRequest(
            uri: path, method: method, headers: fields,
            body: method == .get ? nil : ByteBuffer(string: body))
        return Answer(
            status: response.status.code, headers: response.headers, body: String(buffer: response.body))
    }
}

/// Keeps decisions.
final class RecordingDecisions: DecisionSink {
    private let kept = Mutex<[GuardDecision]>([])

    var all: [GuardDecision] { kept.withLock { $0 } }

    func record(_ decision: GuardDecision) { kept.withLock { $0.append(decision) } }

    func learntThresholds(of community: String, by detector: DetectorIdentity) -> [Attribute: Double] {
        community == "hardened" ? [.toxicity: 0.95] : [:]
    }
}

/// Answers as servers write them.
enum Wire {
    /// `/v1/completions` with these texts.
    static func completion(_ texts: [String]) -> String {
        let choices = texts.enumerated().map {
            #"{"index":\#($0),"text":\#(quoted($1)),"finish_reason":"stop","logprobs":null}"#
        }
        return
            #"{"id":"cmpl-1","object":"text_completion","created":1,"model":"m","choices":["#
            + choices.joined(separator: ",")
            + #"],"usage":{"prompt_tokens":3,"completion_tokens":4,"total_tokens":7}}"#
    }

    static func chat(_ texts: [String]) -> String {
        let choices = texts.enumerated().map {
            #"{"index":\#($0),"message":{"role":"assistant","content":\#(quoted($1))},"finish_reason":"stop","logprobs":null}"#
        }
        return
            #"{"id":"chatcmpl-1","object":"chat.completion","created":1,"model":"m","choices":["#
            + choices.joined(separator: ",")
            + #"],"usage":{"prompt_tokens":3,"completion_tokens":4,"total_tokens":7}}"#
    }

    /// One event's data.
    static func delta(_ delta: String, index: Int = 0, finish: String = "null") -> String {
        #"{"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":\#(index),"delta":\#(delta),"finish_reason":\#(finish)}]}"#
    }

    /// The events of a chat answer in these pieces of text.
    static func chatEvents(_ pieces: [String], index: Int = 0) -> [String] {
        [delta(#"{"role":"assistant","content":""}"#, index: index)]
            + pieces.map { delta(#"{"content":\#(quoted($0))}"#, index: index) }
            + [delta("{}", index: index, finish: #""stop""#)]
    }

    static func completionEvents(_ pieces: [String]) -> [String] {
        pieces.enumerated().map {
            #"{"id":"cmpl-1","object":"text_completion","created":1,"model":"m","choices":[{"index":0,"text":\#(quoted($1)),"finish_reason":\#($0 == pieces.count - 1 ? #""stop""# : "null"),"logprobs":null}]}"#
        }
    }

    static func bytes(_ events: [String], done: Bool = true) -> [UInt8] {
        Array((events.map { "data: \($0)\n\n" }.joined() + (done ? "data: [DONE]\n\n" : "")).utf8)
    }

    static func quoted(_ text: String) -> String {
        var writer = JSONWriter()
        writer.string(text)
        return String(decoding: writer.finish(), as: UTF8.self)
    }

    /// What a client makes of a stream.
    struct Read: Equatable {
        var text = ""
        var finish: String?
        var theriac: String?
        var error: String?
        var roles: [String] = []
        var isDone = false
    }

    static func read(_ body: String, index: Int = 0) -> Read {
        var read = Read()
        for event in body.components(separatedBy: "\n\n") where event.hasPrefix("data: ") {
            let data = String(event.dropFirst(6))
            if data == "[DONE]" {
                read.isDone = true
                continue
            }
            guard let value = try? JSONSerialization.jsonObject(with: Data(data.utf8)) as? [String: Any]
            else {
                continue
            }
            if let error = value["error"] as? [String: Any] { read.error = error["code"] as? String }
            for choice in value["choices"] as? [[String: Any]] ?? [] where choice["index"] as? Int == index {
                let delta = choice["delta"] as? [String: Any]
                read.text += choice["text"] as? String ?? delta?["content"] as? String ?? ""
                if let role = delta?["role"] as? String { read.roles.append(role) }
                if let finish = choice["finish_reason"] as? String { read.finish = finish }
                if let report = value["theriac"] as? [String: Any],
                    let output = (report["output"] as? [[String: Any]])?.first
                {
                    read.theriac = output["action"] as? String
                }
            }
        }
        return read
    }
}
