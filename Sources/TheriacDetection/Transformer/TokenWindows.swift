import TheriacTokenizers

/// A text as windows of tokens, each short enough for the model, with the special tokens it expects around them.
///
/// A text that fits is one window. A longer one is cut into windows that overlap; the last one ends with the text and is
/// as long as the others. Every token is in at least one window.
struct TokenWindows: Equatable {
    /// With special tokens; none for a text without tokens.
    var sequences: [[Int32]] = []
    /// For each window, its tokens' places among those of the text.
    var ranges: [Range<Int>] = []
}

/// Cuts texts into windows for one tokenizer.
struct WindowCutter: Sendable {
    let tokenizer: Tokenizer
    /// Special tokens before and after a text.
    let prefix: [Int32]
    let suffix: [Int32]
    /// Most tokens of a window, special ones included.
    let window: Int
    /// Tokens that two neighbours share, at least.
    let overlap: Int
    /// Emoji are read as their names.
    let namesEmoji: Bool

    /// - Throws: ``DetectionError`` when a window has no room for the special tokens and twice the overlap.
    init(_ tokenizer: Tokenizer, window: Int, overlap: Int, namesEmoji: Bool = false) throws {
        self.tokenizer = tokenizer
        self.namesEmoji = namesEmoji
        self.window = window
        self.overlap = overlap
        let plain = tokenizer.encode("a", addingSpecialTokens: false)
        let framed = tokenizer.encode("a", addingSpecialTokens: true)
        let start = (0...max(0, framed.count - plain.count)).first {
            framed.dropFirst($0).starts(with: plain)
        }
        prefix = Array(framed.prefix(start ?? 0))
        suffix = Array(framed.dropFirst((start ?? 0) + plain.count))
        guard window - prefix.count - suffix.count > overlap, overlap >= 0 else {
            throw DetectionError.windows(
                window: window, overlap: overlap, special: prefix.count + suffix.count)
        }
    }

    /// Tokens of the text in one window.
    var room: Int { window - prefix.count - suffix.count }

    func windows(of text: String) -> TokenWindows {
        windows(
            ofTokens: tokenizer.encode(
                namesEmoji ? EmojiNames.written(text)?.text ?? text : text, addingSpecialTokens: false))
    }

    /// The tokens of a text, with the scalars each covers.
    func encoding(of text: String) -> (ids: [Int32], scalars: [Range<Int>]) {
        guard namesEmoji, let written = EmojiNames.written(text) else {
            let encoding = tokenizer.encodeWithOffsets(text, addingSpecialTokens: false)
            return (encoding.ids, encoding.offsets)
        }
        let encoding = tokenizer.encodeWithOffsets(written.text, addingSpecialTokens: false)
        let scalars = encoding.offsets.map { token in
            token.isEmpty
                ? token : written.origins[token.lowerBound]..<written.origins[token.upperBound - 1] + 1
        }
        return (encoding.ids, scalars)
    }

    func windows(ofTokens tokens: [Int32]) -> TokenWindows {
        var made = TokenWindows()
        for range in Self.ranges(count: tokens.count, room: room, overlap: overlap) {
            made.sequences.append(prefix + tokens[range] + suffix)
            made.ranges.append(range)
        }
        return made
    }

    /// The windows' places in a text of `count` tokens.
    static func ranges(count: Int, room: Int, overlap: Int) -> [Range<Int>] {
        guard count > room else { return count > 0 ? [0..<count] : [] }
        var ranges: [Range<Int>] = []
        var start = 0
        while start + room < count {
            ranges.append(start..<start + room)
            start += room - overlap
        }
        ranges.append(count - room..<count)
        return ranges
    }
}

/// Which sequences are computed together: those of like length, as many as fit the budget.
///
/// Nothing is padded, so this is only about how much memory a pass needs and how even the work is.
func lengthBatches(_ lengths: [Int], budget: Int) -> [[Int]] {
    var batches: [[Int]] = []
    var tokens = 0
    for index in lengths.indices.sorted(by: { (lengths[$0], $0) < (lengths[$1], $1) }) {
        if batches.isEmpty || tokens + lengths[index] > budget {
            batches.append([])
            tokens = 0
        }
        batches[batches.count - 1].append(index)
        tokens += lengths[index]
    }
    return batches
}
