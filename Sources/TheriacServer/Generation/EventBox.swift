internal import Synchronization

/// Events on their way from the thread that writes to the one task that reads. Whoever reads takes all that are there: a
/// slow reader is woken less often, and not for every token.
final class EventBox: Sendable {
    private struct State {
        var events: [GenerationEvent] = []
        var end: Result<Void, any Error>?
        var isLeft = false
        var reader: CheckedContinuation<Void, Never>?
        var whenLeft: (@Sendable () -> Void)?

        var hasNews: Bool { !events.isEmpty || end != nil || isLeft }

        mutating func wake() -> CheckedContinuation<Void, Never>? {
            defer { reader = nil }
            return reader
        }
    }

    private let state = Mutex(State())

    func send(_ event: GenerationEvent) {
        state.withLock { state -> CheckedContinuation<Void, Never>? in
            guard state.end == nil, !state.isLeft else { return nil }
            state.events.append(event)
            return state.wake()
        }?.resume()
    }

    /// No more will come; only the first end counts.
    func finish(_ error: (any Error)? = nil) {
        state.withLock { state -> CheckedContinuation<Void, Never>? in
            guard state.end == nil else { return nil }
            state.end = error.map { .failure($0) } ?? .success(())
            return state.wake()
        }?.resume()
    }

    /// Calls `action` when the reading task is cancelled.
    func whenLeft(_ action: @escaping @Sendable () -> Void) { state.withLock { $0.whenLeft = action } }

    /// All that came since the last call, at least one; nil at the end.
    ///
    /// - Throws: the error it was finished with; `CancellationError` in a task that was cancelled.
    func next() async throws -> [GenerationEvent]? { try await take(.max) }

    /// What comes first of all: that the job was accepted.
    func acceptance() async throws -> ([[Int32]], TreatmentRecord) {
        guard case .accepted(let tokens, let record)? = try await take(1)?.first else {
            throw ServerError.failed
        }
        return (tokens, record)
    }

    private func take(_ most: Int) async throws -> [GenerationEvent]? {
        while true {
            let (events, end) = state.withLock { state in
                let taken = Array(state.events.prefix(most))
                state.events.removeFirst(taken.count)
                return (taken, state.end)
            }
            if !events.isEmpty { return events }
            if let end {
                try end.get()
                return nil
            }
            await withTaskCancellationHandler {
                await withCheckedContinuation { continuation in
                    let hasNews = state.withLock { state in
                        if !state.hasNews { state.reader = continuation }
                        return state.hasNews
                    }
                    if hasNews { continuation.resume() }
                }
            } onCancel: {
                leave()
            }
            try Task.checkCancellation()
        }
    }

    private func leave() {
        let (reader, action) = state.withLock { state in
            defer { state.whenLeft = nil }
            state.isLeft = true
            return (state.wake(), state.whenLeft)
        }
        reader?.resume()
        action?()
    }
}
