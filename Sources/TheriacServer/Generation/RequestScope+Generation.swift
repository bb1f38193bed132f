internal import Synchronization

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

    /// Hands a job in and waits until it is accepted. From then on it ends when the caller goes away.
    ///
    /// - Returns: the prompts' tokens, and what is done to the texts.
    func accept(
        _ job: GenerationJob, _ host: GenerationHost
    ) async throws -> ([[Int32]], TreatmentRecord) {
        try host.submit(job)
        whenDisconnected { host.cancel(job) }
        for try await event in job.events {
            if case .accepted(let tokens, let record) = event { return (tokens, record) }
        }
        throw ServerError.failed
    }
}

extension GenerationJob {
    /// Streams with `body`; a caller that has gone, or an error, ends the job. Errors become the stream's last event.
    func deliver(
        to events: EventStream, _ host: GenerationHost, _ body: () async throws -> Void
    ) async throws {
        do {
            try await body()
        } catch {
            host.cancel(self)
            try await events.fail(error)
        }
    }
}
