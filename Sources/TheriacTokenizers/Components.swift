/// Cuts a section into the pieces that the model tokenizes one by one.
protocol PreTokenizer: Sendable {
    /// Refines `section.ends`, and may rewrite `section.bytes`.
    func preTokenize(_ section: inout Section)
}

/// Turns pieces into tokens.
protocol TokenModel: Sendable {
    /// Appends the tokens of all pieces; ranges, when collected, are positions in `section.bytes`.
    func tokenize(
        _ section: borrowing Section, with scratch: inout ModelScratch, into output: inout TokenSequence)
}

/// Adds tokens to an encoded text, or moves its offsets.
protocol PostProcessor: Sendable {
    func process(_ tokens: inout TokenSequence, addingSpecialTokens: Bool)
}

/// Turns ids back into text.
protocol TokenDecoder: Sendable {
    func text(of ids: [Int32], in vocabulary: Vocabulary) -> String
}

/// Working memory of models, kept between texts.
struct ModelScratch: Sendable {
    var words = WordCache()
    var merging = MergeScratch()
}

/// Everything a text passes through, as read from a tokenizer's files.
struct Pipeline: Sendable {
    var preTokenizer: any PreTokenizer
    var model: any TokenModel
    var postProcessors: [any PostProcessor]
    var decoder: any TokenDecoder
}
