/// A token recognised in the text before anything else happens to it, such as `<|endoftext|>`.
public struct AddedToken: Sendable, Equatable {
    public var id: Int32
    public var content: String
    /// Left out of decoded text by default.
    public var isSpecial = false
    /// Recognised only where no word character touches it.
    public var isSingleWord = false
    /// Takes in the white space before it.
    public var stripsLeft = false
    /// Takes in the white space after it.
    public var stripsRight = false
    /// Looked for after normalization instead of before.
    public var isNormalized = false

    public init(id: Int32, content: String) {
        self.id = id
        self.content = content
    }
}
