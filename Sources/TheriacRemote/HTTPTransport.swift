import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL

/// One server over HTTP/1.1 or, where it offers that over TLS, HTTP/2: a request goes out, a whole answer of bounded size
/// comes back. Nothing is tried again here, and nothing is logged.
///
/// Calls block; connections live on threads of their own, so that a blocked caller holds up no other work.
final class HTTPTransport: Sendable {
    struct Answer {
        var status: Int
        var headers: HTTPHeaders
        var body: ByteBuffer
    }

    /// More than any answer to one prompt needs.
    static let largestAnswer = 64 << 20

    private let server: String
    private let timeout: Double
    private let key: RemoteKey?
    private let client: HTTPClient

    init(_ server: String, settings: RemoteSettings, key: RemoteKey?) throws(RemoteFailure) {
        self.server = server
        self.key = key
        timeout = settings.timeout
        var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow)
        configuration.timeout = .init(connect: .seconds(settings.connectTimeout))
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = settings.concurrency
        configuration.connectionPool.retryConnectionEstablishment = false  // tries are counted in one place
        if !settings.certificateAuthority.isEmpty {
            configuration.tlsConfiguration = try Self.trusting(settings.certificateAuthority)
        }
        client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }

    deinit { client.shutdown { _ in } }

    static func trusting(_ file: String) throws(RemoteFailure) -> TLSConfiguration {
        guard let certificates = try? NIOSSLCertificate.fromPEMFile(file), !certificates.isEmpty else {
            throw .badAuthority(file)
        }
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.additionalTrustRoots = [.certificates(certificates)]
        return configuration
    }

    /// Sends one request and waits for the whole answer.
    ///
    /// - Parameters:
    ///   - route: below the server's address: `/completions`.
    ///   - body: JSON; nil asks with GET.
    ///   - timeout: seconds for connecting, asking and answering together.
    func send(_ route: String, body: Data?, timeout: Double? = nil) throws(RemoteFailure) -> Answer {
        let seconds = timeout ?? self.timeout
        do {
            let request = try request(route, body: body)
            // Through a delegate of its own: the plain call would take an answer of any size.
            let response = try client.execute(
                request: request,
                delegate: ResponseAccumulator(request: request, maxBodySize: Self.largestAnswer),
                deadline: .now() + .seconds(seconds)
            ).futureResult.wait()
            return Answer(
                status: Int(response.status.code), headers: response.headers,
                body: response.body ?? ByteBuffer())
        } catch {
            throw failure(error, after: seconds)
        }
    }

    private func request(_ route: String, body: Data?) throws -> HTTPClient.Request {
        var headers: HTTPHeaders = ["Accept": "application/json", "User-Agent": "theriac"]
        if let key { headers.add(name: "Authorization", value: key.authorization) }
        if body != nil { headers.add(name: "Content-Type", value: "application/json") }
        return try HTTPClient.Request(
            url: server + route, method: body == nil ? .GET : .POST, headers: headers,
            body: body.map { .data($0) })
    }

    /// What went wrong, in our words.
    private func failure(_ error: any Error, after seconds: Double) -> RemoteFailure {
        switch error {
        case is ResponseAccumulator.ResponseTooBigError: .tooLarge(bytes: Self.largestAnswer)
        case is HTTPParserError: .notCompatible(server: server)
        case is NIOSSLError, is NIOSSLExtraError, is BoringSSLError: .untrusted(server: server)
        case let error as NIOConnectionError:
            .unreachable(server: server, reason: Self.reason(error))
        case let error as IOError: .unreachable(server: server, reason: Self.words(errno: error.errnoCode))
        case let error as HTTPClientError where Self.timeOuts.contains(error):
            .timedOut(server: server, seconds: seconds)
        case let error as HTTPClientError where [.connectTimeout, .tlsHandshakeTimeout].contains(error):
            .unreachable(server: server, reason: "no connection in time")
        case is ChannelError: .unreachable(server: server, reason: "no connection in time")
        default: .unreachable(server: server, reason: "the connection was closed")
        }
    }

    private static let timeOuts: [HTTPClientError] = [
        .deadlineExceeded, .readTimeout, .getConnectionFromPoolTimeout,
    ]

    private static func reason(_ error: NIOConnectionError) -> String {
        if let failure = error.connectionErrors.first?.error {
            if let code = (failure as? IOError)?.errnoCode { return words(errno: code) }
            return "no connection in time"
        }
        return error.dnsAError != nil || error.dnsAAAAError != nil
            ? "there is no such host" : "no connection in time"
    }

    private static func words(errno code: CInt) -> String {
        String(cString: strerror(code)).lowercased()
    }
}

extension TimeAmount {
    fileprivate static func seconds(_ seconds: Double) -> TimeAmount { .milliseconds(Int64(seconds * 1000)) }
}
