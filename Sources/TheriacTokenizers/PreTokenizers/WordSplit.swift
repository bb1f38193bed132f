/// Words, and runs of what is neither word nor white space: `\w+|[^\w\s]+` (`Whitespace`).
struct WordSplit: PreTokenizer {
    func preTokenize(_ section: inout Section) {
        section.cut { bytes, piece, pieces in
            var start = piece.lowerBound
            var position = start
            var current = Kind.space
            while position < piece.upperBound {
                let (scalar, width) = UTF8Scalar.decode(bytes, at: position)
                let kind = Self.kind(of: ScalarTraits.of(scalar))
                if kind != current {
                    if current != .space { pieces.append(start..<position) }
                    (start, current) = (position, kind)
                }
                position += width
            }
            if current != .space { pieces.append(start..<position) }
        }
    }

    private enum Kind { case word, other, space }

    private static func kind(of traits: ScalarTraits) -> Kind {
        traits.contains(.word) ? .word : traits.contains(.space) ? .space : .other
    }
}
