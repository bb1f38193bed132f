/// GPT-2's pre-tokenizer: an optional blank in front of each piece, then the pieces of ``GPT2Pattern``.
///
/// ``BytePairEncoding`` reads the bytes themselves; for other models their stand-ins are written out.
struct ByteLevelPreTokenizer: PreTokenizer {
    var addsPrefixSpace: Bool
    var usesPattern: Bool
    var writesStandIns = false

    func preTokenize(_ section: inout Section) {
        if addsPrefixSpace {
            section.rewritePieces { rewriter, piece in
                if rewriter.source[piece.lowerBound] != 0x20 {
                    rewriter.write(CollectionOfOne(0x20), standingFor: piece.lowerBound)
                }
                rewriter.copy(upTo: piece.upperBound)
            }
        }
        if usesPattern { section.cut { GPT2Pattern.appendMatches(in: $1, of: $0, to: &$2) } }
        if writesStandIns {
            section.rewritePieces { ByteLevelNormalizer.writeStandIns(of: $1, to: &$0) }
        }
    }
}

extension ByteLevelPreTokenizer {
    init(_ node: JSONNode) throws(TokenizerError) {
        self.init(
            addsPrefixSpace: try node.field("add_prefix_space").bool(default: true),
            usesPattern: try node.field("use_regex").bool(default: true))
    }
}
