internal import HTTPTypes
internal import TheriacGeneration
internal import TheriacTokenizers

extension Route {
    /// Answers a conversation.
    static let chatCompletions = Route(
        name: "chat_completions", method: .post, paths: ["/v1/chat/completions"], dialect: .openAI,
        body: .single
    ) { request, scope in
        try await scope.write(.chat, request)
    }
}

/// The answer of `/v1/chat/completions`, at once or piece by piece.
struct ChatAnswer: WrittenAnswer {
    let head: AnswerHead
    let body: ChatRequest
    let promptTokens: Int
    let record: TreatmentRecord
    let names: TokenNames

    var rows: RowSettings { body.rows }
    var listsTokens: Bool { body.logprobs != nil }
    var isWritten: Bool { true }

    func usage(_ choices: [WrittenChoice]) -> TokenUsage {
        TokenUsage(prompt: promptTokens, completion: choices.reduce(0) { $0 + $1.done.drawn })
    }

    func whole(_ job: GenerationJob) async throws -> [UInt8] {
        var choices: [WrittenChoice] = []
        while let events = try await job.next() {
            for case .finished(_, let done) in events {
                choices.append(WrittenChoice(index: done.continuation.sample, prompt: 0, done: done))
            }
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
            guard listsTokens, let values else { return writer.raw("null") }
            ChatTokens.write(values, names, to: &writer)
        }
    }

    // MARK: Piece by piece

    func opening(_ job: GenerationJob) -> [[UInt8]] {
        (0..<rows.samples).map { chunk($0, role: true, "", [], nil, job) }
    }

    func events(_ piece: StreamedPiece, _ lists: inout TokenLists, _ job: GenerationJob) -> [[UInt8]] {
        var events: [[UInt8]] = []
        if !piece.text.isEmpty || listsTokens && !piece.values.isEmpty {
            events.append(chunk(piece.index, role: false, piece.text, piece.values, nil, job))
        }
        if let choice = piece.choice {
            events.append(chunk(piece.index, role: false, nil, [], choice, job))
        }
        return events
    }

    /// - Parameter piece: nil for an empty delta.
    private func chunk(
        _ index: Int, role: Bool, _ piece: String?, _ values: [TokenLogProbability],
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
                            if let choice {
                                writer.member("finish_reason", choice.finish)
                            } else {
                                writer.memberNull("finish_reason")
                            }
                        }
                    }
                }
            }
            if rows.includesUsage { writer.memberNull("usage") }
            if let choice { record.write(seed: job.template.seed, [choice], to: &writer) }
        }
        return writer.finish()
    }
}
