internal import TheriacTokenizers

/// Turns the tokens of one continuation, as they are written, into pieces of text that together are its text.
///
/// A piece never ends inside a character, and what may be the beginning of a stop text is held back until it is known not
/// to be one.
struct TextStream {
    private let tokenizer: Tokenizer
    private let stops: [[UInt8]]
    /// UTF-8 bytes given out.
    private(set) var sent = 0

    init(_ tokenizer: Tokenizer, stops: [String]) {
        self.tokenizer = tokenizer
        self.stops = stops.map { Array($0.utf8) }
    }

    /// What can be given out of a text that goes on; "" for nothing.
    mutating func piece(of tokens: [Int32]) -> String {
        let text = Array(tokenizer.decode(tokens).utf8)
        var end = text.count
        // U+FFFD at the end stands for a character whose other bytes are still to come.
        while end >= 3, text[end - 3..<end].elementsEqual([0xEF, 0xBF, 0xBD]) { end -= 3 }
        end -= stops.map { Self.overlap($0, text[..<end]) }.max() ?? 0
        while end > 0, end < text.count, text[end] & 0xC0 == 0x80 { end -= 1 }
        guard end > sent else { return "" }
        defer { sent = end }
        return String(decoding: text[sent..<end], as: UTF8.self)
    }

    /// What is left of the finished text.
    mutating func rest(of text: String) -> String {
        let bytes = Array(text.utf8)
        guard bytes.count > sent else { return "" }
        defer { sent = bytes.count }
        return String(decoding: bytes[sent...], as: UTF8.self)
    }

    /// Bytes at the end of `text` with which `stop` begins, all of it left out.
    private static func overlap(_ stop: [UInt8], _ text: ArraySlice<UInt8>) -> Int {
        var count = min(stop.count - 1, text.count)
        while count > 0, !text.suffix(count).elementsEqual(stop.prefix(count)) { count -= 1 }
        return max(count, 0)
    }
}
