import Foundation
import Hummingbird
import HummingbirdTesting
import TheriacTesting
import Testing

@testable import TheriacServer

/// A socket of this machine, for saying what no client library would.
final class RawConnection: Sendable {
    private let descriptor: Int32

    init?(port: Int) {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(UInt16(port).bigEndian)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var limit = timeval(tv_sec: 60, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        let status = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard status == 0 else { return nil }
    }

    deinit { close(descriptor) }

    /// Returns false when the other side has gone.
    @discardableResult
    func say(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        return send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count
    }

    /// Says no more, and goes on listening.
    func endSaying() { _ = shutdown(descriptor, Int32(SHUT_WR)) }

    /// What comes until `end` does, or the connection closes, or ten seconds are over.
    func hear(until end: String? = nil) -> String {
        var text: [UInt8] = []
        var part = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = recv(descriptor, &part, part.count, 0)
            guard count > 0 else { break }
            text += part[..<count]
            if let end, String(decoding: text, as: UTF8.self).contains(end) { break }
        }
        return String(decoding: text, as: UTF8.self)
    }
}

@Suite struct ConnectionTests {
    private static let body =
        #"{"comment":{"text":"x"},"languages":["en"],"requestedAttributes":{"TOXICITY":{}}}"#
    private static let head = "POST /v1alpha1/comments:analyze HTTP/1.1\r\nHost: x\r\n"

    private func serve(
        _ settings: ServerSettings, _ body: @escaping @Sendable (RawConnection) throws -> Void
    ) async throws {
        var settings = settings
        settings.port = 0
        let fixture = try ServerFixture(settings)
        try await fixture.server.application().test(.live) { client in
            let port = try #require(client.port)
            try await onOwnThread { try body(try #require(RawConnection(port: port))) }
        }
    }

    @Test func answersSeveralRequestsOfOneConnection() async throws {
        try await serve(ServerSettings()) { connection in
            let request = Self.head + "Content-Length: \(Self.body.utf8.count)\r\n\r\n\(Self.body)"
            for _ in 0..<3 {
                connection.say(request)
                #expect(connection.hear(until: "detectedLanguages").hasPrefix("HTTP/1.1 200 OK\r\n"))
            }
        }
    }

    /// A body after HEAD would be taken for the next answer.
    @Test func answersHEADWithoutABody() async throws {
        try await serve(ServerSettings()) { connection in
            for (path, status) in [("/version", "200 OK"), ("/nowhere", "404 Not Found")] {
                connection.say("HEAD \(path) HTTP/1.1\r\nHost: x\r\n\r\n")
                let answer = connection.hear(until: "\r\n\r\n")
                #expect(answer.hasPrefix("HTTP/1.1 \(status)\r\n") && answer.hasSuffix("\r\n\r\n"))
            }
            connection.say("GET /livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            #expect(connection.hear().hasPrefix("HTTP/1.1 200 OK\r\n"))
        }
    }

    @Test func tellsThoseThatAskFirstToGoOn() async throws {
        try await serve(ServerSettings()) { connection in
            connection.say(
                Self.head + "Expect: 100-continue\r\nContent-Length: \(Self.body.utf8.count)\r\n\r\n")
            #expect(connection.hear(until: "\r\n\r\n").hasPrefix("HTTP/1.1 100 Continue\r\n"))
            connection.say(Self.body)
            #expect(connection.hear(until: "detectedLanguages").contains("HTTP/1.1 200 OK"))
        }
    }

    /// The client's doing, not a failure of the server.
    @Test func refusesABodyThatEndsTooSoon() async throws {
        try await serve(ServerSettings()) { connection in
            connection.say(Self.head + "Content-Length: 1000\r\n\r\n\(Self.body)")
            connection.endSaying()
            #expect(connection.hear().hasPrefix("HTTP/1.1 400"))
        }
    }

    /// What stands behind such a request is never read: the answer must say so, and the connection close.
    @Test func answersAnOfferToChangeTheProtocolAndCloses() async throws {
        try await serve(ServerSettings()) { connection in
            let offer =
                "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n"
            connection.say(Self.head + offer + "Content-Length: \(Self.body.utf8.count)\r\n\r\n\(Self.body)")
            let answer = connection.hear()
            #expect(answer.hasPrefix("HTTP/1.1 200 OK\r\n") && answer.contains("detectedLanguages"))
            #expect(answer.lowercased().contains("\r\nconnection: close\r\n"))
        }
    }

    @Test func closesOnAClientThatSendsTooSlowly() async throws {
        var settings = ServerSettings()
        settings.limits.transferSeconds = 1
        try await serve(settings) { connection in
            connection.say(Self.head + "Content-Length: 1000\r\n\r\n{")
            // It goes on, a byte at a time, and never comes to an end.
            let start = ContinuousClock.now
            while connection.say(" "), ContinuousClock.now - start < .seconds(60) { usleep(200_000) }
            #expect(ContinuousClock.now - start < .seconds(50))
        }
    }

    @Test func closesOnAClientThatNeverEndsItsHead() async throws {
        var settings = ServerSettings()
        settings.limits.idleSeconds = 1
        try await serve(settings) { connection in
            connection.say("GET /health HTTP/1.1\r\nX-A: ")
            let start = ContinuousClock.now
            while connection.say("a"), ContinuousClock.now - start < .seconds(60) { usleep(200_000) }
            #expect(ContinuousClock.now - start < .seconds(50))
        }
    }

    @Test func refusesHeadsThatAreTooLarge() async throws {
        var settings = ServerSettings()
        settings.limits.headerBytes = 1024
        try await serve(settings) { connection in
            connection.say(
                "GET /health HTTP/1.1\r\nHost: x\r\nX-A: \(String(repeating: "a", count: 4000))\r\n\r\n")
            #expect(!connection.hear().contains("200 OK"))
        }
    }

    @Test(arguments: [
        "\u{0}\u{1}garbage\r\n\r\n", "GET\r\n\r\n", "POST /batch HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
    ])
    func closesOnWhatIsNoRequest(text: String) async throws {
        try await serve(ServerSettings()) { connection in
            connection.say(text)
            let answer = connection.hear()
            #expect(answer.isEmpty || answer.hasPrefix("HTTP/1.1 400"))
        }
    }

    /// Behind TLS the same, and the discovery document says https.
    @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/openssl"), "no openssl here"))
    func servesWithACertificate() async throws {
        let folder = try TemporaryFolder()
        let (certificate, key) = (folder.file("c.pem"), folder.file("k.pem"))
        let make = Process()
        make.executableURL = URL(fileURLWithPath: "/usr/bin/openssl")
        make.arguments = [
            "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
            "-keyout", key.path,
            "-out", certificate.path,
        ]
        make.standardError = FileHandle.nullDevice
        try make.run()
        make.waitUntilExit()
        var settings = ServerSettings()
        settings.port = 0
        settings.tls.certificate = certificate
        settings.tls.key = key
        let fixture = try ServerFixture(settings)
        try await fixture.server.application().test(.ahc(.https)) { client in
            let answer = try await client.executeRequest(
                uri: "/$discovery/rest", method: .get, headers: [:], body: nil)
            #expect(answer.status.code == 200)
            #expect(String(buffer: answer.body).contains(#""rootUrl": "https://localhost:"#))
        }
        settings.tls.key = certificate
        #expect(throws: ServerSettingsError.certificate(file: certificate.path)) {
            try ServerFixture(settings).server.application()
        }
    }

    /// A reload changes what new requests meet; a mistake in it changes nothing.
    @Test func readsSettingsAgain() async throws {
        let fixture = try ServerFixture()
        await fixture.server.reload {
            var settings = ServerSettings()
            settings.limits.textBytes = 3
            return settings
        }
        let long = Self.body.replacing(#""x""#, with: #""four""#)
        #expect(try await fixture.analyze(long).status == 400)
        await fixture.server.reload { throw ServerSettingsError.halfCertificate }
        #expect(try await fixture.analyze(long).status == 400)
        await fixture.server.reload { ServerSettings() }
        #expect(try await fixture.analyze(long).status == 200)
    }
}
