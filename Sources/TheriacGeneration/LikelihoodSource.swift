/// What says how likely continuations are: a checkpoint in this process, or a model behind a server.
public protocol LikelihoodSource {
    /// The likelihood of each continuation given its prompt, in order. Prompt and continuation are read as one text;
    /// tokens of the prompt are those both readings begin with.
    func likelihoods(
        of texts: [(prompt: String, continuation: String)]
    ) throws -> [ContinuationLikelihood]
}

/// How likely one continuation is.
public enum ContinuationLikelihood: Sendable, Equatable {
    /// Negative log-likelihood in nats, and the tokens it is over.
    case measured(sum: Double, tokens: Int)
    /// It adds no token, or does not fit the model's context.
    case none
    /// Nobody could be asked; a later run tries again.
    case failed(reason: String)
}

extension Likelihood: LikelihoodSource {
    public func likelihoods(
        of texts: [(prompt: String, continuation: String)]
    ) throws -> [ContinuationLikelihood] {
        try ofContinuations(texts).map { found in
            found.map { .measured(sum: $0.sum, tokens: $0.tokens) } ?? .none
        }
    }
}
