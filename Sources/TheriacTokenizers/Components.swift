/// Rewrites the text of a section before it is cut.
protocol Normalizer: Sendable {
    /// Changes `section`, which is one piece, and stays so.
    func normalize(_ section: inout Section)
}

/// Cuts a section into the pieces that the model tokenizes one by one.
protocol PreTokenizer: Sendable {
    /// Refines `section.pieces`, and may rewrite what they hold.
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
    /// The bytes that a token stands for within a text.
    func bytes(of id: Int32, in vocabulary: Vocabulary) -> [UInt8]
    /// The same as ``text(of:in:)``, token by token.
    func running() -> any RunningDecoding
}

/// Working memory of models, kept between texts.
struct ModelScratch: Sendable {
    var words = WordCache()
    var merging = MergeScratch()
    var path = PathScratch()
}

/// Everything a text passes through, as read from a tokenizer's files.
struct Pipeline: Sendable {
    var normalizers: [any Normalizer] = []
    var preTokenizers: [any PreTokenizer]
    var model: any TokenModel
    var postProcessors: [any PostProcessor]
    var decoder: any TokenDecoder
    /// Whether a step asks where its bytes come from, even when nobody wants offsets.
    var needsPlaces = false

    /// The normalized form of a text.
    func normalized(_ text: [UInt8]) -> [UInt8] {
        if normalizers.isEmpty { return text }
        var section = Section()
        text.withUnsafeBufferPointer { section.load($0, startingAt: 0, tracksPlaces: false) }
        for normalizer in normalizers { normalizer.normalize(&section) }
        return section.bytes
    }
}
