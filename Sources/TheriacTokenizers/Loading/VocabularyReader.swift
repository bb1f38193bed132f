/// Collects the tokens of a vocabulary as they are read, then checks that they form one.
struct VocabularyReader {
    private var storage: [UInt8] = []
    private var tokens: [(span: Range<Int>, id: Int)] = []

    /// Reads `{"token": id, …}`.
    mutating func read(_ reader: inout JSONReader) throws(TokenizerError) {
        storage.reserveCapacity(reader.bytes.count / 4)
        try reader.object { (reader, key) throws(TokenizerError) in
            let start = storage.count
            storage.append(contentsOf: key)
            tokens.append((start..<storage.count, try reader.integer()))
        }
    }

    /// Reads `[["token", score], …]`; ids follow the order.
    mutating func readScored(_ reader: inout JSONReader, scores: inout [Double]) throws(TokenizerError) {
        var content: [UInt8] = []
        try reader.array { (reader) throws(TokenizerError) in
            var count = 0
            content.removeAll(keepingCapacity: true)
            try reader.array { (reader) throws(TokenizerError) in
                switch count {
                case 0: try reader.string(into: &content)
                case 1: scores.append(try reader.referenceNumber())
                default: throw reader.fail("expected a token and its score")
                }
                count += 1
            }
            if count != 2 { throw reader.fail("expected a token and its score") }
            let start = storage.count
            storage.append(contentsOf: content)
            tokens.append((start..<storage.count, tokens.count))
        }
    }

    /// The vocabulary: every id from 0 up exactly once, every content once.
    func vocabulary(file: String) throws(TokenizerError) -> Vocabulary {
        func fail(_ reason: String) -> TokenizerError { .invalidVocabulary(file: file, reason: reason) }
        guard !tokens.isEmpty else { throw fail("it has no tokens") }
        var spans = [Range<Int>?](repeating: nil, count: tokens.count)
        for (position, token) in tokens.enumerated() {
            guard token.id >= 0, token.id < tokens.count else {
                throw fail(
                    "token \(position) has id \(token.id), but \(tokens.count) tokens must have the ids 0 to "
                        + "\(tokens.count - 1)")
            }
            if spans[token.id] != nil { throw fail("id \(token.id) is given to two tokens") }
            spans[token.id] = token.span
        }
        var duplicate: (Int, Int)?
        let vocabulary = Vocabulary(storage: storage, spans: spans.compactMap { $0 }, duplicate: &duplicate)
        if let duplicate { throw fail("ids \(duplicate.0) and \(duplicate.1) are the same token") }
        return vocabulary
    }
}
