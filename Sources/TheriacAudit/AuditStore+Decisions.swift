public import Foundation
import GRDB

extension AuditStore {
    /// Stores a decision some time soon (a fifth of a second, or sooner under load), without waiting for it.
    /// - Returns: false when the queue is full; it is then counted as lost and not stored.
    @discardableResult
    public func record(_ decision: Decision) -> Bool {
        var decision = decision
        if decision.doNotStore {
            (decision.text, decision.textHash) = (nil, nil)
        } else {
            if decision.textHash == nil { decision.textHash = decision.text.map(Feedback.hash(of:)) }
            if !settings.keepsTexts { decision.text = nil }
        }
        return queue.submitQuietly { [decision] in try decision.insert(into: $0) }
    }

    /// The newest first.
    public func decisions(since: Date? = nil, limit: Int = 100) throws -> [Decision] {
        try read { db in
            try Row.fetchAll(
                db, sql: "SELECT * FROM decision WHERE time >= ? ORDER BY id DESC LIMIT ?",
                arguments: [since?.milliseconds ?? .min, max(0, limit)]
            ).map(Decision.init(row:))
        }
    }

    /// How often each route did what, the most frequent first.
    public func decisionCounts(since: Date) throws -> [(route: String, action: String, count: Int)] {
        try read { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT route, action, count(*) AS n FROM decision WHERE time >= ?
                    GROUP BY route, action ORDER BY n DESC, route, action
                    """, arguments: [since.milliseconds]
            ).map { ($0["route"], $0["action"], $0["n"]) }
        }
    }

    /// How an attribute's scores were distributed in each stretch of `interval` seconds since `since`, oldest first.
    /// Stretches without a score are left out.
    public func scoreDistributions(
        of attribute: String, since: Date, interval: TimeInterval
    ) throws -> [ScoreDistribution] {
        let step = max(1, Int64(interval * 1000))
        let rows = try read { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT (time - ?1) / ?2 AS stretch, min(9, max(0, CAST(score * 10 AS INTEGER))) AS bin, count(*) AS n
                    FROM (SELECT time, json_extract(scores, ?3) AS score FROM decision WHERE time >= ?1)
                    WHERE score IS NOT NULL GROUP BY stretch, bin ORDER BY stretch
                    """,
                arguments: [since.milliseconds, step, "$.\"\(attribute.replacing("\"", with: ""))\""])
        }
        var result: [ScoreDistribution] = []
        for row in rows {
            let start = Date(milliseconds: since.milliseconds + step * (row["stretch"] as Int64))
            if result.last?.start != start {
                result.append(ScoreDistribution(start: start, counts: [Int](repeating: 0, count: 10)))
            }
            result[result.count - 1].counts[row["bin"]] = row["n"]
        }
        return result
    }

    /// Deletes decisions from before a time. Returns how many that were.
    public func purgeDecisions(olderThan time: Date) throws -> Int { try purge("decision", olderThan: time) }
}

extension Decision {
    private static let insertion = """
        INSERT INTO decision (time, route, detector, detectorHash, scores, action, stage, rule, keyID, community,
        microseconds, text, textHash) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """

    func insert(into db: Database) throws -> Int64 {
        let (seconds, attoseconds) = latency.components
        let arguments: StatementArguments = [
            time.milliseconds, route, detector, detectorHash, try JSONColumn.write(scores) ?? "{}", action,
            stage,
            rule, keyID, community, seconds * 1_000_000 + attoseconds / 1_000_000_000_000,
            text.map(StoredText.init), textHash,
        ]
        try db.cachedStatement(sql: Self.insertion).execute(arguments: arguments)
        return db.lastInsertedRowID
    }

    init(row: Row) throws {
        self.init(
            route: row["route"], detector: row["detector"], detectorHash: row["detectorHash"],
            scores: try JSONColumn.read(row["scores"]) ?? [:], action: row["action"],
            latency: .microseconds(row["microseconds"] as Int64), time: Date(milliseconds: row["time"]))
        id = row["id"]
        stage = row["stage"]
        rule = row["rule"]
        keyID = row["keyID"]
        community = row["community"]
        text = (row["text"] as StoredText?)?.text
        textHash = row["textHash"]
    }
}
