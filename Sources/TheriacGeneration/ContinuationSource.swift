/// What a method or a measure needs of a model: from what every server gives to what only weights in this process give.
public enum ModelNeed: String, Sendable, CaseIterable {
    case text
    case logProbabilities = "log-probabilities"
    case logits
    case hiddenStates = "hidden states"
    case gradients
}

/// What continues prompts: a checkpoint in this process, or a model behind a server.
///
/// ``GenerationRun`` keeps what a source writes and goes on after a kill, whichever it is.
public protocol ContinuationSource {
    /// As sentences name it.
    var sourceName: String { get }
    /// What methods and measures may ask of it.
    var gives: Set<ModelNeed> { get }
    /// Continues every prompt, and hands over the answers as they are finished, in any order.
    ///
    /// How many prompts are under way at a time, and how many answers come at once, is the source's choice; answers never
    /// depend on it.
    /// - Parameter each: takes the next answers; when it throws, the work ends with that error.
    /// - Throws: what no later prompt could survive. What concerns one prompt is ``PromptAnswer/Outcome/refused(reason:)``.
    mutating func answer(
        _ prompts: [(id: String, text: String)], each: ([PromptAnswer]) throws -> Void) throws
}

/// What became of one prompt.
public struct PromptAnswer: Sendable {
    public enum Outcome: Sendable {
        /// All its continuations, and the tokens they are made of (0 where nobody counted them).
        case written([Continuation], tokens: Int)
        /// Nothing; a later run tries it again.
        case refused(reason: String)
    }

    public var promptID: String
    public var outcome: Outcome

    public init(promptID: String, _ outcome: Outcome) {
        self.promptID = promptID
        self.outcome = outcome
    }
}

extension ContinuationSource {
    /// - Parameter user: what needs it, as the sentence begins: `The method word-filter`.
    /// - Throws: ``UnmetNeed`` for the first need that the source does not meet.
    public func check(_ needs: Set<ModelNeed>, for user: String) throws(UnmetNeed) {
        for need in ModelNeed.allCases where needs.contains(need) && !gives.contains(need) {
            throw UnmetNeed(user: user, need: need, source: sourceName, gives: gives)
        }
    }
}

/// A model that cannot give what is asked of it.
public struct UnmetNeed: Error, Equatable, CustomStringConvertible {
    public var user: String
    public var need: ModelNeed
    public var source: String
    public var gives: Set<ModelNeed>

    public init(user: String, need: ModelNeed, source: String, gives: Set<ModelNeed>) {
        self.user = user
        self.need = need
        self.source = source
        self.gives = gives
    }

    public var description: String {
        let given = ModelNeed.allCases.filter(gives.contains).map(\.rawValue).joined(separator: " and ")
        return
            "\(user) needs the model's \(need.rawValue), and \(source) gives \(given) only. Use a local checkpoint, "
            + "or leave it out."
    }
}

extension Continuation {
    /// A text of a source that does not say its tokens.
    public init(promptID: String, sample: Int, text: String, finish: Finish) {
        self.init(promptID: promptID, sample: sample, text: text, tokens: [], finish: finish)
    }
}
