internal import TheriacTokenizers

/// The text of a row while it is written, searched for stop texts. A token more costs no more than a token.
struct WrittenText {
    private var decoder: IncrementalDecoder
    private let stops: [[UInt8]]
    /// Tokens it has.
    private(set) var count = 0
    /// Up to where no stop text begins, whatever follows.
    private var searched = 0

    init(_ tokenizer: Tokenizer, stops: [String]) {
        decoder = IncrementalDecoder(tokenizer)
        self.stops = stops.map { Array($0.utf8) }
    }

    /// - Returns: all of the text and the first place in it where a stop text stands; nil when there is none.
    mutating func append(_ tokens: some Collection<Int32>) -> (text: [UInt8], end: Int)? {
        decoder.append(tokens)
        count += tokens.count
        let stable = decoder.stable
        let longest = stops.map(\.count).max() ?? 0
        // The tail is short, so that only the end of the text is copied.
        let start = searched
        let end = stable[start...] + decoder.tail
        searched = max(start, stable.count - longest + 1)
        guard let place = stops.compactMap({ end.firstPlace(of: $0) }).min() else { return nil }
        return (stable + decoder.tail, place)
    }
}

extension ArraySlice<UInt8> {
    /// Where `other` first stands in it; nil for an empty one.
    fileprivate func firstPlace(of other: [UInt8]) -> Int? {
        guard let first = other.first, other.count <= count else { return nil }
        return (startIndex...endIndex - other.count).first {
            self[$0] == first && self[$0..<$0 + other.count].elementsEqual(other)
        }
    }
}
