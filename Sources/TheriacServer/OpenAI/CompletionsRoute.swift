internal import Foundation
internal import HTTPTypes
internal import TheriacGeneration
internal import TheriacTokenizers

extension Route {
    /// Continues prompts, and says how likely texts are.
    static let completions = Route(
        name: "completions", method: .post, paths: ["/v1/completions"], dialect: .openAI, body: .single
    ) { request, scope in
        try scope.admit(request)
        let host = try scope.generation()
        let body = try CompletionRequest(request.body, host)
        let job = body.job(host)
        let (tokens, record) = try await scope.accept(job, host)
        let answer = CompletionAnswer(
            head: AnswerHead(
                id: "cmpl-\(scope.requestID)", object: "text_completion",
                created: Int(Date().timeIntervalSince1970), model: record.model.name),
            body: body, tokens: tokens, record: record, names: TokenNames(host.facts.tokenizer))
        guard body.rows.streams else {
            return ServerResponse(
                contentType: "application/json", body: try await answer.whole(job))
        }
        return .events { events in
            try await job.deliver(to: events, host) { try await answer.stream(job, to: events) }
        }
    }
}

/// The answer of `/v1/completions`, at once or piece by piece.
struct CompletionAnswer: Sendable {
    let head: AnswerHead
    let body: CompletionRequest
    /// Of each prompt, as the model reads it.
    let tokens: [[Int32]]
    let record: TreatmentRecord
    let names: TokenNames

    private var isWritten: Bool { body.maxTokens != 0 }

    // MARK: At once

    func whole(_ job: GenerationJob) async throws -> [UInt8] {
        var measured: [Int: [TokenLogProbability?]] = [:]
        var all: [WrittenChoice] = []
        for try await event in job.events {
            switch event {
            case .accepted, .progress: break
            case .measured(let prompt, let values): measured[prompt] = values
            case .finished(let prompt, let done):
                let sample = done.continuation.sample
                all.append(
                    WrittenChoice(index: prompt * body.bestOf + sample, prompt: prompt, done: done))
            }
        }
        let usage = usage(all)
        let choices = best(all)
        var writer = JSONWriter(capacity: 4096)
        writer.object { writer in
            head.write(to: &writer)
            writer.member("choices") { writer in
                writer.array { writer in
                    for choice in choices {
                        writer.element { write(choice, measured[choice.prompt] ?? [], to: &$0) }
                    }
                }
            }
            usage.write(to: &writer)
            record.write(seed: job.template.seed, choices, to: &writer)
        }
        return writer.finish()
    }

    /// The likeliest `n` of each prompt, numbered anew.
    private func best(_ all: [WrittenChoice]) -> [WrittenChoice] {
        let sorted = all.sorted { $0.index < $1.index }
        let count = body.rows.samples
        guard body.bestOf > count else { return sorted }
        return tokens.indices.flatMap { prompt -> [WrittenChoice] in
            let own = sorted.filter { $0.prompt == prompt }
            let ranked = own.sorted { ($0.rank, $1.index) > ($1.rank, $0.index) }
            return ranked.prefix(count).enumerated().map { place, choice in
                var choice = choice
                choice.index = prompt * count + place
                return choice
            }
        }
    }

    private func usage(_ all: [WrittenChoice]) -> TokenUsage {
        TokenUsage(
            prompt: tokens.reduce(0) { $0 + $1.count },
            completion: isWritten ? all.reduce(0) { $0 + $1.done.drawn } : 0)
    }

    private func write(
        _ choice: WrittenChoice, _ measured: [TokenLogProbability?], to writer: inout JSONWriter
    ) {
        writer.object { writer in
            writer.member("index", choice.index)
            writer.member("text", echo(choice.prompt) + (isWritten ? choice.text : ""))
            writer.member("finish_reason", isWritten ? choice.finish : "length")
            writer.member("logprobs") { writer in
                guard let lists = lists(choice, measured) else { return writer.raw("null") }
                lists.write(to: &writer)
            }
            guard body.returnsTokenIDs else { return }
            writer.member("prompt_token_ids", tokens[choice.prompt])
            writer.member("token_ids", isWritten ? choice.done.continuation.tokens : [])
        }
    }

    private func lists(_ choice: WrittenChoice, _ measured: [TokenLogProbability?]) -> TokenLists? {
        guard body.logprobs != nil, let values = choice.done.logProbabilities else { return nil }
        var lists = opening(choice.prompt, measured)
        if isWritten { lists.add(written: values, names) }
        return lists
    }

    /// The lists over the prompt, where it is echoed.
    private func opening(_ prompt: Int, _ measured: [TokenLogProbability?]) -> TokenLists {
        var lists = TokenLists()
        guard body.echo else { return lists }
        let prefix = names.tokenizer.prefixTokens
        let isShown =
            if case .text = body.prompts[prompt] { record.editsPrompts } else { true }
        lists.add(
            prompt: tokens[prompt], measured, names,
            contentless: !isShown && tokens[prompt].starts(with: prefix) ? prefix.count : 0)
        return lists
    }

    /// The prompt's text where it is echoed: as it was given, or as it was changed.
    private func echo(_ prompt: Int) -> String {
        guard body.echo else { return "" }
        if case .text(let text) = body.prompts[prompt], !record.editsPrompts { return text }
        return names.tokenizer.decode(tokens[prompt], skippingSpecialTokens: false)
    }

    // MARK: Piece by piece

    private struct Stream {
        var text: TextStream
        var lists: TokenLists
        /// Entries of the lists, and tokens, that were given out.
        var sentEntries = 0
        var sentTokens = 0
        var hasBegun = false
    }

    func stream(_ job: GenerationJob, to events: EventStream) async throws {
        var measured: [Int: [TokenLogProbability?]] = [:]
        var streams: [Int: Stream] = [:]
        var all: [WrittenChoice] = []
        func stream(_ index: Int, _ prompt: Int) -> Stream {
            streams[index]
                ?? Stream(
                    text: TextStream(names.tokenizer, stops: job.template.stops),
                    lists: opening(prompt, measured[prompt] ?? []))
        }
        for try await event in job.events {
            switch event {
            case .accepted: break
            case .measured(let prompt, let values): measured[prompt] = values
            case .progress(let prompt, let progress):
                guard isWritten else { break }
                let index = prompt * body.rows.samples + progress.sample
                var own = stream(index, prompt)
                var piece = own.text.piece(of: progress.tokens)
                if !own.hasBegun { piece = echo(prompt) + piece }
                if !piece.isEmpty {
                    own.hasBegun = true
                    take(progress.tokens, progress.logProbabilities, into: &own)
                    try await events.send(chunk(index, piece, own, finish: nil, nil, job))
                    own.sentEntries = own.lists.entries.count
                }
                streams[index] = own
            case .finished(let prompt, let done):
                let index = prompt * body.rows.samples + done.continuation.sample
                let choice = WrittenChoice(index: index, prompt: prompt, done: done)
                all.append(choice)
                var own = stream(index, prompt)
                var piece = isWritten ? own.text.rest(of: choice.text) : ""
                if !own.hasBegun { piece = echo(prompt) + piece }
                if isWritten, let values = done.logProbabilities {
                    own.lists.add(written: Array(values.dropFirst(own.sentTokens)), names)
                }
                try await events.send(
                    chunk(index, piece, own, finish: isWritten ? choice.finish : "length", choice, job))
                streams[index] = nil
            }
        }
        if body.rows.includesUsage {
            var writer = JSONWriter()
            writer.object { writer in
                head.write(to: &writer)
                writer.member("choices") { $0.array { _ in } }
                usage(all).write(to: &writer)
            }
            try await events.send(writer.finish())
        }
        try await events.end()
    }

    /// Adds tokens whose text has been given out as a whole.
    private func take(
        _ tokens: [Int32], _ values: [TokenLogProbability], into stream: inout Stream
    ) {
        guard body.logprobs != nil else { return }
        var count = stream.sentTokens
        while count < tokens.count,
            names.tokenizer.decode(Array(tokens[...count])).utf8.count <= stream.text.sent
        {
            count += 1
        }
        stream.lists.add(written: Array(values[stream.sentTokens..<min(count, values.count)]), names)
        stream.sentTokens = count
    }

    private func chunk(
        _ index: Int, _ piece: String, _ stream: Stream, finish: String?, _ choice: WrittenChoice?,
        _ job: GenerationJob
    ) -> [UInt8] {
        var writer = JSONWriter()
        writer.object { writer in
            head.write(to: &writer)
            writer.member("choices") { writer in
                writer.array { writer in
                    writer.element { writer in
                        writer.object { writer in
                            writer.member("index", index)
                            writer.member("text", piece)
                            if body.logprobs != nil {
                                writer.member("logprobs") {
                                    stream.lists.write(to: &$0, from: stream.sentEntries)
                                }
                            } else {
                                writer.memberNull("logprobs")
                            }
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

extension JSONWriter {
    mutating func member(_ key: String, _ tokens: [Int32]) {
        member(key) { writer in
            writer.array { writer in
                for token in tokens { writer.element { $0.integer(Int(token)) } }
            }
        }
    }
}
