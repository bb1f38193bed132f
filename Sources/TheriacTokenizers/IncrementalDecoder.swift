/// Decodes tokens as they are written. What it has is at any time what ``Tokenizer/decode(_:skippingSpecialTokens:)`` makes
/// of all the tokens, and a token more costs no more than a token.
public struct IncrementalDecoder: Sendable {
    private let tokenizer: Tokenizer
    private let skipsSpecialTokens: Bool
    private var running: any RunningDecoding

    public init(_ tokenizer: Tokenizer, skippingSpecialTokens: Bool = true) {
        self.tokenizer = tokenizer
        skipsSpecialTokens = skippingSpecialTokens
        running = tokenizer.makeRunningDecoding()
    }

    public mutating func append(_ ids: some Sequence<Int32>) {
        for id in ids { tokenizer.append(id, to: &running, skippingSpecialTokens: skipsSpecialTokens) }
    }

    /// UTF-8 of the text that no further token changes, and that ends no character in its middle.
    public var stable: [UInt8] { running.stable }

    /// UTF-8 behind it, as long as no further token comes.
    public var tail: [UInt8] { tokenizer.tail(of: running) }

    public var text: String { String(decoding: stable + tail, as: UTF8.self) }
}
