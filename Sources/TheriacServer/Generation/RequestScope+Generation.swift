internal import NIOCore
internal import TheriacTokenizers

extension RequestScope {
    /// The host of the served language model.
    ///
    /// - Throws: ``OpenAIError`` when none is served.
    func generation() throws(OpenAIError) -> GenerationHost {
        guard let host = services.generation else {
            throw OpenAIError(
                status: 404,
                message:
                    "This server serves no language model; its operator can name one (theriac serve --model).",
                parameter: "model", code: "model_not_found")
        }
        return host
    }

    /// Writes texts with the served model, through the gate where the settings name a policy.
    func write(_ kind: GuardedRequest.Kind, _ request: ServerRequest) async throws -> ServerResponse {
        let caller = try admit(request)
        let host = try generation()
        let deadline = min(.now + host.settings.deadline, batchDeadline ?? .now + host.settings.deadline)
        guard let gate = state.gate else {
            return try await write(kind.read(request.body, host), host, before: deadline)
        }
        let inner = try GuardedRequest(
            kind, Array(request.body.readableBytesView), reads: settings.guard.input
        ) { host.facts.tokenizer.decode($0) }
        if inner.isStream, batchDeadline != nil { throw OpenAIError.streamInBatch }
        // What cannot be answered is refused before anything is judged.
        _ = try kind.read(ByteBuffer(bytes: inner.body), host)
        let exchange = GuardedExchange(
            settings: settings.guard,
            source: OwnModelSource(host: host, scope: self, deadline: deadline),
            session: gate.session(
                kind.route, caller, community: inner.community, doNotStore: inner.doNotStore, self),
            request: inner)
        return try await whileOpen { try await exchange.run() }
    }

    private func write(
        _ request: any GenerationRequest, _ host: GenerationHost, before deadline: ContinuousClock.Instant
    ) async throws -> ServerResponse {
        if request.rows.streams, batchDeadline != nil { throw OpenAIError.streamInBatch }
        let job = request.job(host, before: deadline)
        whenDisconnected { host.cancel(job) }
        let (tokens, record) = try await job.accepted(by: host)
        let answer = request.answer(id: requestID, tokens, record, TokenNames(host.facts.tokenizer))
        guard request.rows.streams else {
            return ServerResponse(
                contentType: "application/json", body: try await answer.whole(job))
        }
        return .events { events in
            do {
                try await answer.stream(job, to: events)
            } catch {
                // A caller that has gone ends the job; any other hears of the error in the last event.
                host.cancel(job)
                try await events.fail(error)
            }
        }
    }
}
