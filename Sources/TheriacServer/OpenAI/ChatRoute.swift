internal import Foundation
internal import HTTPTypes
internal import TheriacGeneration
internal import TheriacTokenizers

extension Route {
    /// Answers a conversation.
    static let chatCompletions = Route(
        name: "chat_completions", method: .post, paths: ["/v1/chat/completions"], dialect: .openAI,
        body: .single
    ) { request, scope in
        try scope.admit(request)
        let host = try scope.generation()
        let body = try ChatRequest(request.body, host)
        let job = body.job(host)
        let (tokens, record) = try await scope.accept(job, host)
        let answer = ChatAnswer(
            head: AnswerHead(
                id: "chatcmpl-\(scope.requestID)",
                object: body.rows.streams ? "chat.completion.chunk" : "chat.completion",
                created: Int(Date().timeIntervalSince1970), model: record.model.name),
            body: body, promptTokens: tokens.first?.count ?? 0, record: record,
            names: TokenNames(host.facts.tokenizer))
        guard body.rows.streams else {
            return ServerResponse(
                contentType: "application/json", body: try await answer.whole(job))
        }
        return .events { events in
            try await job.deliver(to: events, host) { try await answer.stream(job, to: events) }
        }
    }
}

/// The answer of `/v1/chat/completions`, at once or piece by piece.
struct ChatAnswer: Sendable {
    let head: AnswerHead
    let body: ChatRequest
    let promptTokens: Int
    let record: TreatmentRecord
    let names: TokenNames

    private func usage(_ choices: [WrittenChoice]) -> TokenUsage {
        TokenUsage(prompt: promptTokens, completion: choices.reduce(0) { $0 + $1.done.drawn })
    }

    func whole(_ job: GenerationJob) async throws -> [UInt8] {
        var choices: [WrittenChoice] = []
        for try await event in job.events {
            guard case .finished(_, let done) = event else { continue }
            choices.append(WrittenChoice(index: done.continuation.sample, prompt: 0, done: done))
        }
        choices.sort { $0.index < $1.index }
        var writer = JSONWriter(capacity: 2048)
        writer.object { writer in
            head.write(to: &writer)
            writer.member("choices") { writer in
                writer.array { writer in
                    for choice in choices { writer.element { write(choice, to: &$0) } }
                }
            }
            usage(choices).write(to: &writer)
            record.write(seed: job.template.seed, choices, to: &writer)
        }
        return writer.finish()
    }

    private func write(_ choice: WrittenChoice, to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("index", choice.index)
            writer.member("message") { writer in
                writer.object { writer in
                    writer.member("role", "assistant")
                    writer.member("content", choice.text)
                    writer.memberNull("refusal")
                }
            }
            writer.member("finish_reason", choice.finish)
            logprobs(choice.done.logProbabilities, to: &writer)
        }
    }

    private func logprobs(_ values: [TokenLogProbability]?, to writer: inout JSONWriter) {
        writer.member("logprobs") { writer in
            guard body.logprobs != nil, let values else { return writer.raw("null") }
            ChatTokens.write(values, names, to: &writer)
        }
    }

    // MARK: Piece by piece

    private struct Stream {
        var text: TextStream
        var sentTokens = 0
    }

    func stream(_ job: GenerationJob, to events: EventStream) async throws {
        var streams: [Int: Stream] = [:]
        var choices: [WrittenChoice] = []
        for index in 0..<body.rows.samples {
            streams[index] = Stream(text: TextStream(names.tokenizer, stops: job.template.stops))
            try await events.send(
                chunk(index, role: true, "", [], finish: nil, nil, job))
        }
        for try await event in job.events {
            switch event {
            case .accepted, .measured: break
            case .progress(_, let progress):
                guard var own = streams[progress.sample] else { break }
                let piece = own.text.piece(of: progress.tokens)
                guard !piece.isEmpty else { break }
                let values = taken(progress.tokens, progress.logProbabilities, &own)
                try await events.send(
                    chunk(progress.sample, role: false, piece, values, finish: nil, nil, job))
                streams[progress.sample] = own
            case .finished(_, let done):
                let index = done.continuation.sample
                guard var own = streams[index] else { break }
                let choice = WrittenChoice(index: index, prompt: 0, done: done)
                choices.append(choice)
                let piece = own.text.rest(of: choice.text)
                let values = Array((done.logProbabilities ?? []).dropFirst(own.sentTokens))
                if !piece.isEmpty || body.logprobs != nil && !values.isEmpty {
                    try await events.send(
                        chunk(index, role: false, piece, values, finish: nil, nil, job))
                }
                try await events.send(
                    chunk(index, role: false, nil, [], finish: choice.finish, choice, job))
                streams[index] = nil
            }
        }
        if body.rows.includesUsage {
            var writer = JSONWriter()
            writer.object { writer in
                head.write(to: &writer)
                writer.member("choices") { $0.array { _ in } }
                usage(choices).write(to: &writer)
            }
            try await events.send(writer.finish())
        }
        try await events.end()
    }

    /// Log-probabilities of tokens whose text has been given out as a whole.
    private func taken(
        _ tokens: [Int32], _ values: [TokenLogProbability], _ stream: inout Stream
    ) -> [TokenLogProbability] {
        guard body.logprobs != nil else { return [] }
        let first = stream.sentTokens
        var count = first
        while count < tokens.count,
            names.tokenizer.decode(Array(tokens[...count])).utf8.count <= stream.text.sent
        {
            count += 1
        }
        stream.sentTokens = count
        return Array(values[first..<min(count, values.count)])
    }

    /// - Parameter piece: nil for an empty delta.
    private func chunk(
        _ index: Int, role: Bool, _ piece: String?, _ values: [TokenLogProbability], finish: String?,
        _ choice: WrittenChoice?, _ job: GenerationJob
    ) -> [UInt8] {
        var writer = JSONWriter()
        writer.object { writer in
            head.write(to: &writer)
            writer.member("choices") { writer in
                writer.array { writer in
                    writer.element { writer in
                        writer.object { writer in
                            writer.member("index", index)
                            writer.member("delta") { writer in
                                writer.object { writer in
                                    if role { writer.member("role", "assistant") }
                                    if let piece { writer.member("content", piece) }
                                }
                            }
                            logprobs(values.isEmpty ? nil : values, to: &writer)
                            if let finish {
                                writer.member("finish_reason", finish)
                            } else {
                                writer.memberNull("finish_reason")
                            }
                        }
                    }
                }
            }
            if body.rows.includesUsage { writer.memberNull("usage") }
            if let choice { record.write(seed: job.template.seed, [choice], to: &writer) }
        }
        return writer.finish()
    }
}
