internal import Foundation
internal import Synchronization
internal import Theriac
internal import TheriacTensors

/// Writes texts for many callers together, on a thread of its own that owns the model.
///
/// Rows of new requests join the batch between two tokens, and those that are done leave it. What waits is bounded:
/// more is refused at once. A request whose deadline passes, or whose caller goes away, leaves the batch.
final class GenerationHost: Sendable {
    let facts: ModelFacts
    let settings: GenerationServingSettings
    let metrics: GenerationMetrics
    /// Where shipped files are.
    let assets: URL

    private struct State {
        var arrived: [GenerationJob] = []
        /// Continuations that were let in and have not begun.
        var waiting = 0
        var isClosed = false
        var hasEnded = false
        var ending: [CheckedContinuation<Void, Never>] = []
        /// Seconds a continuation took of late, to say when to come back.
        var secondsPerRow = 0.2
        var lastFailed = false
    }

    private let state = Mutex(State())
    /// Says that a job came or was given up, or that no more will come.
    private let bell = DispatchSemaphore(value: 0)

    /// Loads the model and its adapters, and makes the default chain.
    ///
    /// - Throws: what is wrong with them, in a sentence.
    init(_ settings: GenerationServingSettings, model: String) throws {
        self.settings = settings
        let folder = try AssetFolder()
        assets = folder.url
        let models = try ServedModels(settings, model: model)
        facts = models.facts
        metrics = GenerationMetrics(model: models.facts.base.name)
        let worker = GenerationWorker(models, settings, assets: folder, metrics: metrics)
        _ = try worker.loop(for: ChainChoice(adapter: nil, steps: settings.chain))
        // Made here, used by the thread alone from now on.
        nonisolated(unsafe) let handed = worker
        let thread = Thread { [self] in run(handed) }
        thread.name = "theriac-generator"
        thread.stackSize = 16 << 20
        thread.start()
    }

    /// Whether the last turn of the model went well.
    var isHealthy: Bool { state.withLock { !$0.lastFailed } }

    /// Lets a job in.
    ///
    /// - Throws: ``ServerError/queueFull(retryAfter:)``, ``ServerError/shuttingDown``.
    func submit(_ job: GenerationJob) throws(ServerError) {
        job.whenAbandoned { [weak self, weak job] in
            job?.cancel()
            self?.bell.signal()
        }
        let refusal = state.withLock { state -> ServerError? in
            guard !state.isClosed else { return .shuttingDown }
            // A request larger than the queue is let in when nothing else waits.
            guard state.waiting == 0 || state.waiting + job.rows <= settings.queue else {
                let seconds = Double(state.waiting) * state.secondsPerRow
                return .queueFull(retryAfter: min(60, max(1, Int(seconds.rounded(.up)))))
            }
            state.waiting += job.rows
            state.arrived.append(job)
            metrics.waiting.store(state.waiting, ordering: .relaxed)
            return nil
        }
        if let refusal { throw refusal }
        bell.signal()
    }

    /// Gives a job up whose caller has gone.
    func cancel(_ job: GenerationJob) {
        job.cancel()
        bell.signal()
    }

    /// Takes no more jobs, finishes those it has, and ends.
    func close() async {
        await withCheckedContinuation { continuation in
            let hasEnded = state.withLock { state in
                state.isClosed = true
                if !state.hasEnded { state.ending.append(continuation) }
                return state.hasEnded
            }
            if hasEnded { continuation.resume() }
            bell.signal()
        }
    }

    // MARK: The thread

    private func run(_ worker: GenerationWorker) {
        while true {
            let (arrived, isClosed) = state.withLock { state in
                defer { state.arrived = [] }
                return (state.arrived, state.isClosed)
            }
            for job in arrived { worker.admit(job) }
            worker.sweep()
            let outcome = worker.turn()
            note(outcome, worker.takeBegun())
            if outcome == .idle {
                if isClosed, state.withLock({ $0.arrived.isEmpty }) { break }
                bell.wait()
            }
        }
        let waiting = state.withLock { state in
            state.hasEnded = true
            defer { state.ending = [] }
            return state.ending
        }
        for continuation in waiting { continuation.resume() }
    }

    private func note(_ outcome: GenerationWorker.Outcome, _ begun: Int) {
        state.withLock { state in
            state.waiting -= begun
            metrics.waiting.store(state.waiting, ordering: .relaxed)
            switch outcome {
            case .idle: break
            case .failed: state.lastFailed = true
            case .wrote(let finished, let seconds):
                state.lastFailed = false
                guard finished > 0 else { break }
                state.secondsPerRow += 0.2 * (seconds / Double(finished) - state.secondsPerRow)
            }
        }
    }
}
