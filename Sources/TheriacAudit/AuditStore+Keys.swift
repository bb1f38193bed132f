public import Foundation
import GRDB
import Synchronization

extension AuditStore {
    /// Makes a key. The secret is returned here and never again: only its hash is stored.
    /// - Parameters:
    ///   - label: whose it is; not empty, not that of another key in force.
    ///   - perMinute: requests a minute; nil for what the server's settings say.
    ///   - role: whether it also opens the operator's page.
    public func createKey(
        label: String, perMinute: Int? = nil, role: ServiceKey.Role = .client, time: Date = Date()
    ) throws -> (key: ServiceKey, secret: String) {
        guard !label.isEmpty, label.utf8.count <= 200 else {
            throw AuditError.invalid(what: "key", reason: "its label must have 1 to 200 bytes")
        }
        if let perMinute, perMinute < 1 {
            throw AuditError.invalid(what: "key", reason: "its quota must be at least one request a minute")
        }
        let secret = ServiceKey.makeSecret()
        let id = try write { db in
            let taken = try Bool.fetchOne(
                db, sql: "SELECT 1 FROM key WHERE label = ? AND NOT isDisabled", arguments: [label])
            guard taken == nil else {
                throw AuditError.invalid(
                    what: "key",
                    reason: "another key in force has its label; disable that one or choose another")
            }
            try db.execute(
                sql: "INSERT INTO key (label, hash, created, perMinute, role) VALUES (?, ?, ?, ?, ?)",
                arguments: [
                    label, ServiceKey.hash(of: secret), time.milliseconds, perMinute, role.rawValue,
                ])
            return db.lastInsertedRowID
        }
        keyCache.withLock { $0 = nil }
        let key = ServiceKey(
            id: id, label: label, created: Date(milliseconds: time.milliseconds), perMinute: perMinute,
            role: role)
        return (key, secret)
    }

    /// All keys, the oldest first, disabled ones too.
    public func keys() throws -> [ServiceKey] { try storedKeys().map(\.key) }

    /// Ends or renews what a key allows. Servers notice within a second or two.
    public func setKey(_ id: Int64, disabled: Bool) throws {
        try write { db in
            try db.execute(sql: "UPDATE key SET isDisabled = ? WHERE id = ?", arguments: [disabled, id])
            if db.changesCount == 0 { throw AuditError.unknownRows(what: "key", ids: [id]) }
        }
        keyCache.withLock { $0 = nil }
    }

    /// The keys in force, read again when the last reading is older than `age`: cheap enough for every request.
    public func keyRing(maximumAge age: Duration = .seconds(1)) throws -> KeyRing {
        let now = ContinuousClock.now
        if let cached = keyCache.withLock({ $0 }), now - cached.read <= age { return cached.ring }
        let ring = KeyRing(try storedKeys())
        keyCache.withLock { $0 = (ring, now) }
        return ring
    }

    private func storedKeys() throws -> [(hash: String, key: ServiceKey)] {
        try read { db in
            try Row.fetchAll(db, sql: "SELECT * FROM key ORDER BY id").map { row in
                let key = ServiceKey(
                    id: row["id"], label: row["label"], created: Date(milliseconds: row["created"]),
                    perMinute: row["perMinute"],
                    role: ServiceKey.Role(rawValue: row["role"]) ?? .client, isDisabled: row["isDisabled"])
                return (row["hash"], key)
            }
        }
    }
}
