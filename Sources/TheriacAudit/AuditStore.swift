public import Foundation
import GRDB
import Synchronization

/// The server's memory in one SQLite file: feedback, keys, decisions and communities' thresholds.
///
/// The file is in write-ahead mode, so that readers and one writer do not wait for each other, and several programs may
/// have it open: `theriac feedback review` works while the server runs. A commit waits for the disk
/// (`synchronous=FULL`); writes of the same moment share one commit. Deleted content is overwritten with zeros.
///
/// Calls without `async` block; all may be made from any thread.
public final class AuditStore: Sendable {
    /// How a store is opened.
    public struct Settings: Sendable {
        /// Makes the file when there is none.
        public var create = true
        /// Stores the texts of decisions; off, only their hashes are. Requests that forbid it win.
        public var keepsTexts = false
        /// Writes of each sort that may wait; more are refused with ``AuditError/busy(waiting:)``.
        public var queueLimit = 16_384

        public init() {}
    }

    public let url: URL
    let pool: DatabasePool
    let queue: CommitQueue
    let settings: Settings
    let keyCache = Mutex<(ring: KeyRing, read: ContinuousClock.Instant)?>(nil)

    /// Opens or makes the store at `url`, with a file that only its owner can read.
    /// - Throws: ``AuditError``.
    public init(at url: URL, settings: Settings = Settings()) throws {
        self.url = url
        self.settings = settings
        do {
            try Self.prepareFile(url, create: settings.create)
            var configuration = Configuration()
            configuration.busyMode = .timeout(5)
            configuration.label = "theriac.audit"
            pool = try DatabasePool(path: url.path, configuration: configuration)
            try pool.writeWithoutTransaction { db in
                // After opening, because GRDB sets NORMAL when it turns write-ahead mode on.
                try db.execute(
                    sql: "PRAGMA synchronous = FULL; PRAGMA fullfsync = ON; PRAGMA secure_delete = ON")
            }
            let migrator = AuditSchema.migrator
            if try pool.read(migrator.hasBeenSuperseded) { throw AuditError.newerSchema(url.path) }
            try migrator.migrate(pool)
        } catch {
            throw AuditError(error, path: url.path)
        }
        queue = CommitQueue(pool, path: url.path, limit: settings.queueLimit)
    }

    private static func prepareFile(_ url: URL, create: Bool) throws {
        if FileManager.default.fileExists(atPath: url.path) { return }
        guard create else { throw AuditError.noStore(url.path) }
        // An empty file is a new database to SQLite, and its companions take over its permissions.
        let descriptor = open(url.path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw AuditError.notAStore(url.path, reason: "it cannot be made; does its folder exist?")
        }
        Foundation.close(descriptor)
    }

    /// Waits for all accepted writes, takes no more, and closes the file.
    public func close() throws {
        queue.finish(closing: true)
        try wrap { try pool.close() }
    }

    /// Waits until everything written so far is on the disk.
    public func flush() { queue.finish(closing: false) }

    /// Writes that wait for the disk, and decisions that found the queue full (or the disk failing) and were not stored.
    public var load: (waiting: Int, lostDecisions: Int) { (queue.waiting, queue.lost) }

    /// Checks the whole file. Returns nil when it is sound, else what SQLite found first.
    public func damage() throws -> String? {
        let found = try read { try String.fetchOne($0, sql: "PRAGMA integrity_check(1)") }
        return found == "ok" ? nil : found ?? "the check gave no answer"
    }

    func read<Value>(_ body: (Database) throws -> Value) throws -> Value { try wrap { try pool.read(body) } }

    func write<Value>(_ body: (Database) throws -> Value) throws -> Value {
        try wrap { try pool.write(body) }
    }

    private func wrap<Value>(_ body: () throws -> Value) throws -> Value {
        do {
            return try body()
        } catch {
            throw AuditError(error, path: url.path)
        }
    }
}

extension Date {
    /// Whole milliseconds since 1970, as the store counts time.
    var milliseconds: Int64 { Int64((timeIntervalSince1970 * 1000).rounded()) }

    init(milliseconds: Int64) { self.init(timeIntervalSince1970: Double(milliseconds) / 1000) }
}
