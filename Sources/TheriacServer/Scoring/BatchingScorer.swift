internal import Foundation
internal import Synchronization
internal import TheriacDetection

/// Scores texts of many callers together, on a thread of its own.
///
/// A batch begins when enough texts wait, or when the first has waited long enough. While a batch runs the next one
/// gathers, so under load batches fill by themselves. What waits is bounded: more is refused at once. A request whose
/// deadline passes while it waits is told so and never computed.
final class BatchingScorer: TextScorer {
    /// How texts are gathered.
    struct Limits: Sendable {
        /// Texts of a batch; one request with more makes a batch alone.
        var texts = 64
        /// How long the first text of a batch waits for company.
        var wait = Duration.milliseconds(2)
        /// Texts that may wait.
        var queue = 1024
    }

    private struct Job: Sendable {
        var texts: [String]
        var arrived: ContinuousClock.Instant
        var deadline: ContinuousClock.Instant
        var answer: CheckedContinuation<[Verdict], any Error>
    }

    private struct State {
        var jobs: [Job] = []
        var waiting = 0
        var isClosed = false
        var hasEnded = false
        var ending: [CheckedContinuation<Void, Never>] = []
        /// Seconds a text took of late, to say when to come back.
        var secondsPerText = 0.01
    }

    private let detector: any Detector
    private let limits: Limits
    private let metrics: ServerMetrics?
    private let state = Mutex(State())
    /// Says that a job came, or that no more will.
    private let bell = DispatchSemaphore(value: 0)

    init(_ detector: any Detector, limits: Limits = Limits(), metrics: ServerMetrics? = nil) {
        self.detector = detector
        self.limits = limits
        self.metrics = metrics
        let thread = Thread { [self] in run() }
        thread.name = "theriac-scorer"
        // Tensor code is deep; the default for threads that are not the main one is small.
        thread.stackSize = 8 << 20
        thread.start()
    }

    var depth: Int { state.withLock { $0.waiting } }

    func verdicts(for texts: [String], before deadline: ContinuousClock.Instant) async throws -> [Verdict] {
        guard !texts.isEmpty else { return [] }
        return try await withCheckedThrowingContinuation { answer in
            let refusal = state.withLock { state -> ServerError? in
                guard !state.isClosed else { return .shuttingDown }
                // A request larger than the queue is let in when nothing else waits.
                guard state.waiting == 0 || state.waiting + texts.count <= limits.queue else {
                    let seconds = Double(state.waiting) * state.secondsPerText
                    return .queueFull(retryAfter: min(60, max(1, Int(seconds.rounded(.up)))))
                }
                state.waiting += texts.count
                state.jobs.append(Job(texts: texts, arrived: .now, deadline: deadline, answer: answer))
                return nil
            }
            if let refusal { answer.resume(throwing: refusal) } else { bell.signal() }
        }
    }

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

    private func run() {
        while true {
            guard let first = state.withLock({ $0.jobs.first?.arrived }) else {
                if state.withLock({ $0.isClosed }) { break }
                bell.wait()
                continue
            }
            gather(since: first)
            score(take())
        }
        let waiting = state.withLock { state in
            state.hasEnded = true
            defer { state.ending = [] }
            return state.ending
        }
        for continuation in waiting { continuation.resume() }
    }

    /// Waits until the batch is full or its first text has waited long enough.
    private func gather(since first: ContinuousClock.Instant) {
        while true {
            let isReady = state.withLock { $0.waiting >= limits.texts || $0.isClosed }
            let left = limits.wait - (ContinuousClock.now - first)
            guard !isReady, left > .zero else { return }
            let nanoseconds = Int(left / .nanoseconds(1))
            _ = bell.wait(timeout: .now() + .nanoseconds(nanoseconds))
        }
    }

    private func take() -> [Job] {
        state.withLock { state in
            var count = 0
            var texts = 0
            while count < state.jobs.count,
                count == 0 || texts + state.jobs[count].texts.count <= limits.texts
            {
                texts += state.jobs[count].texts.count
                count += 1
            }
            defer { state.jobs.removeFirst(count) }
            state.waiting -= texts
            return Array(state.jobs.prefix(count))
        }
    }

    private func score(_ jobs: [Job]) {
        let start = ContinuousClock.now
        for job in jobs where job.deadline <= start {
            job.answer.resume(throwing: ServerError.deadlineExceeded)
        }
        let jobs = jobs.filter { $0.deadline > start }
        let texts = jobs.flatMap(\.texts)
        guard !texts.isEmpty else { return }
        for job in jobs { metrics?.observeQueue(start - job.arrived) }
        metrics?.observeBatch(texts.count)
        let result = Result { try detector.verdicts(for: texts) }
        let seconds = (ContinuousClock.now - start) / .seconds(1)
        state.withLock { $0.secondsPerText += 0.2 * (seconds / Double(texts.count) - $0.secondsPerText) }
        var place = 0
        for job in jobs {
            defer { place += job.texts.count }
            switch result {
            case .success(let verdicts) where verdicts.count == texts.count:
                job.answer.resume(returning: Array(verdicts[place..<place + job.texts.count]))
            case .success: job.answer.resume(throwing: ServerError.failed)
            case .failure(let error): job.answer.resume(throwing: error)
            }
        }
    }
}
