internal import TheriacTokenizers

/// Turns the tokens of one continuation, as they are written, into pieces of text that together are its text.
///
/// A piece never ends inside a character, holds nothing that a later token could change, and what may be the beginning of a
/// stop text is held back until it is known not to be one.
struct TextStream {
    private var decoder: IncrementalDecoder
    private let stops: [[UInt8]]
    /// UTF-8 bytes given out.
    private(set) var sent = 0
    /// Where the text of each token ends, of those whose text is known.
    private var ends: [Int] = []
    /// Tokens behind these.
    private var open = 0
    private let countsTokens: Bool

    /// - Parameter countsTokens: whether ``sentTokens`` is wanted.
    init(_ tokenizer: Tokenizer, stops: [String], countsTokens: Bool = false) {
        decoder = IncrementalDecoder(tokenizer)
        self.stops = stops.map { Array($0.utf8) }
        self.countsTokens = countsTokens
    }

    /// Tokens whose text has been given out as a whole.
    private(set) var sentTokens = 0

    /// What can be given out of a text that goes on; "" for nothing.
    ///
    /// - Parameter tokens: those that came since the last call.
    mutating func piece(of tokens: [Int32]) -> String {
        append(tokens)
        let text = decoder.stable
        var end = text.count
        end -= stops.map { Self.overlap($0, text) }.max() ?? 0
        while end > 0, end < text.count, text[end] & 0xC0 == 0x80 { end -= 1 }
        guard end > sent else { return "" }
        defer {
            sent = end
            while sentTokens < ends.count, ends[sentTokens] <= sent { sentTokens += 1 }
        }
        return String(decoding: text[sent..<end], as: UTF8.self)
    }

    /// What is left of the finished text.
    mutating func rest(of text: String) -> String {
        let bytes = Array(text.utf8)
        guard bytes.count > sent else { return "" }
        defer { sent = bytes.count }
        return String(decoding: bytes[sent...], as: UTF8.self)
    }

    private mutating func append(_ tokens: [Int32]) {
        guard countsTokens else { return decoder.append(tokens) }
        for token in tokens {
            decoder.append(CollectionOfOne(token))
            open += 1
            guard decoder.tail.isEmpty else { continue }
            ends += repeatElement(decoder.stable.count, count: open)
            open = 0
        }
    }

    /// Bytes at the end of `text` with which `stop` begins, all of it left out.
    private static func overlap(_ stop: [UInt8], _ text: [UInt8]) -> Int {
        var count = min(stop.count - 1, text.count)
        while count > 0, !text.suffix(count).elementsEqual(stop.prefix(count)) { count -= 1 }
        return max(count, 0)
    }
}
