public import TheriacGeneration

/// Continuations by a remote model: several prompts under way at a time, answers in order.
///
/// A prompt the server cannot serve is refused with the reason. An error that concerns every prompt, and as many outages in
/// a row as there are requests at a time (three at least), end the work.
public struct RemoteContinuations: ContinuationSource {
    private let model: RemoteModel
    private let generation: GenerationSettings

    public init(_ model: RemoteModel, settings: GenerationSettings) {
        self.model = model
        generation = settings
    }

    public var sourceName: String { model.sourceName }
    public var gives: Set<ModelNeed> { model.gives }

    public mutating func answer(
        _ prompts: [(id: String, text: String)], each: ([PromptAnswer]) throws -> Void
    ) throws {
        let (model, generation) = (model, generation)
        var outages = OutageCount(model)
        try OrderedWork.run(prompts, width: model.settings.concurrency, ahead: 4 * model.settings.concurrency)
        { prompt in
            Result { () throws(RemoteFailure) in
                try Self.continuations(of: prompt.text, id: prompt.id, by: model, generation)
            }.mapContinuations(id: prompt.id)
        } each: { (answer: PromptAnswer, failure: RemoteFailure?) in
            if let failure { try outages.add(failure) } else { outages.reset() }
            try each([answer])
        }
    }

    /// - Throws: ``RemoteFailure``, also when a text was withheld: leaving it out would make the rest look clean.
    private static func continuations(
        of prompt: String, id: String, by model: RemoteModel, _ generation: GenerationSettings
    ) throws(RemoteFailure) -> (continuations: [Continuation], tokens: Int) {
        var request = CompletionRequest(prompt: prompt)
        request.maxTokens = generation.maxNewTokens
        // Without chance all samples are one text, and servers take no number of them.
        let isGreedy = generation.sampling.isGreedy || generation.sampling.topP == 0
        request.samples = isGreedy ? 1 : generation.samples
        request.temperature = isGreedy ? 0 : generation.sampling.temperature
        request.topP = isGreedy ? 1 : generation.sampling.topP
        request.topK = isGreedy ? 0 : generation.sampling.topK
        var (choices, tokens) = try model.samples(of: request, id: id, seed: generation.seed)
        let withheld = choices.count { $0.finish == .withheld }
        guard withheld == 0 else { throw .withheld(withheld, of: choices.count) }
        if isGreedy { choices = choices.flatMap { Array(repeating: $0, count: generation.samples) } }
        let continuations = choices.enumerated().map { sample, choice in
            Continuation(
                promptID: id, sample: sample, text: choice.text,
                finish: choice.finish == .length ? .length : .eos)
        }
        return (continuations, tokens)
    }
}

extension RemoteModel {
    /// Text always; log-probabilities of given texts from `/completions`, if the server has them.
    public var gives: Set<ModelNeed> {
        settings.endpoint == .completions ? [.text, .logProbabilities] : [.text]
    }
}

extension Result where Success == (continuations: [Continuation], tokens: Int), Failure == RemoteFailure {
    fileprivate func mapContinuations(id: String) -> (PromptAnswer, RemoteFailure?) {
        switch self {
        case .success(let success):
            (PromptAnswer(promptID: id, .written(success.continuations, tokens: success.tokens)), nil)
        case .failure(let failure):
            (PromptAnswer(promptID: id, .refused(reason: failure.description)), failure)
        }
    }
}

/// Outages in a row.
struct OutageCount {
    private let server: String
    private let limit: Int
    private var count = 0

    init(_ model: RemoteModel) {
        server = model.address.server
        limit = max(3, model.settings.concurrency)
    }

    mutating func reset() { count = 0 }

    /// - Throws: the failure when it concerns every request, ``RemoteFailure/stopped(server:failures:last:)`` when the
    ///   server seems gone.
    mutating func add(_ failure: RemoteFailure) throws(RemoteFailure) {
        if failure.concernsAll { throw failure }
        count = failure.isOutage ? count + 1 : 0
        if count >= limit { throw .stopped(server: server, failures: count, last: failure.description) }
    }
}
