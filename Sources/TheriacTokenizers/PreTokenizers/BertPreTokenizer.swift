/// Cuts at white space, which is left out, and around every punctuation mark.
struct BertPreTokenizer: PreTokenizer {
    func preTokenize(_ section: inout Section) {
        Self.asciiKinds.withUnsafeBufferPointer { kinds in
            section.cut { bytes, piece, pieces in
                var start = piece.lowerBound
                var position = start
                while position < piece.upperBound {
                    let (kind, width) = Self.kind(at: position, of: bytes, kinds)
                    if kind != .word {
                        if position > start { pieces.append(start..<position) }
                        start = position + width
                        if kind == .punctuation { pieces.append(position..<start) }
                    }
                    position += width
                }
                if position > start { pieces.append(start..<position) }
            }
        }
    }

    private enum Kind: UInt8 {
        case word, space, punctuation
    }

    @inline(__always)
    private static func kind(
        at position: Int, of bytes: UnsafeBufferPointer<UInt8>, _ kinds: UnsafeBufferPointer<Kind>
    ) -> (Kind, width: Int) {
        let lead = bytes[position]
        if lead < 0x80 { return (kinds[Int(lead)], 1) }
        let (scalar, width) = UTF8Scalar.decode(bytes, at: position)
        return (kind(of: ScalarTraits.of(scalar)), width)
    }

    private static let asciiKinds = (0..<128).map { kind(of: ScalarTraits.of($0)) }

    private static func kind(of traits: ScalarTraits) -> Kind {
        if traits.isDisjoint(with: [.space, .punctuation]) { return .word }
        return traits.contains(.space) ? .space : .punctuation
    }
}
