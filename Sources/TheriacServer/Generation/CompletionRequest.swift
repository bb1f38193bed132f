internal import NIOCore
internal import TheriacGeneration
internal import TheriacFiles

/// The body of `/v1/completions`.
struct CompletionRequest: GenerationRequest {
    var rows: RowSettings
    var prompts: [PromptText]
    /// nil: not stated.
    var maxTokens: Int?
    var echo = false
    /// Alternatives beside each token; nil: no log-probabilities.
    var logprobs: Int?
    /// Continuations drawn, of which the likeliest are given.
    var bestOf: Int
    var returnsTokenIDs = false

    /// - Throws: ``OpenAIError``, `JSONError`.
    init(_ body: ByteBuffer, _ host: GenerationHost) throws {
        var fields = try BodyFields(body)
        rows = try RowSettings(&fields, host)
        let addsSpecial = try fields.bool("add_special_tokens") ?? true
        guard let prompt = fields.value("prompt") else { throw OpenAIError.missing("prompt") }
        prompts = try Self.prompts(prompt, vocabulary: host.facts.vocabulary, addsSpecial: addsSpecial)
        echo = try fields.bool("echo") ?? false
        maxTokens = try fields.integer(
            "max_tokens", in: 0...(host.settings.maxTokens ?? 1_000_000))
        if maxTokens == 0, !echo {
            throw OpenAIError.invalid("max_tokens", "0 goes with 'echo': true only.")
        }
        logprobs = try fields.integer("logprobs", in: 0...100)
        bestOf = try fields.integer("best_of", in: 1...host.settings.rowsPerRequest) ?? rows.samples
        guard bestOf >= rows.samples else {
            throw OpenAIError.invalid("best_of", "It must be at least 'n'.")
        }
        if bestOf > rows.samples, rows.streams {
            throw OpenAIError.invalid("best_of", "With 'stream' it must equal 'n'.")
        }
        returnsTokenIDs = try fields.bool("return_token_ids") ?? false
        try fields.refuse("suffix", unless: [.string("")])
        try fields.finish()
    }

    private static func prompts(
        _ value: JSONValue, vocabulary: Int, addsSpecial: Bool
    ) throws -> [PromptText] {
        func text(_ text: String) -> PromptText { addsSpecial ? .text(text) : .rendered(text) }
        let expected = "a string, a list of strings, a list of token ids or a list of such lists"
        switch value {
        case .string(let prompt): return [text(prompt)]
        case .array(let elements):
            guard let first = elements.first else {
                throw OpenAIError.invalid("prompt", "It must not be empty.")
            }
            switch first {
            case .string:
                let texts = elements.compactMap(\.text)
                guard texts.count == elements.count else {
                    throw OpenAIError.wrongType("prompt", expected: expected)
                }
                return texts.map(text)
            case .integer: return [.tokens(try elements.tokens("prompt", vocabulary: vocabulary))]
            case .array:
                return try elements.map { element in
                    guard let list = element.elements else {
                        throw OpenAIError.wrongType("prompt", expected: expected)
                    }
                    guard !list.isEmpty else {
                        throw OpenAIError.invalid("prompt", "A list of token ids in it is empty.")
                    }
                    return .tokens(try list.tokens("prompt", vocabulary: vocabulary))
                }
            default: throw OpenAIError.wrongType("prompt", expected: expected)
            }
        default: throw OpenAIError.wrongType("prompt", expected: expected)
        }
    }

    var hasStatedLimit: Bool { maxTokens != nil }

    func template(_ host: GenerationHost) -> GenerationOrder {
        var order = rows.order
        order.samples = bestOf
        order.maxNewTokens = maxTokens ?? 16
        // Ranking needs the tokens' own log-probabilities.
        order.alternatives = logprobs ?? (bestOf > rows.samples ? 0 : nil)
        order.measuresPrompt = echo && logprobs != nil
        order.reportsProgress = rows.streams
        return order
    }

    func answer(
        id: String, _ tokens: [[Int32]], _ record: TreatmentRecord, _ names: TokenNames
    ) -> any WrittenAnswer {
        CompletionAnswer(
            head: AnswerHead(id: "cmpl-\(id)", object: "text_completion", model: record.model.name),
            body: self, tokens: tokens, record: record, names: names)
    }
}
