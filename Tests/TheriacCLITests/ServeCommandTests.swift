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

    @Test func makesAKey() throws {
        let result = try Program.run(["serve", "--new-key", "forum"])
        let words = result.output.split { $0 == " " || $0 == "\n" }.map(String.init)
        #expect(words.count == 5 && words[0] == "key" && words[1].hasPrefix("th-") && words[3] == "forum")
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
        Thread.sleep(forTimeInterval: 0.5)
        #expect(process.isRunning)
        kill(process.processIdentifier, SIGTERM)
        process.waitUntilExit()
        #expect(process.terminationReason == .exit && process.terminationStatus == 0)
    }
}
