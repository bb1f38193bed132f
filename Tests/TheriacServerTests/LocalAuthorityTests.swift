import Foundation
import Hummingbird
import HummingbirdTesting
import TheriacTesting
import Testing

@testable import TheriacServer

@Suite struct LocalAuthorityTests {
    private func mode(_ file: URL) throws -> Int {
        let attributes = try FileManager.default.attributesOfItem(atPath: file.path)
        return try #require(attributes[.posixPermissions] as? Int)
    }

    @Test func makesThreeFilesAndKeepsOneSecret() throws {
        let folder = try TemporaryFolder()
        let files = try LocalAuthority(host: "Scores.Example.org").write(to: folder.file("made"))
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.file("made").path).count == 3)
        #expect(try mode(files.key) == 0o600 && mode(folder.file("made")) == 0o700)
        let certificate = try String(contentsOf: files.certificate, encoding: .utf8)
        let authority = try String(contentsOf: files.authority, encoding: .utf8)
        #expect(
            certificate.hasSuffix(authority) && certificate.contains("-----END CERTIFICATE-----\n-----BEGIN"))
        #expect(!certificate.contains("PRIVATE KEY") && !authority.contains("PRIVATE KEY"))
        // What clients trust already is not replaced by accident.
        #expect(throws: LocalAuthority.Problem.exists(files.authority.path)) {
            try LocalAuthority(host: "scores.example.org").write(to: folder.file("made"))
        }
    }

    @Test(arguments: [
        "", "localhost", "a b.c", "-a.b", "a..b", "a.b/c", "*.google.com", "a.b\nc.d", "ä.example",
    ])
    func refusesWhatIsNoHost(host: String) throws {
        let folder = try TemporaryFolder()
        #expect(throws: LocalAuthority.Problem.host(host.lowercased())) {
            try LocalAuthority(host: host).write(to: folder.url)
        }
    }

    @Test func refusesOddTimes() throws {
        let folder = try TemporaryFolder()
        for days in [0, 4000] {
            #expect(throws: LocalAuthority.Problem.days(days)) {
                try LocalAuthority(host: "a.b", days: days).write(to: folder.url)
            }
        }
    }

    /// openssl agrees: the chain holds for the host, for no other, and for no other purpose.
    @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/openssl"), "no openssl here"))
    func convincesOthers() throws {
        let folder = try TemporaryFolder()
        let files = try LocalAuthority(host: "commentanalyzer.googleapis.com").write(to: folder.file("made"))
        func verify(_ more: String...) throws -> Int32 {
            let process = Process()
            process.executableURL = URL(fileURLWithPath: "/usr/bin/openssl")
            process.arguments =
                ["verify", "-x509_strict", "-no-CApath", "-no-CAstore", "-CAfile", files.authority.path]
                + more
                + [files.certificate.path]
            process.standardOutput = FileHandle.nullDevice
            process.standardError = FileHandle.nullDevice
            try process.run()
            process.waitUntilExit()
            return process.terminationStatus
        }
        #expect(
            try verify("-purpose", "sslserver", "-verify_hostname", "commentanalyzer.googleapis.com") == 0)
        #expect(try verify("-verify_hostname", "www.googleapis.com") != 0)
        #expect(try verify("-purpose", "sslclient") != 0)
        let late = Int(Date().timeIntervalSince1970) + 900 * 86_400
        #expect(try verify("-attime", "\(late)") != 0)
    }

    /// Scripts that hard-code the host are served under its name.
    @Test(.tags(.parity), .enabled(if: PythonReference.isPresent, PythonReference.reason))
    func servesClientsThatHardCodeTheHost() async throws {
        let folder = try TemporaryFolder()
        let host = "commentanalyzer.googleapis.com"
        let files = try LocalAuthority(host: host).write(to: folder.file("made"))
        var settings = ServerSettings()
        settings.port = 0
        settings.tls.certificate = files.certificate
        settings.tls.key = files.key
        let fixture = try ServerFixture(settings)
        let output = try await fixture.server.application().test(.live) { client in
            let port = try #require(client.port)
            return try await onOwnThread {
                try PythonReference.run("redirected_client.py", [host, "\(port)", files.authority.path])
            }
        }
        let result = try #require(try JSONSerialization.jsonObject(with: output) as? [String: Any])
        for client in ["requests", "httplib2", "discovery"] { #expect(result[client] as? Double == 0.25) }
        #expect(result["version"] as? String == "TLSv1.3")
        #expect(result["errors"] as? [String] == [])
    }
}
