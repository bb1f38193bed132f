import Dispatch
public import Foundation
import GRDB
import Synchronization

extension AuditStore {
    /// Stores feedback and returns its number once it is on the disk.
    /// - Throws: ``AuditError/busy(waiting:)`` when too many writes wait, ``AuditError/invalid(what:reason:)``.
    @discardableResult
    public func add(_ feedback: Feedback) async throws -> Int64 {
        try await withCheckedThrowingContinuation { continuation in
            add(feedback) { continuation.resume(with: $0) }
        }
    }

    /// As ``add(_:)``, calling `stored` from a thread of the store once the feedback is on the disk, or refused.
    public func add(_ feedback: Feedback, stored: @escaping @Sendable (Result<Int64, AuditError>) -> Void) {
        do throws(AuditError) {
            try feedback.check()
        } catch {
            return stored(.failure(error))
        }
        queue.submit({ try feedback.insert(into: $0) }, done: stored)
    }

    /// Stores several together and waits until they are on the disk, or refused: one result each, in order.
    public func addAll(_ feedback: [Feedback]) -> [Result<Int64, AuditError>] {
        let results = Mutex([Result<Int64, AuditError>?](repeating: nil, count: feedback.count))
        let group = DispatchGroup()
        for (place, one) in feedback.enumerated() {
            group.enter()
            add(one) { result in
                results.withLock { $0[place] = result }
                group.leave()
            }
        }
        group.wait()
        return results.withLock { $0 }.map { $0 ?? .failure(.closed) }
    }

    /// The newest first.
    /// - Parameter before: only numbers below this one, for the next page.
    public func feedback(
        _ filter: FeedbackFilter = FeedbackFilter(), limit: Int = 100, before: Int64? = nil
    ) throws -> [Feedback] {
        var (condition, arguments) = filter.sql
        if let before {
            condition += " AND id < ?"
            arguments += [before]
        }
        return try read { db in
            try Row.fetchAll(
                db, sql: "SELECT * FROM feedback WHERE \(condition) ORDER BY id DESC LIMIT \(max(0, limit))",
                arguments: arguments
            ).map(Feedback.init(row:))
        }
    }

    /// Calls `body` with each, the oldest first, holding one at a time, as the store was when it began.
    public func forEachFeedback(
        _ filter: FeedbackFilter = FeedbackFilter(), _ body: (Feedback) throws -> Void
    ) throws {
        let (condition, arguments) = filter.sql
        // The body's own errors must come out as they are.
        var failure: (any Error)?
        try read { db in
            let rows = try Row.fetchCursor(
                db, sql: "SELECT * FROM feedback WHERE \(condition) ORDER BY id", arguments: arguments)
            while failure == nil, let row = try rows.next() {
                do { try body(try Feedback(row: row)) } catch { failure = error }
            }
        }
        if let failure { throw failure }
    }

    /// How much there is of each kind and status.
    public func feedbackCounts() throws -> [(kind: Feedback.Kind, status: Feedback.Status, count: Int)] {
        try read { db in
            try Row.fetchAll(
                db,
                sql:
                    "SELECT kind, status, count(*) AS n FROM feedback GROUP BY kind, status ORDER BY kind, status"
            ).compactMap { row in
                guard let kind = Feedback.Kind(rawValue: row["kind"]),
                    let status = Feedback.Status(rawValue: row["status"])
                else { return nil }
                return (kind, status, row["n"])
            }
        }
    }

    /// Sets the status of some feedback, all or none.
    /// - Parameter reviewer: who decided.
    /// - Throws: ``AuditError/unknownRows(what:ids:)``.
    public func review(
        _ ids: [Int64], as status: Feedback.Status, reviewer: String?, note: String? = nil,
        time: Date = Date()
    ) throws {
        try write { db in
            let statement = try db.makeStatement(sql: Self.reviewSQL + "id = ?")
            var unknown: [Int64] = []
            for id in ids {
                try statement.execute(arguments: [status.rawValue, reviewer, note, time.milliseconds, id])
                if db.changesCount == 0 { unknown.append(id) }
            }
            if !unknown.isEmpty { throw AuditError.unknownRows(what: "feedback", ids: unknown) }
        }
    }

    /// Sets the status of all feedback that the filter lets through. Returns how much that is.
    public func review(
        _ filter: FeedbackFilter, as status: Feedback.Status, reviewer: String?, note: String? = nil,
        time: Date = Date()
    ) throws -> Int {
        let (condition, arguments) = filter.sql
        return try write { db in
            try db.execute(
                sql: Self.reviewSQL + condition,
                arguments: [status.rawValue, reviewer, note, time.milliseconds] + arguments)
            return db.changesCount
        }
    }

    private static let reviewSQL =
        "UPDATE feedback SET status = ?, reviewer = ?, note = ?, reviewedAt = ? WHERE "

    /// Deletes what a client sent under a token of its own. Returns how much that was.
    /// - Parameter keyID: the client's key: nobody deletes what came with another.
    public func deleteFeedback(clientToken: String, keyID: Int64?) throws -> Int {
        try write { db in
            try db.execute(
                sql: "DELETE FROM feedback WHERE clientToken = ? AND keyID IS ?",
                arguments: [clientToken, keyID])
            return db.changesCount
        }
    }

    /// Deletes feedback from before a time, whatever its status. Returns how much that was.
    public func purgeFeedback(olderThan time: Date) throws -> Int {
        try purge("feedback", olderThan: time)
    }

    /// Deletes and then empties the write-ahead file, which still holds what was deleted.
    func purge(_ table: String, olderThan time: Date) throws -> Int {
        let count = try write { db in
            try db.execute(sql: "DELETE FROM \(table) WHERE time < ?", arguments: [time.milliseconds])
            return db.changesCount
        }
        try wrapCheckpoint()
        return count
    }

    private func wrapCheckpoint() throws {
        do {
            try pool.writeWithoutTransaction { _ = try $0.checkpoint(.truncate) }
        } catch let error as DatabaseError where error.resultCode == .SQLITE_BUSY {
            // A reader is still on the old pages; the next checkpoint takes them.
        } catch {
            throw AuditError(error, path: url.path)
        }
    }
}

extension FeedbackFilter {
    /// A condition for `WHERE`, true of everything when nothing is asked.
    var sql: (condition: String, arguments: StatementArguments) {
        var conditions = ["1"]
        var arguments = StatementArguments()
        func add(_ condition: String, _ value: (any DatabaseValueConvertible)?) {
            guard let value else { return }
            conditions.append(condition)
            arguments += [value]
        }
        add("kind = ?", kind?.rawValue)
        add("status = ?", status?.rawValue)
        add("community = ?", community)
        add("keyID = ?", keyID)
        add("time >= ?", since?.milliseconds)
        add("time < ?", until?.milliseconds)
        switch trust {
        case nil: break
        case .accepted?: conditions.append("status = 'accepted'")
        case .unrejected?:
            conditions.append("(status = 'accepted' OR (status = 'open' AND kind = 'suggestion'))")
        }
        return (conditions.joined(separator: " AND "), arguments)
    }
}
