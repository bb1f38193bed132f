/// Writes blanks as `▁`, puts one in front, and cuts before each.
///
/// Source: Kudo and Richardson, *SentencePiece*, EMNLP 2018.
struct MetaspacePreTokenizer: PreTokenizer {
    enum Prepending: String, Sendable, CaseIterable {
        /// In front of every piece.
        case always
        /// In front of the piece that begins the text.
        case first
        case never
    }

    var replacement: UInt32 = 0x2581
    var prepending = Prepending.always
    var splits = true

    init(_ node: JSONNode) throws(TokenizerError) {
        replacement = try node.field("replacement").scalar()
        prepending = try Self.prepending(node)
        splits = try node.field("split").bool(default: true)
    }

    static func prepending(_ node: JSONNode) throws(TokenizerError) -> Prepending {
        let scheme = try node.field("prepend_scheme")
        guard let name = try scheme.optionalString() else {
            return try node.field("add_prefix_space").bool(default: true) ? .always : .never
        }
        guard let prepending = Prepending(rawValue: name) else {
            throw scheme.unsupported(name, Prepending.allCases.map(\.rawValue))
        }
        return prepending
    }

    func preTokenize(_ section: inout Section) {
        let mark = Array(String(Character(Unicode.Scalar(replacement) ?? " ")).utf8)
        var beginning = 0
        if prepending == .first {
            beginning = section.pieces.prefix { section.textRange(of: $0).lowerBound == 0 }.count
        }
        section.rewritePieces { rewriter, piece in
            let isWanted = prepending == .always || beginning > 0
            beginning -= 1
            let first = UTF8Scalar.decode(rewriter.source, at: piece.lowerBound).value
            if isWanted, first != 0x20, first != replacement {
                rewriter.write(mark, standingFor: piece.lowerBound)
            }
            var position = piece.lowerBound
            while position < piece.upperBound {
                if rewriter.source[position] == 0x20 {
                    rewriter.copy(upTo: position)
                    rewriter.skip(1)
                    rewriter.write(mark, standingFor: position)
                }
                position += 1
            }
            rewriter.copy(upTo: piece.upperBound)
        }
        if splits {
            section.cut { bytes, piece, pieces in
                var (start, position) = (piece.lowerBound, piece.lowerBound + 1)
                while position < piece.upperBound {
                    if bytes[position] == mark[0], bytes[position..<piece.upperBound].starts(with: mark) {
                        pieces.append(start..<position)
                        start = position
                    }
                    position += 1
                }
                pieces.append(start..<piece.upperBound)
            }
        }
    }
}
