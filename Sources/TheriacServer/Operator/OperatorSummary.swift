internal import Foundation
internal import TheriacAudit

/// What the operator's page shows, as one value: the page draws it, `/operator/summary.json` is it.
///
/// Durations are milliseconds, estimated from histograms; what was not measured is null.
struct OperatorSummary: Encodable, Sendable {
    struct Server: Encodable, Sendable {
        var version: String
        var started: Date
        var now: Date
        /// Whether the last call of a detector went well.
        var isHealthy: Bool
        /// Keys in force; 0 where nobody is asked for one.
        var keys: Int
        var requestsPerMinute: Int?
        var hasStore: Bool
        /// Which decisions the store records.
        var recordedDecisions: String
        /// Whether texts of decisions, and of suggested scores, are kept.
        var keepsDecisionTexts: Bool
        var keepsFeedbackTexts: Bool
        /// Writes that wait for the disk, and decisions that could not be recorded.
        var waitingWrites: Int
        var lostDecisions: Int
        /// The policy that texts of models are judged by; nil when there is none.
        var policy: String?
        /// Settings that were changed and read again, and hold after a restart only.
        var waitForRestart: [String]
    }

    struct Point: Encodable, Sendable {
        var start: Date
        var answered: Int
        var refused: Int
        var limited: Int
        var failed: Int
        var median: Double?
        var percentile99: Double?

        var requests: Int { answered + refused + limited + failed }
    }

    struct RouteRow: Encodable, Sendable {
        var route: String
        var requests: Int
        var refused: Int
        var limited: Int
        var failed: Int
        var median: Double?
        var percentile99: Double?
    }

    struct AttributeRow: Encodable, Sendable {
        var attribute: String
        var texts: Int
        /// From the bins' middles.
        var mean: Double?
        /// Share of texts from 0.5 on, and from 0.9 on.
        var fromHalf: Double?
        var fromNineTenths: Double?
        /// By stretch of time, then 20 bins of 0...1.
        var histograms: [[Int]]
    }

    struct FeedbackCount: Encodable, Sendable {
        var kind: String
        var open = 0
        var accepted = 0
        var rejected = 0
    }

    struct Item: Encodable, Sendable {
        var id: Int64
        var kind: String
        var subject: String
        var time: Date
        /// nil when it was not kept.
        var text: String?
        var reason: String?
        var suggested: [String: Double]
        var scores: [String: Double]
        var community: String?
        var detector: String?
    }

    struct DecisionRow: Encodable, Sendable {
        var time: Date
        var route: String
        var stage: String?
        var action: String
        var rule: String?
        var community: String?
        /// The highest score, with its attribute.
        var attribute: String?
        var score: Double?
    }

    struct DetectorRow: Encodable, Sendable {
        var name: String
        var version: String
        var hash: String
        var trainingHash: String
        var attributes: [String]
        /// Empty for all.
        var languages: [String]
        var isDefault: Bool
        var waiting: Int
        /// In Markdown; nil when it has none here.
        var card: String?
    }

    struct CategoryThreshold: Encodable, Sendable {
        var category: String
        var threshold: Double
        /// Whether the settings name this category.
        var isSet: Bool
        /// Whether the default detector measures it.
        var isMeasured: Bool
    }

    struct LearntThreshold: Encodable, Sendable {
        /// nil for all communities together.
        var community: String?
        var attribute: String
        var threshold: Double
        var low: Double
        var high: Double
        var goal: String
        var texts: Int
        var positives: Int
        var detector: String
        /// Whether the detector it was learnt from is loaded: else it holds for nothing.
        var isInForce: Bool
    }

    var server: Server
    var range: HistoryRange
    var traffic: [Point]
    var routes: [RouteRow]
    var scores: [AttributeRow]
    var feedback: [FeedbackCount]
    /// The newest that wait for a decision.
    var open: [Item]
    var decisions: [DecisionRow]
    var detectors: [DetectorRow]
    var moderation: [CategoryThreshold]
    var communities: [LearntThreshold]
    /// Whether the store could not be read.
    var isStoreUnreadable = false

    var openCount: Int { feedback.reduce(0) { $0 + $1.open } }
}
