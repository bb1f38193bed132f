import GRDB

/// The tables, and how older stores become newer ones. A migration that was released is never changed: add one.
///
/// Times are whole milliseconds since 1970. JSON columns have sorted keys.
enum AuditSchema {
    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("v1 feedback, keys, decisions, thresholds") { db in
            try db.create(table: "key") { table in
                table.autoIncrementedPrimaryKey("id")
                table.column("label", .text).notNull()
                table.column("hash", .text).notNull().unique()
                table.column("created", .integer).notNull()
                table.column("quotaPerSecond", .double)
                table.column("isDisabled", .boolean).notNull().defaults(to: false)
            }
            // A key's row may go while its feedback stays, so that nothing refers to it.
            try db.create(table: "feedback") { table in
                table.autoIncrementedPrimaryKey("id")
                table.column("kind", .text).notNull()
                table.column("time", .integer).notNull()
                table.column("text", .text)
                table.column("textHash", .text)
                table.column("context", .text)
                table.column("languages", .text)
                table.column("suggested", .text).notNull()
                table.column("spans", .text)
                table.column("subject", .text).notNull()
                table.column("reason", .text)
                table.column("scores", .text)
                table.column("detector", .text)
                table.column("detectorHash", .text)
                table.column("community", .text)
                table.column("session", .text)
                table.column("clientToken", .text)
                table.column("keyID", .integer)
                table.column("status", .text).notNull()
                table.column("reviewer", .text)
                table.column("note", .text)
                table.column("reviewedAt", .integer)
            }
            try db.create(index: "feedbackByStatus", on: "feedback", columns: ["status", "kind", "id"])
            try db.create(index: "feedbackByCommunity", on: "feedback", columns: ["community", "id"])
            try db.execute(
                sql: "CREATE INDEX feedbackByToken ON feedback(clientToken) WHERE clientToken IS NOT NULL")
            try db.create(table: "decision") { table in
                table.autoIncrementedPrimaryKey("id")
                table.column("time", .integer).notNull()
                table.column("route", .text).notNull()
                table.column("detector", .text).notNull()
                table.column("detectorHash", .text).notNull()
                table.column("scores", .text).notNull()
                table.column("action", .text).notNull()
                table.column("stage", .text)
                table.column("rule", .text)
                table.column("keyID", .integer)
                table.column("community", .text)
                table.column("microseconds", .integer).notNull()
                table.column("text", .text)
                table.column("textHash", .text)
            }
            try db.create(index: "decisionByTime", on: "decision", columns: ["time"])
            try db.create(table: "threshold") { table in
                table.column("community", .text).notNull()  // "" stands for all together
                table.column("attribute", .text).notNull()
                table.column("threshold", .double).notNull()
                table.column("low", .double).notNull()
                table.column("high", .double).notNull()
                table.column("goal", .text).notNull()
                table.column("texts", .integer).notNull()
                table.column("positives", .integer).notNull()
                table.column("detector", .text).notNull()
                table.column("detectorHash", .text).notNull()
                table.column("learntAt", .integer).notNull()
                table.primaryKey(["community", "attribute"])
            }
        }
        // Quotas count by the minute, as Perspective's do; some keys open the operator's page.
        migrator.registerMigration("v2 quotas a minute, operators' keys") { db in
            try db.alter(table: "key") { table in
                table.add(column: "perMinute", .integer)
                table.add(column: "role", .text).notNull().defaults(to: "client")
            }
            try db.execute(
                sql: "UPDATE key SET perMinute = max(1, CAST(round(quotaPerSecond * 60) AS INTEGER)) "
                    + "WHERE quotaPerSecond IS NOT NULL")
            try db.alter(table: "key") { $0.drop(column: "quotaPerSecond") }
        }
        return migrator
    }
}
