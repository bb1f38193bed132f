/// Reads merge rules in either form of `tokenizer.json`, or from `merges.txt`.
struct MergeReader {
    let vocabulary: Vocabulary
    let file: String
    /// How many bytes the second token of a rule loses when it is joined.
    private let prefixLength: Int
    private var rules: [(left: Int32, right: Int32, joined: Int32)] = []
    private var joined: [UInt8] = []

    init(vocabulary: Vocabulary, file: String, prefixLength: Int = 0) {
        self.vocabulary = vocabulary
        self.file = file
        self.prefixLength = prefixLength
    }

    /// The tokens that rules make.
    var joinedTokens: [Int32] { rules.map(\.joined) }

    /// All rules read, the first with rank 0.
    func table() -> MergeTable {
        var table = MergeTable(capacity: rules.count)
        for (rank, rule) in rules.enumerated() {
            table.insert(rule.left, rule.right, rank: rank, joined: rule.joined)
        }
        return table
    }

    /// Reads `["a b", …]` or `[["a", "b"], …]`.
    mutating func read(_ reader: inout JSONReader) throws(TokenizerError) {
        var (left, right): ([UInt8], [UInt8]) = ([], [])
        try reader.array { (reader) throws(TokenizerError) in
            left.removeAll(keepingCapacity: true)
            right.removeAll(keepingCapacity: true)
            if reader.peek() == UInt8(ascii: "[") {
                var count = 0
                try reader.array { (reader) throws(TokenizerError) in
                    switch count {
                    case 0: try reader.string(into: &left)
                    case 1: try reader.string(into: &right)
                    default: throw fail("it has more than two tokens")
                    }
                    count += 1
                }
                if count != 2 { throw fail("it has fewer than two tokens") }
                try add(left[...], right[...])
            } else {
                try reader.string(into: &left)
                try add(line: left)
            }
        }
    }

    /// Adds the rule of a line "a b". Lines that begin with "#version" are not rules.
    mutating func add(line: [UInt8]) throws(TokenizerError) {
        if line.starts(with: "#version".utf8) { return }
        guard let blank = line.firstIndex(of: 0x20), !line[(blank + 1)...].contains(0x20) else {
            throw fail("it is not two tokens with one blank between them")
        }
        try add(line[..<blank], line[(blank + 1)...])
    }

    private mutating func add(_ left: ArraySlice<UInt8>, _ right: ArraySlice<UInt8>) throws(TokenizerError) {
        joined.removeAll(keepingCapacity: true)
        joined.append(contentsOf: left)
        joined.append(contentsOf: right.dropFirst(prefixLength))
        guard let leftID = id(left), let rightID = id(right) else {
            throw fail("the \(id(left) == nil ? "first" : "second") of its tokens is not in the vocabulary")
        }
        guard let joinedID = id(joined[...]) else {
            throw fail("the token it makes is not in the vocabulary")
        }
        rules.append((leftID, rightID, joinedID))
    }

    private func id(_ content: ArraySlice<UInt8>) -> Int32? {
        content.withUnsafeBufferPointer { vocabulary.id(of: $0) }
    }

    private func fail(_ reason: String) -> TokenizerError {
        .invalidMerge(file: file, position: rules.count, reason: reason)
    }
}
