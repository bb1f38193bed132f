/// Pieces of a fixed number of scalars; the last may be shorter (`FixedLength`).
struct FixedLengthSplit: PreTokenizer {
    var length: Int

    init(_ node: JSONNode) throws(TokenizerError) {
        let field = try node.field("length")
        length = field.isNull ? 5 : try field.integer()
        guard length > 0 else {
            throw .invalidField(file: field.file, field: field.path, reason: "must be above 0")
        }
    }

    func preTokenize(_ section: inout Section) {
        section.cut { bytes, piece, pieces in
            var (start, position, count) = (piece.lowerBound, piece.lowerBound, 0)
            while position < piece.upperBound {
                position += UTF8Scalar.width(ofLead: bytes[position])
                count += 1
                if count == length || position == piece.upperBound {
                    pieces.append(start..<position)
                    (start, count) = (position, 0)
                }
            }
        }
    }
}
