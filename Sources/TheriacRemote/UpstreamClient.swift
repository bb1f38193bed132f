import AsyncHTTPClient
public import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL

/// Sends requests of others on to one server, and hands its answer over piece by piece as it comes.
///
/// A request whose task is cancelled is given up, with its connection. Nothing is logged, and no redirection followed.
public final class UpstreamClient: Sendable {
    /// The answer's head, with its body to come.
    public struct Answer: Sendable {
        public let status: Int
        public let headers: [(name: String, value: String)]
        let body: HTTPClientResponse.Body
        let limits: UpstreamSettings
        let began: ContinuousClock.Instant

        /// The first of that name, whatever its case.
        public func header(_ name: String) -> String? {
            headers.first { $0.name.lowercased() == name.lowercased() }?.value
        }

        /// Seconds or a date that the server asks to wait.
        public var retryAfter: Double? {
            RetryPolicy.wish(in: HTTPHeaders(headers.map { ($0.name, $0.value) }))
        }

        /// The body from its beginning; ask once.
        public func pieces() -> UpstreamPieces { UpstreamPieces(self) }

        /// The whole body.
        public func collect() async throws(UpstreamFailure) -> [UInt8] {
            var pieces = pieces()
            var bytes: [UInt8] = []
            while let piece = try await pieces.next() { bytes += piece }
            return bytes
        }
    }

    public let settings: UpstreamSettings
    private let key: RemoteKey?
    private let client: HTTPClient
    /// For streams, where silence means that something is wrong.
    private let streaming: HTTPClient

    /// - Throws: ``RemoteFailure`` when the key or the certificate's file cannot be used.
    public init(
        _ settings: UpstreamSettings,
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws(RemoteFailure) {
        self.settings = settings
        var key: RemoteKey?
        if let variable = settings.keyVariable {
            key = try RemoteKey(variable: variable, in: environment)
            guard key != nil else { throw .badKey(variable: variable) }
        }
        self.key = key
        client = try Self.client(settings, silence: settings.timeout)
        streaming = try Self.client(settings, silence: settings.silence)
    }

    deinit {
        client.shutdown { _ in }
        streaming.shutdown { _ in }
    }

    /// Whether it shows a key of its own, in place of the caller's.
    public var hasKey: Bool { key != nil }

    private static func client(
        _ settings: UpstreamSettings, silence: Double
    ) throws(RemoteFailure) -> HTTPClient {
        var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow)
        configuration.timeout = .init(connect: .seconds(settings.connectTimeout), read: .seconds(silence))
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = settings.connections
        configuration.connectionPool.retryConnectionEstablishment = false
        // Common model servers drop idle connections after five seconds; a request must not meet one that is going.
        configuration.connectionPool.idleTimeout = .milliseconds(3000)
        if let authority = settings.certificateAuthority {
            configuration.tlsConfiguration = try HTTPTransport.trusting(authority)
        }
        return HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }

    /// Sends a request and waits for the answer's head. One that has surely not arrived is sent again after a wait; one that
    /// changes nothing (GET) also when the server fails.
    ///
    /// - Parameters:
    ///   - target: path and query: `/v1/models`.
    ///   - headers: sent as they are; the server's own key goes in place of `Authorization`.
    ///   - isStream: whether the answer's pieces must follow each other without long silence.
    public func send(
        _ method: String, _ target: String, headers: [(name: String, value: String)], body: [UInt8]?,
        isStream: Bool
    ) async throws(UpstreamFailure) -> Answer {
        let policy = RetryPolicy(
            attempts: settings.attempts, firstWait: settings.firstWait, longestWait: 5)
        let changesNothing = method == "GET" || method == "HEAD"
        var attempt = 1
        while true {
            do {
                let answer = try await once(method, target, headers, body, isStream)
                guard changesNothing, [502, 503, 504].contains(answer.status), attempt < policy.attempts
                else {
                    return answer
                }
            } catch {
                guard error.isBeforeSending || changesNothing && error.isOutage, attempt < policy.attempts
                else { throw error }
            }
            do {
                try await Task.sleep(
                    for: .seconds(policy.wait(after: attempt, uniform: .random(in: 0..<1))))
            } catch { throw .cancelled }
            attempt += 1
        }
    }

    private func once(
        _ method: String, _ target: String, _ headers: [(name: String, value: String)], _ body: [UInt8]?,
        _ isStream: Bool
    ) async throws(UpstreamFailure) -> Answer {
        var request = HTTPClientRequest(url: settings.server + target)
        request.method = HTTPMethod(rawValue: method)
        for header in headers where key == nil || header.name.lowercased() != "authorization" {
            request.headers.add(name: header.name, value: header.value)
        }
        if let key { request.headers.add(name: "Authorization", value: key.authorization) }
        if let body { request.body = .bytes(ByteBuffer(bytes: body)) }
        let began = ContinuousClock.now
        do {
            let response = try await (isStream ? streaming : client).execute(
                request, deadline: .now() + .seconds(settings.timeout))
            return Answer(
                status: Int(response.status.code),
                headers: response.headers.map { ($0.name, $0.value) }, body: response.body, limits: settings,
                began: began)
        } catch {
            throw Self.failure(error, isStream ? settings.silence : settings.timeout, settings)
        }
    }

    /// What went wrong, in our words.
    static func failure(
        _ error: any Error, _ silence: Double, _ settings: UpstreamSettings, inBody: Bool = false
    ) -> UpstreamFailure {
        switch error {
        case let error as UpstreamFailure: error
        case is CancellationError: .cancelled
        case let error as HTTPClientError where error == .cancelled: .cancelled
        case let error as HTTPClientError where error == .readTimeout:
            inBody ? .silent(seconds: silence) : .timedOut(seconds: silence)
        case let error as HTTPClientError where error == .deadlineExceeded:
            .timedOut(seconds: settings.timeout)
        case let error as HTTPClientError
        where [.connectTimeout, .tlsHandshakeTimeout, .getConnectionFromPoolTimeout].contains(error):
            .unreachable(reason: "no connection in time")
        case is NIOConnectionError: .unreachable(reason: "no connection")
        case is ChannelError where !inBody: .unreachable(reason: "no connection in time")
        case is NIOSSLError, is NIOSSLExtraError, is BoringSSLError: inBody ? .brokenOff : .untrusted
        case is HTTPParserError: inBody ? .brokenOff : .damaged("it is not HTTP")
        case let error as IOError where error.errnoCode == ECONNREFUSED: .unreachable(reason: "no connection")
        default: .brokenOff
        }
    }
}

/// A body as it comes.
public struct UpstreamPieces {
    private var iterator: HTTPClientResponse.Body.AsyncIterator
    private let limits: UpstreamSettings
    private let end: ContinuousClock.Instant
    private var bytes = 0

    fileprivate init(_ answer: UpstreamClient.Answer) {
        iterator = answer.body.makeAsyncIterator()
        limits = answer.limits
        end = answer.began + .seconds(answer.limits.timeout)
    }

    /// The next piece, cut anywhere; nil at the end.
    public mutating func next() async throws(UpstreamFailure) -> [UInt8]? {
        let buffer: ByteBuffer?
        do { buffer = try await iterator.next() } catch {
            throw UpstreamClient.failure(error, limits.silence, limits, inBody: true)
        }
        guard let buffer else { return nil }
        guard ContinuousClock.now < end else { throw .timedOut(seconds: limits.timeout) }
        bytes += buffer.readableBytes
        guard bytes <= limits.largestAnswer else { throw .tooLarge(bytes: limits.largestAnswer) }
        return Array(buffer.readableBytesView)
    }
}

extension TimeAmount {
    fileprivate static func seconds(_ seconds: Double) -> TimeAmount { .milliseconds(Int64(seconds * 1000)) }
}
