public import Foundation
public import TheriacOptions

/// How often each key may ask; without keys, how often all callers together may.
public struct QuotaSettings: Options {
    /// nil: no limit.
    public var requestsPerMinute: Int?
    /// How many may come at once; nil: as many as in a minute.
    public var burst: Int?

    public init() {}

    public mutating func read(_ fields: inout OptionFields) throws(OptionsError) {
        try fields.read("requests-per-minute", into: &requestsPerMinute, in: 1...10_000_000)
        try fields.read("burst", into: &burst, in: 1...10_000_000)
    }
}

/// PEM files; both or none.
public struct TLSSettings: Options {
    public var certificate: URL?
    public var key: URL?

    public init() {}

    public mutating func read(_ fields: inout OptionFields) throws(OptionsError) {
        try fields.read("certificate", into: &certificate)
        try fields.read("key", into: &key)
    }
}

/// What a caller may ask for at most.
public struct LimitSettings: Options {
    /// UTF-8 bytes of one text; Perspective's own limit.
    public var textBytes = 20_480
    public var bodyBytes = 8 << 20
    public var batchBodyBytes = 32 << 20
    /// Calls in one batch, and texts in one request.
    public var batchParts = 1000
    public var headerBytes = 16 << 10
    public var connections = 1024
    /// How long a connection may do nothing.
    public var idleSeconds = 60
    /// How long a request may take to arrive, and an answer to be taken.
    public var transferSeconds = 30
    /// How long scoring may take, waiting included.
    public var deadlineSeconds = 10.0
    /// How long accepted requests have when the server stops.
    public var shutdownSeconds = 30

    public init() {}

    var deadline: Duration { .seconds(deadlineSeconds) }

    public mutating func read(_ fields: inout OptionFields) throws(OptionsError) {
        try fields.read("text-bytes", into: &textBytes, in: 1...(1 << 24))
        try fields.read("body-bytes", into: &bodyBytes, in: 1024...(1 << 30))
        try fields.read("batch-body-bytes", into: &batchBodyBytes, in: 1024...(1 << 30))
        try fields.read("batch-parts", into: &batchParts, in: 1...100_000)
        try fields.read("header-bytes", into: &headerBytes, in: 1024...(1 << 20))
        try fields.read("connections", into: &connections, in: 1...1_000_000)
        try fields.read("idle-seconds", into: &idleSeconds, in: 1...86_400)
        try fields.read("transfer-seconds", into: &transferSeconds, in: 1...86_400)
        try fields.read("deadline-seconds", into: &deadlineSeconds, in: 0.001...86_400)
        try fields.read("shutdown-seconds", into: &shutdownSeconds, in: 0...86_400)
    }
}

/// How texts for slow detectors are gathered.
public struct BatchingSettings: Options {
    public var texts = 64
    public var waitMilliseconds = 2.0
    public var queue = 1024

    public init() {}

    var limits: BatchingScorer.Limits {
        .init(texts: texts, wait: .milliseconds(waitMilliseconds), queue: queue)
    }

    public mutating func read(_ fields: inout OptionFields) throws(OptionsError) {
        try fields.read("texts", into: &texts, in: 1...4096)
        try fields.read("wait-ms", into: &waitMilliseconds, in: 0...10_000)
        try fields.read("queue", into: &queue, in: 1...1_000_000)
    }
}

/// Which web pages may call from a browser.
public struct CORSSettings: Options {
    /// Such as `https://forum.example`; `*` for all. None: browsers of other sites are refused.
    public var origins: [String] = []

    public init() {}

    public mutating func read(_ fields: inout OptionFields) throws(OptionsError) {
        try fields.read("origins", into: &origins)
    }
}

public struct PerspectiveSettings: Options {
    /// Leave attributes out that no detector here scores (FLIRTATION) instead of refusing the request.
    public var dropUnscored = false
    /// Detect the language of every text for `detectedLanguages`, also where the caller names it (about 0.1 ms a text).
    public var alwaysDetect = false

    public init() {}

    public mutating func read(_ fields: inout OptionFields) throws(OptionsError) {
        try fields.read("drop-unscored", into: &dropUnscored)
        try fields.read("always-detect", into: &alwaysDetect)
    }
}

/// From which score on a category of `/v1/moderations` is flagged.
public struct ModerationSettings: Options {
    /// For categories that `thresholds` does not name.
    public var threshold: Float = 0.5
    public var thresholds: [String: Float] = [:]

    public init() {}

    func threshold(_ category: String) -> Float { thresholds[category] ?? threshold }

    public mutating func read(_ fields: inout OptionFields) throws(OptionsError) {
        try fields.read("threshold", into: &threshold, in: 0...1)
        try fields.read("thresholds", into: &thresholds)
        let known = ModerationCategory.all.map(\.name)
        for (name, value) in thresholds.sorted(by: { $0.key < $1.key }) {
            guard known.contains(name) else {
                throw .unknown(
                    name: name, path: fields.pathOf("thresholds"),
                    suggestion: nearestName(to: name, among: known))
            }
            guard (0...1).contains(value) else {
                throw .outOfRange(
                    path: "\(fields.pathOf("thresholds")).\(name)", found: "\(value)", range: "0.0...1.0")
            }
        }
    }
}

public struct FeedbackSettings: Options {
    /// Hand the texts of suggested scores to the store, unless the caller says doNotStore.
    public var texts = false

    public init() {}

    public mutating func read(_ fields: inout OptionFields) throws(OptionsError) {
        try fields.read("texts", into: &texts)
    }
}

/// What of decisions the store records.
public struct AuditSettings: Options {
    /// `none`, `flagged` (what did anything but let a text pass) or `all` (a row for each scored text).
    public var decisions = AuditedDecisions.flagged
    /// Keep the texts of recorded decisions, unless the caller says doNotStore.
    public var texts = false

    public init() {}

    public mutating func read(_ fields: inout OptionFields) throws(OptionsError) {
        try fields.read("decisions", into: &decisions)
        try fields.read("texts", into: &texts)
    }
}

/// Which decisions are written into the store.
public enum AuditedDecisions: String, OptionReadable, CaseIterable { case none, flagged, all }

public struct LogSettings: Options {
    public enum Level: String, OptionReadable, CaseIterable { case debug, info, warning, error }

    public var level = Level.info
    /// A line a request: route, status, time. Never texts, keys or addresses with them.
    public var requests = false

    public init() {}

    public mutating func read(_ fields: inout OptionFields) throws(OptionsError) {
        try fields.read("level", into: &level)
        try fields.read("requests", into: &requests)
    }
}
