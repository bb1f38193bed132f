import Foundation
import GRDB

/// How feedback stands in its table.
extension Feedback {
    private static let columns = [
        "kind", "time", "text", "textHash", "context", "languages", "suggested", "spans", "subject", "reason",
        "scores", "detector", "detectorHash", "community", "session", "clientToken", "keyID", "status",
        "reviewer",
        "note", "reviewedAt",
    ]

    private static let insertion =
        "INSERT INTO feedback (\(columns.joined(separator: ", "))) VALUES "
        + "(\(columns.map { _ in "?" }.joined(separator: ", ")))"

    func insert(into db: Database) throws -> Int64 {
        let statement = try db.cachedStatement(sql: Self.insertion)
        let first: StatementArguments = [
            kind.rawValue, time.milliseconds, text.map(StoredText.init), textHash,
            try JSONColumn.write(context),
            try JSONColumn.write(languages), try JSONColumn.write(suggested) ?? "{}",
            try JSONColumn.write(spans), subject.rawValue, reason.map(StoredText.init),
        ]
        let rest: StatementArguments = [
            try JSONColumn.write(scores), detector, detectorHash, community, session, clientToken, keyID,
            status.rawValue, reviewer, note, reviewedAt?.milliseconds,
        ]
        try statement.execute(arguments: first + rest)
        return db.lastInsertedRowID
    }

    init(row: Row) throws {
        self.init(
            kind: Kind(rawValue: row["kind"]) ?? .flag, time: Date(milliseconds: row["time"]),
            suggested: try JSONColumn.read(row["suggested"]) ?? [:])
        id = row["id"]
        text = (row["text"] as StoredText?)?.text
        textHash = row["textHash"]
        context = try JSONColumn.read(row["context"]) ?? []
        languages = try JSONColumn.read(row["languages"]) ?? []
        spans = try JSONColumn.read(row["spans"]) ?? []
        subject = Subject(rawValue: row["subject"]) ?? .comment
        reason = (row["reason"] as StoredText?)?.text
        scores = try JSONColumn.read(row["scores"]) ?? [:]
        detector = row["detector"]
        detectorHash = row["detectorHash"]
        community = row["community"]
        session = row["session"]
        clientToken = row["clientToken"]
        keyID = row["keyID"]
        status = Status(rawValue: row["status"]) ?? .open
        reviewer = row["reviewer"]
        note = row["note"]
        reviewedAt = (row["reviewedAt"] as Int64?).map(Date.init(milliseconds:))
    }
}

/// A user's text in a column. SQLite's strings end at a null character, so that a text with one is stored as bytes.
struct StoredText: DatabaseValueConvertible {
    let text: String

    init(_ text: String) { self.text = text }

    var databaseValue: DatabaseValue {
        text.utf8.contains(0) ? Data(text.utf8).databaseValue : text.databaseValue
    }

    static func fromDatabaseValue(_ value: DatabaseValue) -> StoredText? {
        String.fromDatabaseValue(value).map(StoredText.init)
    }
}

/// Lists and groups in one column, as JSON with sorted keys. What is empty is NULL.
enum JSONColumn {
    static func write(_ value: some Encodable & Collection) throws -> String? {
        guard !value.isEmpty else { return nil }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }

    static func read<Value: Decodable>(_ text: String?) throws -> Value? {
        guard let text else { return nil }
        do {
            return try JSONDecoder().decode(Value.self, from: Data(text.utf8))
        } catch {
            throw AuditError.invalid(
                what: "stored row", reason: "a column of it is not the JSON it should be")
        }
    }
}
