import Foundation
import Testing
import TheriacTesting

@testable import TheriacRemote

@Suite(.enabled(if: Served.isPresent, Served.reason)) struct ServerCheckTests {
    @Test func aModelThatIsThereIsTaken() throws {
        #expect(try Served.open().address.model == "parrot")
        #expect(try Served.open(path: "/single", name: "").address.model == "parrot")
        for path in ["/v1", "/listless"] {
            let model = try Served.open(path: path, name: "anything") { $0.checksModel = false }
            #expect(model.address.model == "anything")
        }
    }

    @Test func eachFaultHasItsSentence() throws {
        func sentence(
            path: String = "/v1", name: String = "parrot", key: String? = nil
        ) throws -> String {
            try #require(throws: RemoteFailure.self) { try Served.open(path: path, name: name, key: key) }
                .description
        }
        let port = try #require(Served.server).port
        #expect(
            try sentence(name: "parot")
                == "http://127.0.0.1:\(port)/v1 has no model 'parot'. It has: parrot, parakeet, locked. Did you mean 'parrot'?"
        )
        #expect(
            try sentence(name: "").hasSuffix("several models. Name one behind a #: parrot, parakeet, locked.")
        )
        #expect(try sentence(path: "").hasSuffix("The address of such a server usually ends in /v1."))
        #expect(try sentence(path: "/listless").contains("cannot list its models (status 500)"))
        let nothing = try #require(throws: RemoteFailure.self) {
            try Served.open(path: "/nothing") { $0.checksModel = false }
        }
        #expect(nothing.description.contains("has no /completions there"))
        #expect(try sentence(path: "/html").contains("does not speak the OpenAI protocol"))
        #expect(try sentence(path: "/moved").contains("a redirection"))
        #expect(
            try sentence(path: "/locked").contains(
                "wants a key. Put it into the environment variable THERIAC"))
        #expect(
            try sentence(path: "/locked", key: "sk-wrong").contains("refuses the key in THERIAC_SERVER_KEY"))
        #expect(try Served.open(path: "/locked", key: FakeOpenAIServer.key).address.model == "parrot")
    }

    @Test func aServerThatIsNotThereIsNamedAtOnce() throws {
        let start = Date()
        let failure = try #require(throws: RemoteFailure.self) {
            try RemoteModel.open(RemoteAddress("http://127.0.0.1:1/v1#m"), environment: [:])
        }
        #expect(
            failure.description
                == "No server answers at http://127.0.0.1:1/v1 (connection refused). Is it started, and are host and port right?"
        )
        #expect(Date().timeIntervalSince(start) < 2)
        let nowhere = try #require(throws: RemoteFailure.self) {
            try RemoteModel.open(RemoteAddress("http://nowhere.invalid/v1#m"), environment: [:])
        }
        #expect(
            nowhere.description.hasPrefix("No server answers at http://nowhere.invalid/v1 ("), "\(nowhere)")
    }

    /// A certificate of an authority of one's own, made on the spot.
    @Test func certificatesAreChecked() throws {
        let folder = try TemporaryFolder()
        let (certificate, key) = (folder.file("certificate.pem"), folder.file("key.pem"))
        let openssl = Process()
        openssl.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        openssl.arguments =
            "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost,IP:127.0.0.1"
            .split(separator: " ").map(String.init) + ["-keyout", key.path, "-out", certificate.path]
        openssl.standardError = FileHandle.nullDevice
        try openssl.run()
        openssl.waitUntilExit()
        guard openssl.terminationStatus == 0 else { return }  // no openssl, no certificate
        let server = try FakeOpenAIServer(tls: (certificate, key))
        func open(_ address: String, authority: URL?) throws -> RemoteModel {
            var settings = Served.settings { _ in }
            settings.certificateAuthority = authority?.path ?? ""
            return try RemoteModel.open(RemoteAddress(address), settings: settings, environment: [:])
        }
        let address = "https://localhost:\(server.port)/v1#parrot"
        let model = try open(address, authority: certificate)
        #expect(try model.complete(CompletionRequest(prompt: "over TLS")).choices.count == 1)
        let untrusted = try #require(throws: RemoteFailure.self) { try open(address, authority: nil) }
        #expect(untrusted.description.contains("a certificate that is not trusted"), "\(untrusted)")
        #expect(throws: RemoteFailure.self) {
            try open("http://localhost:\(server.port)/v1#parrot", authority: nil)
        }
        let plain = try #require(Served.server).port
        let spoken = try #require(throws: RemoteFailure.self) {
            try open("https://localhost:\(plain)/v1#parrot", authority: nil)
        }
        #expect(spoken.description.contains("speaks no TLS"), "\(spoken)")
        #expect(throws: RemoteFailure.badAuthority(key.path)) { try open(address, authority: key) }
    }
}
