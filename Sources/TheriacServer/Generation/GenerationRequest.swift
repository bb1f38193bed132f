internal import NIOCore
internal import TheriacGeneration

/// The body of a request for texts, in either of the two forms.
protocol GenerationRequest: Sendable {
    var rows: RowSettings { get }

    /// - Throws: ``OpenAIError``, `JSONError`.
    init(_ body: ByteBuffer, _ host: GenerationHost) throws

    var prompts: [PromptText] { get }
    /// Prompts and continuations as the order of a job has them.
    func template(_ host: GenerationHost) -> GenerationOrder
    /// Tokens were asked for by number.
    var hasStatedLimit: Bool { get }

    /// - Parameters:
    ///   - id: what tells this answer from others.
    ///   - tokens: of each prompt, as the model reads it.
    func answer(
        id: String, _ tokens: [[Int32]], _ record: TreatmentRecord, _ names: TokenNames
    ) -> any WrittenAnswer
}

extension GenerationRequest {
    func job(_ host: GenerationHost, before deadline: ContinuousClock.Instant) -> GenerationJob {
        GenerationJob(
            choice: rows.choice, prompts: prompts, template: template(host), hasStatedLimit: hasStatedLimit,
            deadline: deadline)
    }
}

extension GuardedRequest.Kind {
    /// Reads a body of this kind.
    func read(_ body: ByteBuffer, _ host: GenerationHost) throws -> any GenerationRequest {
        switch self {
        case .completions: try CompletionRequest(body, host)
        case .chat: try ChatRequest(body, host)
        }
    }
}
