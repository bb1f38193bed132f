/// A text, byte by byte.
struct LiteralPattern: TextPattern {
    private let bytes: [UInt8]

    init(_ text: String) { bytes = Array(text.utf8) }

    func forEachMatch(
        in piece: Range<Int>, of text: UnsafeBufferPointer<UInt8>, _ body: (Range<Int>) -> Void
    ) {
        guard let first = bytes.first else { return }
        bytes.withUnsafeBufferPointer { bytes in
            var position = piece.lowerBound
            while position + bytes.count <= piece.upperBound {
                var length = 0
                if text[position] == first {
                    length = 1
                    while length < bytes.count, text[position + length] == bytes[length] { length += 1 }
                }
                if length == bytes.count {
                    body(position..<position + length)
                    position += length
                } else {
                    position += 1
                }
            }
        }
    }
}
