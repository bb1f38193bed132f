internal import Dispatch

/// Runs what blocks (the store's disk) on another thread than the connection's, whose other requests would wait for it.
func offLoop<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
        DispatchQueue.global().async { continuation.resume(with: Result { try body() }) }
    }
}
