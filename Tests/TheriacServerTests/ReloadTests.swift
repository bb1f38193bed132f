import Foundation
import Hummingbird
import HummingbirdTesting
import Synchronization
import TheriacOptions
import Testing

@testable import TheriacServer

private final class Tally: Sendable {
    let isOver = Atomic<Bool>(false)
    let good = Atomic<Int>(0)
    let short = Atomic<Int>(0)
}

/// Reading the settings again while requests come in.
@Suite struct ReloadTests {
    /// Connections that were open stay open, every request is answered, and each answer fits the settings of before or of
    /// after, never a mixture.
    @Test func dropsNothingUnderLoad() async throws {
        var settings = ServerSettings()
        settings.port = 0
        let initial = settings
        let fixture = try ServerFixture(settings)
        let body = #"{"comment":{"text":"four"},"languages":["en"],"requestedAttributes":{"TOXICITY":{}}}"#
        let request =
            "POST /v1alpha1/comments:analyze HTTP/1.1\r\nHost: x\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
        let tally = Tally()
        try await fixture.server.application().test(.live) { client in
            let port = try #require(client.port)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<4 {
                    group.addTask {
                        try await onOwnThread {
                            // One connection for all of it.
                            let connection = try #require(RawConnection(port: port))
                            while !tally.isOver.load(ordering: .relaxed) {
                                try #require(connection.say(request))
                                let answer = connection.hear(until: "\n}\n")
                                if answer.hasPrefix("HTTP/1.1 200 OK") {
                                    tally.good.wrappingAdd(1, ordering: .relaxed)
                                } else {
                                    #expect(answer.contains("exceeded limit (3)"), "\(answer)")
                                    tally.short.wrappingAdd(1, ordering: .relaxed)
                                }
                            }
                        }
                    }
                }
                for round in 0..<40 {
                    await fixture.server.reload {
                        var settings = initial
                        settings.limits.textBytes = round % 2 == 0 ? 3 : 20_480
                        settings.quota.requestsPerMinute = 9_000_000
                        return settings
                    }
                    if round % 10 == 5 {
                        await fixture.server.reload { throw ServerSettingsError.halfCertificate }
                    }
                    try await Task.sleep(for: .milliseconds(15))
                }
                tally.isOver.store(true, ordering: .relaxed)
                try await group.waitForAll()
            }
        }
        #expect(tally.good.load(ordering: .relaxed) > 20 && tally.short.load(ordering: .relaxed) > 20)
    }

    /// What a reload cannot change is named, and holds as it was.
    @Test func saysWhatNeedsARestart() async throws {
        var settings = ServerSettings()
        settings.port = 0
        let initial = settings
        let fixture = try ServerFixture(settings)
        func waiting() async throws -> [String]? {
            let answer = try await fixture.ask(
                .get, "/operator/summary.json", headers: [(.host, "127.0.0.1")])
            return answer["server", "wait_for_restart"] as? [String]
        }
        #expect(try await waiting() == [])
        await fixture.server.reload {
            var settings = initial
            settings.store = URL(fileURLWithPath: "/nowhere/store.sqlite")
            settings.audit.texts = true
            settings.audit.decisions = .all
            settings.generation.memory = 1
            settings.generation.model = "another"
            settings.host = "0.0.0.0"
            settings.limits.connections = 7
            settings.limits.textBytes = 3
            return settings
        }
        #expect(
            try await waiting() == [
                "audit.texts", "generation.memory", "generation.model", "host", "limits.connections", "store",
            ])
        let applied = fixture.server.current.value.settings
        #expect(applied.limits.textBytes == 3 && applied.audit.decisions == .all)
        #expect(applied.host == initial.host && applied.store == nil && !applied.audit.texts)
        #expect(applied.generation == initial.generation)
        // Named on the page as well.
        let page = try await fixture.ask(.get, "/", headers: [(.host, "127.0.0.1")])
        #expect(page.body.contains("generation.memory"))
        await fixture.server.reload { initial }
        #expect(try await waiting() == [])
    }

    /// All that is fixed is kept, and every fixed name is a setting.
    @Test func keepsAllThatIsFixed() throws {
        let tree = ServerSettings().option
        for name in ServerSettings.fixed {
            let found = name.split(separator: ".").reduce(tree as OptionValue?) { value, key in
                guard case .object(let members)? = value else { return nil }
                return members[String(key)]
            }
            #expect(found != nil, "\(name)")
        }
    }
}
