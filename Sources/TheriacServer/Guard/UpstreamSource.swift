internal import HTTPTypes
internal import TheriacFiles
internal import TheriacRemote

/// Somebody else's server, as one request asks it.
struct UpstreamSource: AnswerSource {
    let client: UpstreamClient
    let headers: [(name: String, value: String)]
    let slot: Slots.Slot

    /// - Throws: ``HandedOn`` with the answer when the upstream refuses the caller's request; ``UpstreamFailure``.
    func answer(
        _ body: [UInt8], _ kind: GuardedRequest.Kind, isStream: Bool
    ) async throws -> SourcedAnswer {
        let answer = try await client.send(
            "POST", kind.path, headers: headers, body: body, isStream: isStream)
        if let failure = answer.failure(hasKey: client.hasKey) { throw failure }
        guard answer.status < 400 else { throw HandedOn(response: try await Self.refusal(answer)) }
        return SourcedAnswer(
            events: answer.isEventStream ? UpstreamEvents(answer: answer) : nil,
            collect: { try await answer.collect() },
            carry: { $0.carry(answer) })
    }

    private static func refusal(_ answer: UpstreamClient.Answer) async throws -> ServerResponse {
        let bytes = try await answer.collect()
        var response: ServerResponse
        if let value = try? JSONValue(bytes: bytes), value["error"] != nil {
            response = ServerResponse(
                status: .init(code: answer.status), contentType: "application/json", body: bytes)
        } else {
            response =
                OpenAIError(
                    status: answer.status,
                    message:
                        "The model's server behind this one refused the request with status \(answer.status).",
                    code: "upstream_refused"
                ).response
        }
        response.carry(answer)
        return response
    }
}

/// The events of an upstream's stream. Pieces are read as they are wanted: an upstream that writes faster than its text is
/// judged has to wait.
private struct UpstreamEvents: AsyncSequence, Sendable {
    let answer: UpstreamClient.Answer

    func makeAsyncIterator() -> Iterator { Iterator(pieces: answer.pieces()) }

    struct Iterator: AsyncIteratorProtocol {
        var pieces: UpstreamPieces
        private var reader = EventStreamReader()
        private var complete: [[UInt8]] = []
        private var hasEnded = false

        init(pieces: UpstreamPieces) { self.pieces = pieces }

        mutating func next() async throws -> [UInt8]? {
            while complete.isEmpty, !hasEnded {
                if let piece = try await pieces.next() {
                    guard let events = reader.take(piece) else {
                        throw UpstreamFailure.damaged("an event is too large")
                    }
                    complete = events.reversed()
                } else {
                    hasEnded = true
                    // What no empty line ended says nothing of the end.
                    if let last = reader.end(), last != SourcedAnswer.doneData { complete = [last] }
                }
            }
            return complete.popLast()
        }
    }
}
