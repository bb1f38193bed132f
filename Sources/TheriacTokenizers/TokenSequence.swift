/// Tokens being collected for one text.
struct TokenSequence {
    var ids: [Int32] = []
    /// Where each token lies; collected only when asked for. Bytes at first, scalars after ``Tokenizer``
    /// converted them.
    var ranges: [Range<Int>] = []
    /// White space at the ends of each token, for the post-processors that trim offsets. Collected with
    /// `ranges`.
    var margins: [Margins] = []
    let collectsRanges: Bool

    /// How many scalars at each end of a token are white space (or the byte alphabet's stand-in for a blank).
    struct Margins: Equatable {
        var leading = 0
        var trailing = 0
    }
}
