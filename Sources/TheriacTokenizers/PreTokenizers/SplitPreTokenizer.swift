/// Cuts at the matches of a pattern (`Split`).
struct SplitPreTokenizer: PreTokenizer {
    var pattern: any TextPattern
    var behavior: SplitBehavior
    /// Whether the pattern says what is between the cuts.
    var inverts: Bool

    init(_ node: JSONNode) throws(TokenizerError) {
        pattern = try TextPatterns.read(try node.field("pattern"))
        behavior = try SplitBehavior(try node.field("behavior"))
        inverts = try node.field("invert").bool(default: false)
    }

    func preTokenize(_ section: inout Section) {
        section.cut { bytes, piece, pieces in
            var collector = SplitCollector(behavior, inverts: inverts, startingAt: piece.lowerBound)
            pattern.forEachMatch(in: piece, of: bytes) { collector.add($0, to: &pieces) }
            collector.finish(at: piece.upperBound, to: &pieces)
        }
    }
}
