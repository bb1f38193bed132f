internal import HTTPTypes
internal import TheriacDetection
internal import TheriacFiles
internal import TheriacRemote

extension GuardedExchange {
    /// Sends the source's events on as far as they have been judged.
    func streamed(_ report: GuardReport) async throws -> ServerResponse {
        let answer = try await ask(isStream: true)
        guard let events = answer.events else { return try await whole(report, answer) }
        var response = ServerResponse(contentType: "text/event-stream; charset=utf-8", body: [])
        response.headers[.cacheControl] = "no-cache"
        answer.carry(&response)
        response.stream = session.scope.produce { emit in
            await pump(events, answer.treatment, report, emit)
            withExtendedLifetime(source) {}
        }
        return signed(response, report)
    }

    /// Until the answer has come to its end, or to an error that is said as the last event.
    private func pump(
        _ first: any SourcedAnswer.Events, _ treatment: JSONValue?, _ report: GuardReport,
        _ emit: @Sendable ([UInt8]) -> Void
    ) async {
        do {
            var filter = makeFilter(report)
            filter.begin(attempt: 0, treatment)
            try await relay(first, &filter, emit)
            var attempt = 0
            while filter.wantsAgain {
                attempt += 1
                let answer = try await ask(request.again(for: [0], attempt: attempt).body, isStream: true)
                guard let events = answer.events else { throw UpstreamFailure.damaged("it is no stream") }
                filter.begin(attempt: attempt, answer.treatment)
                try await relay(events, &filter, emit)
            }
        } catch let error as HandedOn {
            emit(EventStreamReader.event(error.response.body))
        } catch {
            emit(EventStreamReader.event(OpenAIError.guarding(error).response.body))
        }
        emit(EventStreamReader.done)
    }

    private func relay(
        _ events: any SourcedAnswer.Events, _ filter: inout StreamFilter, _ emit: @Sendable ([UInt8]) -> Void
    ) async throws {
        for try await payload in events {
            if payload == SourcedAnswer.doneData {
                for event in try await filter.finish(isDone: true) { emit(EventStreamReader.event(event)) }
                return
            }
            for event in try await filter.take(payload) { emit(EventStreamReader.event(event)) }
            // When nothing more can be shown, the source need not write on.
            if filter.wantsAgain || filter.isOver { return }
        }
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
