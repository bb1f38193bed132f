/// The tokens of a text and where each lies in it.
public struct Encoding: Sendable, Equatable {
    /// Token ids in order.
    public var ids: [Int32]
    /// For each token the Unicode scalars of the text it covers; empty for tokens that are not from the text.
    ///
    /// Tokens that hold parts of one scalar's bytes all cover that scalar.
    public var offsets: [Range<Int>]

    public init(ids: [Int32], offsets: [Range<Int>]) {
        self.ids = ids
        self.offsets = offsets
    }
}
