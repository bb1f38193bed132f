internal import Synchronization
internal import TheriacGeneration
internal import TheriacTokenizers

/// A prompt as a request gives it.
enum PromptText: Sendable {
    case text(String)
    /// Used as they are.
    case tokens([Int32])
    /// The text of a conversation: special tokens stand in it and none are added.
    case rendered(String)
}

/// What becomes of a job, in the order in which it happens.
enum GenerationEvent: Sendable {
    /// The tokens that the model reads, by prompt, and what is done to them. Comes first.
    case accepted([[Int32]], TreatmentRecord)
    case measured(prompt: Int, [TokenLogProbability?])
    /// Tokens that came since the last.
    case progress(prompt: Int, DecodeLoop.Progress)
    case finished(prompt: Int, DecodeLoop.Finished)
}

/// One request on its way through the host.
final class GenerationJob: Sendable {
    let choice: ChainChoice
    let prompts: [PromptText]
    /// What all its prompts have in common; id and tokens are the host's to fill in.
    let template: GenerationOrder
    /// Tokens were asked for by number, and too many are an error rather than cut.
    let hasStatedLimit: Bool
    let arrived = ContinuousClock.now
    let deadline: ContinuousClock.Instant
    private let box = EventBox()
    private let cancelled = Atomic<Bool>(false)

    init(
        choice: ChainChoice, prompts: [PromptText], template: GenerationOrder, hasStatedLimit: Bool,
        deadline: ContinuousClock.Instant
    ) {
        self.choice = choice
        self.prompts = prompts
        self.template = template
        self.hasStatedLimit = hasStatedLimit
        self.deadline = deadline
    }

    /// Continuations it asks for.
    var rows: Int { prompts.count * template.samples }

    var isCancelled: Bool { cancelled.load(ordering: .acquiring) }

    /// Nobody waits for it any more.
    func cancel() { cancelled.store(true, ordering: .releasing) }

    /// Calls `action` when the task that reads the events is cancelled.
    func whenAbandoned(_ action: @escaping @Sendable () -> Void) { box.whenLeft(action) }

    func send(_ event: GenerationEvent) { box.send(event) }
    func finish(_ error: (any Error)? = nil) { box.finish(error) }

    /// All events that came since the last call, at least one; nil at the end. For one task.
    func next() async throws -> [GenerationEvent]? { try await box.next() }

    /// Hands it in and waits until it is accepted.
    ///
    /// - Returns: the prompts' tokens, and what is done to the texts.
    func accepted(by host: GenerationHost) async throws -> ([[Int32]], TreatmentRecord) {
        try host.submit(self)
        return try await box.acceptance()
    }
}
