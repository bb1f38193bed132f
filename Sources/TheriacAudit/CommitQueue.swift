import Dispatch
import GRDB
import Synchronization

/// Gathers writes into few transactions. While one transaction waits for the disk, the writes that arrive meanwhile form
/// the next: the more there is to do, the larger the groups, and nobody waits for a timer.
///
/// Two sorts of write: those that somebody waits for, answered only after their transaction is on the disk; and quiet
/// ones, which nobody waits for and which may be a little late.
final class CommitQueue: Sendable {
    typealias Body = @Sendable (Database) throws -> Int64

    /// A write that somebody waits for.
    private struct Awaited: Sendable {
        var body: Body
        var done: @Sendable (Result<Int64, AuditError>) -> Void
    }

    private struct State {
        var awaited: [Awaited] = []
        var quiet: [Body] = []
        var isRunning = false
        var isScheduled = false
        var isClosed = false
        var lost = 0
    }

    private let state = Mutex(State())
    private let queue = DispatchQueue(label: "theriac.audit.commit")
    private let pool: DatabasePool
    private let path: String
    private let limit: Int
    /// The longest a quiet write waits for others.
    private let patience = DispatchTimeInterval.milliseconds(200)
    /// A transaction this large is worth its wait for the disk; larger ones would only hold up others.
    private let largestGroup = 4096

    init(_ pool: DatabasePool, path: String, limit: Int) {
        self.pool = pool
        self.path = path
        self.limit = limit
    }

    /// Writes, and then calls `done` with the new row's id, or with why it is not stored: at once with
    /// ``AuditError/busy(waiting:)`` when the queue is full.
    func submit(_ body: @escaping Body, done: @escaping @Sendable (Result<Int64, AuditError>) -> Void) {
        let refusal: AuditError? = state.withLock { state in
            if state.isClosed { return .closed }
            if state.awaited.count >= limit { return .busy(waiting: state.awaited.count) }
            state.awaited.append(Awaited(body: body, done: done))
            wake(&state)
            return nil
        }
        if let refusal { done(.failure(refusal)) }
    }

    /// Writes some time soon. Returns false, and counts it as lost, when the queue is full or closed.
    func submitQuietly(_ body: @escaping Body) -> Bool {
        state.withLock { state in
            guard !state.isClosed, state.quiet.count < limit else {
                state.lost += 1
                return false
            }
            state.quiet.append(body)
            if state.quiet.count >= limit / 4 {
                wake(&state)
            } else if !state.isRunning, !state.isScheduled {
                state.isScheduled = true
                queue.asyncAfter(deadline: .now() + patience) { [self] in
                    wakeScheduled()
                }
            }
            return true
        }
    }

    /// Quiet writes that were not stored.
    var lost: Int { state.withLock { $0.lost } }

    /// Writes that wait.
    var waiting: Int { state.withLock { $0.awaited.count + $0.quiet.count } }

    /// Returns when everything submitted before is on the disk, or was refused. With `closing`, nothing more is taken.
    func finish(closing: Bool) {
        state.withLock { if closing { $0.isClosed = true } }
        queue.sync { drain() }
    }

    private func wakeScheduled() {
        state.withLock { state in
            state.isScheduled = false
            wake(&state)
        }
    }

    /// Starts the work unless it is under way, which then finds what was added.
    private func wake(_ state: inout State) {
        guard !state.isRunning else { return }
        state.isRunning = true
        queue.async { [self] in drain() }
    }

    private func drain() {
        while let (awaited, quiet) = nextGroup() { commit(awaited, quiet) }
    }

    private func nextGroup() -> ([Awaited], [Body])? {
        state.withLock { state in
            guard !state.awaited.isEmpty || !state.quiet.isEmpty else {
                state.isRunning = false
                return nil
            }
            state.isRunning = true
            let awaited = Array(state.awaited.prefix(largestGroup))
            let quiet = Array(state.quiet.prefix(largestGroup))
            state.awaited.removeFirst(awaited.count)
            state.quiet.removeFirst(quiet.count)
            return (awaited, quiet)
        }
    }

    /// One transaction. The answers are given after it has returned, that is, after the disk has it.
    private func commit(_ awaited: [Awaited], _ quiet: [Body]) {
        do {
            let ids = try pool.write { db in
                for body in quiet { _ = try body(db) }
                return try awaited.map { try $0.body(db) }
            }
            for (write, id) in zip(awaited, ids) { write.done(.success(id)) }
        } catch {
            let error = AuditError(error, path: path)
            state.withLock { $0.lost += quiet.count }
            for write in awaited { write.done(.failure(error)) }
        }
    }
}
