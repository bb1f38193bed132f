internal import HTTPTypes
internal import TheriacDetection
internal import TheriacFiles
internal import TheriacRemote

extension GuardedExchange {
    /// Sends the upstream's events on as far as they have been judged.
    func streamed(_ report: GuardReport) async throws -> ServerResponse {
        let answer = try await ask(isStream: true)
        guard answer.isEventStream else { return try await whole(report, answer) }
        var response = ServerResponse(contentType: "text/event-stream; charset=utf-8", body: [])
        response.headers[.cacheControl] = "no-cache"
        response.carry(answer)
        response.stream = session.scope.produce { emit in
            await pump(answer, report, emit)
            withExtendedLifetime(slot) {}
        }
        return signed(response, report)
    }

    /// Until the answer has come to its end, or to an error that is said as the last event.
    private func pump(
        _ first: UpstreamClient.Answer, _ report: GuardReport, _ emit: @Sendable ([UInt8]) -> Void
    ) async {
        do {
            var filter = makeFilter(report)
            try await relay(first, &filter, emit)
            var attempt = 0
            while filter.wantsAgain {
                attempt += 1
                filter.begin(attempt: attempt)
                let answer = try await ask(request.again(for: [0], attempt: attempt), isStream: true)
                guard answer.isEventStream else { throw UpstreamFailure.damaged("it is no stream") }
                try await relay(answer, &filter, emit)
            }
        } catch let error as HandedOn {
            emit(EventStreamReader.event(error.response.body))
        } catch {
            emit(EventStreamReader.event(OpenAIError.guarding(error).response.body))
        }
        emit(EventStreamReader.done)
    }

    private func relay(
        _ answer: UpstreamClient.Answer, _ filter: inout StreamFilter, _ emit: @Sendable ([UInt8]) -> Void
    ) async throws {
        var pieces = answer.pieces()
        var events = EventStreamReader()
        while let piece = try await pieces.next() {
            guard let complete = events.take(piece) else {
                throw UpstreamFailure.damaged("an event is too large")
            }
            for payload in complete {
                if payload.elementsEqual("[DONE]".utf8) {
                    for event in try await filter.finish(isDone: true) {
                        emit(EventStreamReader.event(event))
                    }
                    return
                }
                for event in try await filter.take(payload) { emit(EventStreamReader.event(event)) }
                if filter.wantsAgain { return }
                // Nothing more can be shown: the upstream need not write on.
                if filter.isOver { return }
            }
        }
        if let payload = events.end(), !payload.elementsEqual("[DONE]".utf8) {
            for event in try await filter.take(payload) { emit(EventStreamReader.event(event)) }
        }
        if filter.wantsAgain { return }
        for event in try await filter.finish(isDone: false) { emit(EventStreamReader.event(event)) }
    }

    private func makeFilter(_ report: GuardReport) -> StreamFilter {
        let session = session
        return StreamFilter(
            request.kind, settings.stream.holdBack, expected: request.choices,
            judge: { texts, attempt in
                try await session.findings(texts, .output, attempt: attempt, canRewrite: false)
            },
            reply: { session.reply($0) },
            report: { index, finding, text in
                session.record(finding, text)
                var report = report
                report.output[index] = finding
                return report.json
            })
    }
}
