internal import NIOCore
internal import TheriacFiles
internal import TheriacGeneration

/// The model of this server, as one request that a gate guards asks it.
struct OwnModelSource: AnswerSource {
    let host: GenerationHost
    let scope: RequestScope
    /// For all that is drawn, texts drawn anew included.
    let deadline: ContinuousClock.Instant

    func answer(
        _ body: [UInt8], _ kind: GuardedRequest.Kind, isStream: Bool
    ) async throws -> SourcedAnswer {
        let request = try kind.read(ByteBuffer(bytes: body), host)
        let job = request.job(host, before: deadline)
        let (tokens, record) = try await job.accepted(by: host)
        let answer = request.answer(
            id: scope.requestID, tokens, record, TokenNames(host.facts.tokenizer))
        return SourcedAnswer(
            events: isStream && request.rows.streams ? OwnEvents(answer: answer, job: job, host: host) : nil,
            collect: { try await answer.whole(job) },
            treatment: try record.json(seed: job.template.seed))
    }
}

/// The events of an answer that this server's model writes. Whoever stops reading ends its job.
private struct OwnEvents: AsyncSequence, Sendable {
    let answer: any WrittenAnswer
    let job: GenerationJob
    let host: GenerationHost

    func makeAsyncIterator() -> Iterator {
        let (data, source) = AsyncThrowingStream<[UInt8], any Error>.makeStream()
        let (answer, job, host) = (answer, job, host)
        let task = Task {
            do {
                try await answer.stream(job, to: EventStream { for event in $0 { source.yield(event) } })
                source.finish()
            } catch {
                host.cancel(job)
                source.finish(throwing: error)
            }
        }
        source.onTermination = { _ in task.cancel() }
        return Iterator(base: data.makeAsyncIterator(), reader: Reader(task))
    }

    struct Iterator: AsyncIteratorProtocol {
        fileprivate var base: AsyncThrowingStream<[UInt8], any Error>.Iterator
        fileprivate let reader: Reader

        mutating func next() async throws -> [UInt8]? { try await base.next() }
    }

    /// Cancels the writing when nobody reads any more.
    fileprivate final class Reader: Sendable {
        private let task: Task<Void, Never>

        init(_ task: Task<Void, Never>) { self.task = task }

        deinit { task.cancel() }
    }
}

extension TreatmentRecord {
    /// The same as a value, about no choice.
    fileprivate func json(seed: UInt64) throws -> JSONValue {
        var writer = JSONWriter()
        writer.object { write(seed: seed, [], to: &$0) }
        return try JSONValue(bytes: writer.finish())["theriac"]?.with("choices", nil) ?? .object([:])
    }
}
