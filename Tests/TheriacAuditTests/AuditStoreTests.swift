import Dispatch
import Foundation
import GRDB
import Synchronization
import Testing
import TheriacTesting

@testable import TheriacAudit

@Suite struct AuditStoreTests {
    static let start = Date(timeIntervalSince1970: 1_800_000_000)

    static func feedback(_ number: Int) -> Feedback {
        Feedback(
            .suggestion, text: "A quiet morning, number \(number)", suggested: ["TOXICITY": 0], time: start)
    }

    private func store(in folder: TemporaryFolder, _ change: (inout AuditStore.Settings) -> Void = { _ in })
        throws
        -> AuditStore
    {
        var settings = AuditStore.Settings()
        change(&settings)
        return try AuditStore(at: folder.file("store.sqlite"), settings: settings)
    }

    @Test func keepsEveryField() async throws {
        let folder = try TemporaryFolder()
        let store = try store(in: folder)
        var full = Feedback(
            .flag, text: "Good \"morning\" 🙂\u{0}", suggested: ["toxicity": 0.25, "APPROVED": 1],
            time: Self.start)
        full.context = ["first", "second"]
        full.languages = ["en"]
        full.spans = [Feedback.Span(attribute: "INSULT", begin: 0, end: 4, value: 0.5)]
        full.subject = .output
        full.reason = "not fit"
        full.scores = ["toxicity": 0.9]
        full.detector = "judge@1.1.0"
        full.detectorHash = "ab"
        full.community = "Coral:https://news.example"
        full.session = "7"
        full.clientToken = "comment:1"
        full.keyID = 3
        full.id = try await store.add(full)
        let bare = Feedback(.flag, text: "never kept", time: Self.start, doNotStore: true)
        let second = try await store.add(bare)
        #expect(try store.feedback().map(\.id) == [second, full.id])
        #expect(try store.feedback(limit: 1, before: second) == [full])
        let stored = try #require(try store.feedback(limit: 1).first)
        #expect(stored.text == nil && stored.textHash == nil)
    }

    @Test func waitsForTheDiskAndIsItsOwnersAlone() throws {
        let folder = try TemporaryFolder()
        let store = try store(in: folder)
        #expect(
            try store.pool.writeWithoutTransaction { try Int.fetchOne($0, sql: "PRAGMA synchronous") } == 2)
        #expect(try store.read { try String.fetchOne($0, sql: "PRAGMA journal_mode") } == "wal")
        for name in try folder.names() {
            let mode = try FileManager.default.attributesOfItem(atPath: folder.file(name).path)[
                .posixPermissions]
            #expect((mode as? NSNumber)?.intValue == 0o600, "\(name)")
        }
        #expect(try store.damage() == nil)
    }

    @Test func saysWhatIsWrongWithAFile() throws {
        let folder = try TemporaryFolder()
        let nothing = folder.file("none.sqlite")
        var settings = AuditStore.Settings()
        settings.create = false
        #expect(throws: AuditError.noStore(nothing.path)) { try AuditStore(at: nothing, settings: settings) }
        let text = try folder.write("not a database, but long enough to look at", to: "text.sqlite")
        #expect(throws: AuditError.notAStore(text.path, reason: "it is not an SQLite database")) {
            try AuditStore(at: text)
        }
        let newer = folder.file("newer.sqlite")
        let store = try AuditStore(at: newer)
        try store.write { try $0.execute(sql: "INSERT INTO grdb_migrations VALUES ('v99 something')") }
        try store.close()
        #expect(throws: AuditError.newerSchema(newer.path)) { try AuditStore(at: newer) }
    }

    /// Writes that arrive while a transaction is under way share the next one.
    @Test func groupsCommits() throws {
        let folder = try TemporaryFolder()
        let store = try store(in: folder)
        let commits = CommitCounter()
        store.pool.add(transactionObserver: commits, extent: .observerLifetime)
        let (gate, begun) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
        store.queue.submit(
            { _ in
                begun.signal()
                gate.wait()
                return 0
            }, done: { _ in })
        begun.wait()
        let group = DispatchGroup()
        for number in 0..<100 {
            group.enter()
            store.add(Self.feedback(number)) { _ in group.leave() }
        }
        gate.signal()
        group.wait()
        #expect(commits.count == 2)  // that which held up the others, and theirs
        #expect(try store.feedback(limit: 200).count == 100)
    }

    @Test func acknowledgesOnlyWhatOthersSee() throws {
        let folder = try TemporaryFolder()
        let store = try store(in: folder)
        let other = try self.store(in: folder)
        for number in 0..<20 {
            let seen = Mutex<Int?>(nil)
            let group = DispatchGroup()
            group.enter()
            store.add(Self.feedback(number)) { _ in
                seen.withLock { $0 = try? other.feedback(limit: 100).count }
                group.leave()
            }
            group.wait()
            #expect(seen.withLock { $0 } == number + 1)
        }
    }

    @Test func refusesMoreThanItsQueueHolds() throws {
        let folder = try TemporaryFolder()
        let store = try store(in: folder) { $0.queueLimit = 8 }
        let gate = DispatchSemaphore(value: 0)
        let begun = DispatchSemaphore(value: 0)
        store.queue.submit(
            { _ in
                begun.signal()
                gate.wait()
                return 0
            }, done: { _ in })
        begun.wait()
        let results = Mutex<[Result<Int64, AuditError>]>([])
        let group = DispatchGroup()
        for number in 0..<10 {
            group.enter()
            store.add(Self.feedback(number)) { result in
                results.withLock { $0.append(result) }
                group.leave()
            }
        }
        // Those over the bound were answered at once.
        #expect(results.withLock { $0 } == [.failure(.busy(waiting: 8)), .failure(.busy(waiting: 8))])
        let decision = Decision(
            route: "r", detector: "d", detectorHash: "h", scores: [:], action: "pass", latency: .zero)
        #expect((0..<9).map { _ in store.record(decision) } == [Bool](repeating: true, count: 8) + [false])
        gate.signal()
        group.wait()
        try store.close()
        #expect(store.load.lostDecisions == 1)
        #expect(try self.store(in: folder).feedback().count == 8)
    }

    @Test func tellsEveryoneWhenATransactionFails() throws {
        let folder = try TemporaryFolder()
        let store = try store(in: folder)
        let gate = DispatchSemaphore(value: 0)
        store.queue.submit(
            { _ in
                gate.wait(); return 0
            }, done: { _ in })
        let results = Mutex<[Result<Int64, AuditError>]>([])
        let group = DispatchGroup()
        let note: @Sendable (Result<Int64, AuditError>) -> Void = { result in
            results.withLock { $0.append(result) }
            group.leave()
        }
        for _ in 0..<2 { group.enter() }
        store.add(Self.feedback(1), stored: note)
        store.queue.submit({ _ in throw DatabaseError(resultCode: .SQLITE_FULL) }, done: note)
        gate.signal()
        group.wait()
        let full = AuditError.database(store.url.path, reason: "the disk is full")
        #expect(results.withLock { $0 } == [.failure(full), .failure(full)])
        #expect(try store.feedback().isEmpty)
    }

    @Test func closingFinishesWhatWasAccepted() throws {
        let folder = try TemporaryFolder()
        let store = try store(in: folder)
        for number in 0..<50 { store.add(Self.feedback(number)) { _ in } }
        try store.close()
        #expect(try self.store(in: folder).feedback(limit: 100).count == 50)
        let refused = Mutex<AuditError?>(nil)
        store.add(Self.feedback(1)) { result in
            if case .failure(let error) = result { refused.withLock { $0 = error } }
        }
        #expect(refused.withLock { $0 } == .closed)
    }

    @Test func refusesFeedbackThatSaysNothing() async throws {
        let store = try store(in: try TemporaryFolder())
        await #expect(throws: AuditError.invalid(what: "suggestion", reason: "it gives no score")) {
            try await store.add(Feedback(.suggestion, text: "x"))
        }
        await #expect(throws: AuditError.invalid(what: "flag", reason: "the score of 'a' is not in 0...1")) {
            try await store.add(Feedback(.flag, text: "x", suggested: ["a": .nan]))
        }
    }

    private final class CommitCounter: TransactionObserver {
        private(set) var count = 0
        func observes(eventsOfKind eventKind: DatabaseEventKind) -> Bool { true }
        func databaseDidChange(with event: DatabaseEvent) {}
        func databaseDidCommit(_ db: Database) { count += 1 }
        func databaseDidRollback(_ db: Database) {}
    }
}
