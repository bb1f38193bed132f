/// A detector that says how toxic each token of a text is, as one with a trained span head does.
public protocol TokenScoring: Sendable {
    /// Whether it can: a detector of the kind may have been trained without a span head.
    var hasSpanHead: Bool { get }

    /// Each token's place in the text and its probability of being toxic, in the order of the text.
    ///
    /// Places are Unicode scalars, as the tokenizer reports them; they may leave gaps (white space) and several tokens
    /// may share one scalar. Tokens that are not from the text (`[CLS]`) are left out. A text longer than the model's
    /// window is read whole, each token once. No tokens for a text without any.
    func tokenToxicity(of text: String) throws -> [(scalars: Range<Int>, probability: Float)]

    /// As for one text, many together.
    func tokenToxicity(of texts: [String]) throws -> [[(scalars: Range<Int>, probability: Float)]]
}

extension TokenScoring {
    public var hasSpanHead: Bool { true }

    public func tokenToxicity(of texts: [String]) throws -> [[(scalars: Range<Int>, probability: Float)]] {
        try texts.map { try tokenToxicity(of: $0) }
    }
}
