internal import HTTPTypes
internal import TheriacGeneration
internal import TheriacTokenizers

extension Route {
    /// Continues prompts, and says how likely texts are.
    static let completions = Route(
        name: "completions", method: .post, paths: ["/v1/completions"], dialect: .openAI, body: .single
    ) { request, scope in
        try await scope.write(.completions, request)
    }
}

/// The answer of `/v1/completions`, at once or piece by piece.
struct CompletionAnswer: WrittenAnswer {
    let head: AnswerHead
    let body: CompletionRequest
    /// Of each prompt, as the model reads it.
    let tokens: [[Int32]]
    let record: TreatmentRecord
    let names: TokenNames

    var rows: RowSettings { body.rows }
    var listsTokens: Bool { body.logprobs != nil }
    var isWritten: Bool { body.maxTokens != 0 }

    // MARK: At once

    func whole(_ job: GenerationJob) async throws -> [UInt8] {
        var measured: [Int: [TokenLogProbability?]] = [:]
        var all: [WrittenChoice] = []
        while let events = try await job.next() {
            for event in events {
                switch event {
                case .accepted, .progress: break
                case .measured(let prompt, let values): measured[prompt] = values
                case .finished(let prompt, let done):
                    let sample = done.continuation.sample
                    all.append(
                        WrittenChoice(index: prompt * body.bestOf + sample, prompt: prompt, done: done))
                }
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

    func usage(_ all: [WrittenChoice]) -> TokenUsage {
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
        var lists = self.lists(choice.prompt, measured)
        if isWritten { lists.add(written: values, names) }
        return lists
    }

    /// The lists over the prompt, where it is echoed.
    func lists(_ prompt: Int, _ measured: [TokenLogProbability?]) -> TokenLists {
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
    func echo(_ prompt: Int) -> String {
        guard body.echo else { return "" }
        if case .text(let text) = body.prompts[prompt], !record.editsPrompts { return text }
        return names.tokenizer.decode(tokens[prompt], skippingSpecialTokens: false)
    }

    // MARK: Piece by piece

    func events(_ piece: StreamedPiece, _ lists: inout TokenLists, _ job: GenerationJob) -> [[UInt8]] {
        if listsTokens { lists.add(written: piece.values, names) }
        var writer = JSONWriter()
        writer.object { writer in
            head.write(to: &writer)
            writer.member("choices") { writer in
                writer.array { writer in
                    writer.element { writer in
                        writer.object { writer in
                            writer.member("index", piece.index)
                            writer.member("text", piece.text)
                            if listsTokens {
                                writer.member("logprobs") { lists.write(to: &$0) }
                            } else {
                                writer.memberNull("logprobs")
                            }
                            if let choice = piece.choice {
                                writer.member("finish_reason", isWritten ? choice.finish : "length")
                            } else {
                                writer.memberNull("finish_reason")
                            }
                        }
                    }
                }
            }
            if rows.includesUsage { writer.memberNull("usage") }
            if let choice = piece.choice { record.write(seed: job.template.seed, [choice], to: &writer) }
        }
        lists.forget()
        return [writer.finish()]
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
