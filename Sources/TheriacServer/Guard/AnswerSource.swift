internal import TheriacFiles

/// Whoever writes what a gate judges: somebody else's server, or the model of this one.
protocol AnswerSource: Sendable {
    /// Asks for an answer to `body`, a request of `kind`.
    ///
    /// - Parameters:
    ///   - body: without what the gate took out of it.
    ///   - isStream: whether the answer may come as events; it need not.
    func answer(
        _ body: [UInt8], _ kind: GuardedRequest.Kind, isStream: Bool
    ) async throws -> SourcedAnswer
}

/// An answer that begins to come.
struct SourcedAnswer: Sendable {
    /// The data of its events, `[DONE]` among them; nil: it comes as a whole.
    var events: (any Events)?
    /// Where it comes as a whole, its JSON. Ask once.
    var collect: @Sendable () async throws -> [UInt8]
    /// What this server's own model does to the texts, as an answer's `theriac` says it; nil: the model is somebody else's.
    var treatment: JSONValue?
    /// Puts headers of the source's that mean something to its caller into the answer's head.
    var carry: @Sendable (inout ServerResponse) -> Void = { _ in }

    var isOwn: Bool { treatment != nil }

    /// Every event's data in order; read once.
    typealias Events = AsyncSequence<[UInt8], any Error> & Sendable

    /// The data of the event that ends a stream.
    static let doneData = Array("[DONE]".utf8)
}
