internal import Foundation
internal import HTTPTypes
internal import NIOCore
internal import Synchronization
internal import TheriacAudit

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
    /// Settings that were read again, and hold after a restart only.
    let waiting: [String]

    init(
        settings: ServerSettings, keys: KeyRing, catalog: DetectorCatalog, routes: RouteTable,
        gate: PolicyGate? = nil, upstream: UpstreamGuard? = nil, waiting: [String] = []
    ) {
        self.settings = settings
        self.keys = keys
        self.catalog = catalog
        self.routes = routes
        self.gate = gate
        self.upstream = upstream
        self.waiting = waiting
    }
}

/// What outlives reloads.
final class ServerServices: Sendable {
    let metrics: ServerMetrics
    let feedback: any FeedbackSink
    /// Where decisions of the policy go: to the store where there is one.
    let decisions: any DecisionSink
    let store: AuditStore?
    /// nil without a store.
    let storedDecisions: StoredDecisions?
    /// nil where no language model is served.
    let generation: GenerationHost?
    let sessions = OperatorSessions()
    let quota = Quota()
    let started = Date()
    private let lastCallFailed = Atomic<Bool>(false)
    private let serial = Atomic<UInt64>(.random(in: 0 ... .max))

    init(
        metrics: ServerMetrics, feedback: any FeedbackSink,
        decisions: any DecisionSink = CountingDecisionSink(), store: AuditStore? = nil,
        storedDecisions: StoredDecisions? = nil, generation: GenerationHost? = nil
    ) {
        self.metrics = metrics
        self.feedback = store.map { StoredFeedback(store: $0) } ?? feedback
        self.decisions = storedDecisions ?? decisions
        self.store = store
        self.storedDecisions = storedDecisions
        self.generation = generation
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
    /// The operator asks, through the page: no key and no quota.
    var isOperator = false
    /// When the batch ends that the request is a part of; nil: it is none. Parts cannot be streamed.
    var batchDeadline: ContinuousClock.Instant?

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
        /// The key's label; nil where no keys are asked for.
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
        if isOperator { return caller }
        let stored = try storedKeys()
        if try asksForKeys() {
            guard let key = request.key else { throw .missingKey }
            guard let entry = state.keys.key(for: key) ?? stored.key(for: key) else { throw .unknownKey }
            caller.keyID = entry.label
            perMinute = entry.perMinute ?? perMinute
        }
        if counts, let perMinute {
            try services.quota.take(
                caller.keyID ?? "", perMinute: perMinute, burst: settings.quota.burst ?? perMinute)
        }
        return caller
    }

    /// Whether callers must show a key of this server.
    func asksForKeys() throws(ServerError) -> Bool {
        let hasStored = try !storedKeys().isEmpty
        return state.asksForKeys || hasStored
    }

    /// The store's keys, at most two seconds old; none without a store.
    ///
    /// - Throws: ``ServerError/unavailable`` when the store cannot be read: nobody is let in on a guess.
    func storedKeys() throws(ServerError) -> KeyRing {
        guard let store = services.store else { return KeyRing() }
        do {
            return try store.keyRing(maximumAge: .seconds(2))
        } catch {
            throw .unavailable
        }
    }
}

extension ServerState {
    /// Whether callers must show a key even where the store has none: there is a file of keys, or others than this machine
    /// can reach the server and the operator has not opened it.
    var asksForKeys: Bool { !keys.isEmpty || !settings.isLoopback && !settings.open }
}
