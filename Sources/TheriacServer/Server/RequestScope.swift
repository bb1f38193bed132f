internal import Foundation
internal import HTTPTypes
internal import NIOCore
internal import Synchronization

/// What a server is made of at one moment. A reload makes a new one; requests keep the one they began with.
final class ServerState: Sendable {
    let settings: ServerSettings
    let keys: KeyRing
    let catalog: DetectorCatalog
    let routes: RouteTable
    /// The policy with its detectors; nil when none is named.
    let gate: PolicyGate?
    /// Somebody else's server behind this one; nil when none is named.
    let upstream: UpstreamGuard?

    init(
        settings: ServerSettings, keys: KeyRing, catalog: DetectorCatalog, routes: RouteTable,
        gate: PolicyGate? = nil, upstream: UpstreamGuard? = nil
    ) {
        self.settings = settings
        self.keys = keys
        self.catalog = catalog
        self.routes = routes
        self.gate = gate
        self.upstream = upstream
    }
}

/// What outlives reloads.
final class ServerServices: Sendable {
    let metrics: ServerMetrics
    let feedback: any FeedbackSink
    let decisions: any DecisionSink
    /// nil where no language model is served.
    let generation: GenerationHost?
    let quota = Quota()
    let started = Date()
    private let lastCallFailed = Atomic<Bool>(false)
    private let serial = Atomic<UInt64>(.random(in: 0 ... .max))

    init(
        metrics: ServerMetrics, feedback: any FeedbackSink,
        decisions: any DecisionSink = CountingDecisionSink(), generation: GenerationHost? = nil
    ) {
        self.metrics = metrics
        self.decisions = decisions
        self.generation = generation
        self.feedback = feedback
    }

    /// Whether the last call of a detector, and the last turn of a language model, went well.
    var isHealthy: Bool { !lastCallFailed.load(ordering: .relaxed) && generation?.isHealthy ?? true }

    func noteDetector(failed: Bool) {
        if lastCallFailed.load(ordering: .relaxed) != failed {
            lastCallFailed.store(failed, ordering: .relaxed)
        }
    }

    /// Names one request in answers and logs; unlike any other's, and not to be guessed from a neighbour's by eye.
    func nextRequest() -> UInt64 {
        var value = serial.wrappingAdd(0x9E37_79B9_7F4A_7C15, ordering: .relaxed).newValue
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}

/// Everything a route needs beside its request.
struct RequestScope: Sendable {
    let state: ServerState
    let services: ServerServices
    let number: UInt64
    /// Of the connection; nil where there is none.
    var channel: (any Channel)?

    var settings: ServerSettings { state.settings }
    var catalog: DetectorCatalog { state.catalog }
    var routes: RouteTable { state.routes }
    var requestID: String { String(number, radix: 16) }

    /// Calls `action` when the client goes away before it has its answer.
    func whenDisconnected(_ action: @escaping @Sendable () -> Void) {
        channel?.pipeline.handler(type: DisconnectWatch.self).whenSuccess { $0.whenGone(action) }
    }

    /// Who is asking.
    struct Caller: Sendable {
        /// The key's id; nil where no keys are asked for.
        var keyID: String?
    }

    /// Lets the caller in, or not: first the key, then the quota.
    ///
    /// - Parameter counts: whether the request takes from the quota.
    /// - Throws: ``ServerError``.
    @discardableResult
    func admit(_ request: ServerRequest, counts: Bool = true) throws(ServerError) -> Caller {
        var caller = Caller()
        var perMinute = settings.quota.requestsPerMinute
        if !state.keys.isEmpty {
            guard let key = request.key else { throw .missingKey }
            guard let entry = state.keys.entry(of: key) else { throw .unknownKey }
            caller.keyID = entry.id
            perMinute = entry.perMinute ?? perMinute
        }
        if counts, let perMinute {
            try services.quota.take(
                caller.keyID ?? "", perMinute: perMinute, burst: settings.quota.burst ?? perMinute)
        }
        return caller
    }
}
