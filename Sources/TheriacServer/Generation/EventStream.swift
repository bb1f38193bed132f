internal import HTTPTypes

/// Server-sent events of an answer that is given piece by piece.
struct EventStream {
    private let write: ([UInt8]) async throws -> Void

    init(_ write: @escaping ([UInt8]) async throws -> Void) { self.write = write }

    /// One event of one line.
    func send(_ json: [UInt8]) async throws {
        try await write(Array("data: ".utf8) + json + Array("\n\n".utf8))
    }

    func end() async throws { try await write(Array("data: [DONE]\n\n".utf8)) }

    /// What went wrong after the answer had begun, in the dialect's words.
    func fail(_ error: any Error) async throws {
        try await send(Dialect.openAI.response(for: error).body)
        try await end()
    }
}

extension ServerResponse {
    /// An answer of events.
    static func events(
        _ body: @escaping @Sendable (EventStream) async throws -> Void
    ) -> ServerResponse {
        var response = ServerResponse(contentType: "text/event-stream", body: [])
        response.headers[.cacheControl] = "no-cache"
        response.stream = { write in
            try await withoutActuallyEscaping(write) { write in try await body(EventStream(write)) }
        }
        return response
    }
}
