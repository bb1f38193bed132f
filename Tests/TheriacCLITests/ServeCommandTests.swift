import Foundation
import TheriacTesting
import Testing

@Suite(.enabled(if: Program.url != nil, "the program was not built"))
struct ServeCommandTests {
    @Test func checksItsSettings() throws {
        let folder = try TemporaryFolder()
        let good = try folder.write("port: 8099\nquota: {requests-per-minute: 60}\n", to: "good.yaml")
        let result = try Program.run(["serve", "--config", good.path, "--check"])
        #expect(result.status == 0)
        #expect(result.output.hasPrefix("The settings are good: steer@"))
        let bad = try folder.write("host: 0.0.0.0\n", to: "bad.yaml")
        let refused = try Program.run(["serve", "--config", bad.path, "--check"])
        #expect(refused.status == 1)
        #expect(refused.errors.contains("The server would listen on 0.0.0.0"))
    }

    /// What the examples say is what the program takes.
    @Test func takesTheExamplesSettings() throws {
        let result = try Program.run(["serve", "--config", "Examples/server.yaml", "--check"])
        #expect(result.status == 0, "\(result.errors)")
        #expect(result.output.hasPrefix("The settings are good: steer@"))
    }

    /// Checking leaves nothing behind; a folder that cannot hold the store is said before serving.
    @Test func checkMakesNoStore() throws {
        let folder = try TemporaryFolder()
        let store = folder.file("store.sqlite").path
        let result = try Program.run(["serve", "--store", store, "--check"])
        #expect(result.status == 0, "\(result.errors)")
        #expect(try folder.names() == [])
        let nowhere = try Program.run(["serve", "--store", folder.file("none/store.sqlite").path, "--check"])
        #expect(nowhere.status != 0 && nowhere.errors.contains("cannot be made in its folder"))
    }

    @Test func examplesKeepTheServiceSmall() throws {
        let unit = try String(
            contentsOf: Program.package.appendingPathComponent("Examples/theriac.service"), encoding: .utf8)
        for line in [
            "DynamicUser=yes", "ProtectSystem=strict", "NoNewPrivileges=yes", "MemoryMax=",
            "ExecReload=/bin/kill -HUP",
            "CapabilityBoundingSet=\n", "--check", "SystemCallFilter=@system-service",
        ] {
            #expect(unit.contains(line), "\(line)")
        }
        let image = try String(
            contentsOf: Program.package.appendingPathComponent("Examples/Containerfile"), encoding: .utf8)
        let bases = image.split(separator: "\n").filter { $0.hasPrefix("FROM ") }
        #expect(bases.count == 2 && bases.allSatisfy { $0.hasPrefix("FROM swift:") })
        #expect(image.contains("\nUSER theriac\n"))
    }

    @Test func makesAnAuthority() throws {
        let folder = try TemporaryFolder()
        let output = folder.file("certificates").path
        let result = try Program.run(["serve", "authority", "--output", output])
        #expect(result.status == 0, "\(result.errors)")
        for word in [
            "127.0.0.1 commentanalyzer.googleapis.com", "REQUESTS_CA_BUNDLE=\(output)/authority.pem",
            "SSL_CERT_FILE", "HTTPLIB2_CA_CERTS", "443", "/etc/hosts",
        ] {
            #expect(result.output.contains(word), "\(word)")
        }
        let check = try Program.run([
            "serve", "--check", "--config",
            folder.write(
                "tls: {certificate: certificates/server.pem, key: certificates/server.key}\n", to: "s.yaml"
            ).path,
        ])
        #expect(check.status == 0, "\(check.errors)")
        let again = try Program.run(["serve", "authority", "--output", output])
        #expect(again.status == 1 && again.errors.contains("exists already"))
    }

    @Test func makesAKey() throws {
        let result = try Program.run(["serve", "--new-key", "forum"])
        let words = result.output.split { $0 == " " || $0 == "\n" }.map(String.init)
        #expect(
            words.count == 5 && words[0] == "key" && words[1].hasPrefix("theriac_") && words[3] == "forum")
        #expect(words.last?.count == 64)
    }

    /// SIGTERM ends it with status 0; SIGHUP does not end it.
    @Test func endsWhenAsked() throws {
        let (process, output, errors) = try Program.make(["serve", "--port", "0"])
        _ = output
        try process.run()
        defer { if process.isRunning { process.terminate() } }
        var said = ""
        while !said.contains("serving on"), process.isRunning {
            said += String(decoding: errors.fileHandleForReading.availableData, as: UTF8.self)
        }
        #expect(said.contains("serving on 127.0.0.1:"))
        kill(process.processIdentifier, SIGHUP)
        while !said.contains("settings read again"), process.isRunning {
            said += String(decoding: errors.fileHandleForReading.availableData, as: UTF8.self)
        }
        #expect(process.isRunning)
        kill(process.processIdentifier, SIGTERM)
        process.waitUntilExit()
        #expect(process.terminationReason == .exit && process.terminationStatus == 0)
    }
}
