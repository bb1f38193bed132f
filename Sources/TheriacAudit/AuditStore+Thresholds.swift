import Foundation
import GRDB

extension AuditStore {
    /// Puts learnt thresholds in place of all that were stored.
    public func replaceThresholds(_ thresholds: [CommunityThreshold]) throws {
        try write { db in
            try db.execute(sql: "DELETE FROM threshold")
            for one in thresholds {
                try db.execute(
                    sql: "INSERT INTO threshold VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    arguments: [
                        one.community ?? "", one.attribute, one.threshold, one.low, one.high, one.goal,
                        one.texts,
                        one.positives, one.detector, one.detectorHash, one.learntAt.milliseconds,
                    ])
            }
        }
    }

    /// All stored thresholds, those of all communities together first.
    public func thresholds() throws -> [CommunityThreshold] {
        try read { db in
            try Row.fetchAll(db, sql: "SELECT * FROM threshold ORDER BY community, attribute").map { row in
                let community: String = row["community"]
                return CommunityThreshold(
                    community: community.isEmpty ? nil : community, attribute: row["attribute"],
                    threshold: row["threshold"], low: row["low"], high: row["high"], goal: row["goal"],
                    texts: row["texts"], positives: row["positives"], detector: row["detector"],
                    detectorHash: row["detectorHash"], learntAt: Date(milliseconds: row["learntAt"]))
            }
        }
    }

    /// What holds for a community by attribute: its own thresholds, and those of all together for the rest. Only such as
    /// were learnt from scores of the detector with this hash: another's scores mean something else.
    public func thresholds(for community: String?, detectorHash: String) throws -> [String: Double] {
        var result: [String: Double] = [:]
        for one in try thresholds() where one.detectorHash == detectorHash {
            if one.community == nil || one.community == community { result[one.attribute] = one.threshold }
        }
        return result
    }
}
