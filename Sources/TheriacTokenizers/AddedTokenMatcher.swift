/// Finds added tokens in text: leftmost first, the longest on ties, without overlap.
struct AddedTokenMatcher: Sendable {
    private let tokens: [AddedToken]
    /// A trie over UTF-8 bytes; node 0 is the root.
    private var nodes: [Node] = [Node()]
    /// Whether any token begins with this byte.
    private var begins = [Bool](repeating: false, count: 256)

    private struct Node: Sendable {
        /// The token that ends here, an index into `tokens`.
        var token = -1
        var children: [(byte: UInt8, node: Int)] = []
    }

    /// Looks for what `forms` has in place of some tokens' contents.
    init(_ tokens: [AddedToken], forms: [Int32: [UInt8]] = [:]) {
        self.tokens = tokens
        for (index, token) in tokens.enumerated() {
            let content = forms[token.id] ?? Array(token.content.utf8)
            guard let first = content.first else { continue }
            var node = 0
            for byte in content { node = child(of: node, byte) ?? addChild(to: node, byte) }
            nodes[node].token = index
            begins[Int(first)] = true
        }
    }

    /// Calls `body` with each stretch in order: its bytes, and the token it is, or nil for text in between.
    func forEachStretch(
        of bytes: UnsafeBufferPointer<UInt8>, _ body: (_ range: Range<Int>, _ token: Int32?) -> Void
    ) {
        var (position, covered) = (0, 0)
        while position < bytes.count {
            guard begins[Int(bytes[position])], let (token, end) = longestMatch(in: bytes, at: position)
            else {
                position += 1
                continue
            }
            var (lower, upper) = (position, end)
            position = end
            if token.isSingleWord, isWord(bytes, before: lower) || isWord(bytes, at: upper) { continue }
            if token.stripsLeft { lower = max(startOfSpace(bytes, endingAt: lower), covered) }
            if token.stripsRight { upper = endOfSpace(bytes, startingAt: upper) }
            if covered < lower { body(covered..<lower, nil) }
            body(lower..<upper, token.id)
            covered = upper
        }
        if covered < bytes.count { body(covered..<bytes.count, nil) }
    }

    private func longestMatch(in bytes: UnsafeBufferPointer<UInt8>, at start: Int) -> (AddedToken, end: Int)?
    {
        var (node, position) = (0, start)
        var found: (AddedToken, end: Int)?
        while position < bytes.count, let next = child(of: node, bytes[position]) {
            node = next
            position += 1
            if nodes[node].token >= 0 { found = (tokens[nodes[node].token], position) }
        }
        return found
    }

    private func child(of node: Int, _ byte: UInt8) -> Int? {
        for child in nodes[node].children where child.byte == byte { return child.node }
        return nil
    }

    private mutating func addChild(to node: Int, _ byte: UInt8) -> Int {
        nodes.append(Node())
        nodes[node].children.append((byte, nodes.count - 1))
        return nodes.count - 1
    }

    private func isWord(_ bytes: UnsafeBufferPointer<UInt8>, before end: Int) -> Bool {
        end > 0 && isWord(bytes, at: UTF8Scalar.start(before: end, in: bytes))
    }

    private func isWord(_ bytes: UnsafeBufferPointer<UInt8>, at start: Int) -> Bool {
        guard start < bytes.count else { return false }
        return Unicode.Scalar(UTF8Scalar.decode(bytes, at: start).value)?.isWordScalar ?? false
    }

    private func startOfSpace(_ bytes: UnsafeBufferPointer<UInt8>, endingAt end: Int) -> Int {
        var position = end
        while position > 0 {
            let start = UTF8Scalar.start(before: position, in: bytes)
            guard ScalarClass.of(UTF8Scalar.decode(bytes, at: start).value) == .space else { break }
            position = start
        }
        return position
    }

    private func endOfSpace(_ bytes: UnsafeBufferPointer<UInt8>, startingAt start: Int) -> Int {
        var position = start
        while position < bytes.count {
            let (scalar, width) = UTF8Scalar.decode(bytes, at: position)
            guard ScalarClass.of(scalar) == .space else { break }
            position += width
        }
        return position
    }
}
