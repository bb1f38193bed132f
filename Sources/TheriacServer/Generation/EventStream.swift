internal import HTTPTypes

/// Server-sent events of an answer that is given piece by piece.
struct EventStream {
    /// Takes the data of events that are ready together.
    private let give: ([[UInt8]]) async throws -> Void

    init(_ give: @escaping ([[UInt8]]) async throws -> Void) { self.give = give }

    /// Events of one line each.
    func send(_ data: [[UInt8]]) async throws {
        if !data.isEmpty { try await give(data) }
    }

    func end() async throws { try await send([SourcedAnswer.doneData]) }

    /// What went wrong after the answer had begun, in the dialect's words.
    func fail(_ error: any Error) async throws {
        try await send([Dialect.openAI.response(for: error).body, SourcedAnswer.doneData])
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
            try await withoutActuallyEscaping(write) { write in
                try await body(
                    EventStream { data in
                        var bytes: [UInt8] = []
                        bytes.reserveCapacity(data.reduce(0) { $0 + $1.count + 8 })
                        for event in data {
                            bytes += "data: ".utf8
                            bytes += event
                            bytes += "\n\n".utf8
                        }
                        try await write(bytes)
                    })
            }
        }
        return response
    }
}
