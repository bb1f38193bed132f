internal import Foundation
internal import Synchronization
internal import TheriacAudit
internal import TheriacCorpora
internal import TheriacDetection

/// Writes decisions into the store and knows the thresholds that communities' feedback taught.
///
/// Writing does not wait: the store takes decisions in groups a few times a second and counts what it had to drop
/// (`AuditStore.load`). Thresholds are read again every two seconds, so that `theriac feedback thresholds --save` is
/// felt without a restart.
final class StoredDecisions: DecisionSink {
    private struct Book {
        /// By the hash of the detector whose scores are meant, then community, then attribute. Under the community "" those
        /// of all together.
        var thresholds: [String: [String: [Attribute: Double]]] = [:]
        var read: ContinuousClock.Instant?
    }

    let store: AuditStore
    private let keptNow: @Sendable () -> AuditedDecisions
    private let book = Mutex(Book())

    /// - Parameter kept: asked for each decision, because a reload may change it.
    init(_ store: AuditStore, kept: @escaping @Sendable () -> AuditedDecisions) {
        self.store = store
        keptNow = kept
    }

    // MARK: Recording

    func record(_ decision: GuardDecision) {
        var row = Decision(
            route: decision.route, detector: "\(decision.detector.name)@\(decision.detector.version)",
            detectorHash: decision.detector.hash, scores: Self.named(decision.scores),
            action: decision.action.rawValue, latency: decision.latency, time: decision.time)
        row.stage = decision.direction.rawValue
        row.rule = decision.rule
        row.community = decision.community
        row.doNotStore = decision.doNotStore
        row.text = decision.text
        write(row, key: decision.keyID)
    }

    /// - Parameter key: the label of the key that was shown.
    func write(_ decision: Decision, key: String?) {
        switch keptNow() {
        case .none: return
        case .flagged: guard decision.action != "pass", decision.action != "score" else { return }
        case .all: break
        }
        var decision = decision
        decision.keyID = store.keyNumber(of: key)
        store.record(decision)
    }

    static func named(_ scores: AttributeScores) -> [String: Double] {
        Dictionary(uniqueKeysWithValues: scores.map { ($0.key.rawValue, Double($0.value)) })
    }

    // MARK: Thresholds

    func learntThresholds(of community: String, by detector: DetectorIdentity) -> [Attribute: Double] {
        thresholds(of: community, by: detector.hash)
    }

    /// What holds for a community: its own thresholds, and those of all together for the rest. Only such as were learnt
    /// from the detector with this hash: another's scores mean something else.
    func thresholds(of community: String, by detectorHash: String) -> [Attribute: Double] {
        guard let table = current()[detectorHash] else { return [:] }
        let all = table[""] ?? [:]
        return table[community].map { all.merging($0) { $1 } } ?? all
    }

    private func current() -> [String: [String: [Attribute: Double]]] {
        let now = ContinuousClock.now
        let (known, isFresh) = book.withLock { book in
            (book.thresholds, book.read.map { now - $0 < .seconds(2) } ?? false)
        }
        // A store that is busy or gone: what was known still holds.
        guard !isFresh, let rows = try? store.thresholds() else { return known }
        var tables: [String: [String: [Attribute: Double]]] = [:]
        for row in rows {
            guard let attribute = Attribute(rawValue: row.attribute) else { continue }
            tables[row.detectorHash, default: [:]][row.community ?? "", default: [:]][attribute] =
                row.threshold
        }
        book.withLock { $0 = Book(thresholds: tables, read: now) }
        return tables
    }
}
