/// Writes a body piece by piece.
typealias StreamedBody = @Sendable (_ write: ([UInt8]) async throws -> Void) async throws -> Void

extension RequestScope {
    /// Runs `work`, and cancels it when the client goes.
    func whileOpen<Result: Sendable>(
        _ work: @escaping @Sendable () async throws -> Result
    ) async throws -> Result {
        let task = Task { try await work() }
        whenDisconnected { task.cancel() }
        return try await withTaskCancellationHandler {
            try await task.value
        } onCancel: {
            task.cancel()
        }
    }

    /// A body of what `work` emits. Work begins at once, and is cancelled when the client goes or does not take the answer.
    func produce(
        _ work: @escaping @Sendable (_ emit: @escaping @Sendable ([UInt8]) -> Void) async -> Void
    ) -> StreamedBody {
        let (stream, continuation) = AsyncStream<[UInt8]>.makeStream()
        let task = Task {
            await work { continuation.yield($0) }
            continuation.finish()
        }
        whenDisconnected { task.cancel() }
        continuation.onTermination = { _ in task.cancel() }
        return { write in
            for await piece in stream { try await write(piece) }
        }
    }
}
