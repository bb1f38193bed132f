/// Takes white space at the ends of tokens out of their offsets (`ByteLevel` with `trim_offsets`).
struct OffsetTrimming: PostProcessor {
    /// One blank before the first token is then taken for the one the pre-tokenizer put there, and kept.
    var addsPrefixSpace: Bool

    func process(_ tokens: inout TokenSequence, addingSpecialTokens: Bool) {
        for index in tokens.ranges.indices {
            let (range, margins) = (tokens.ranges[index], tokens.margins[index])
            var (lower, upper) = (range.lowerBound, range.upperBound)
            let isFirst = index == 0 || lower == 0
            let leading = isFirst && addsPrefixSpace && margins.leading == 1 ? 0 : margins.leading
            lower = min(lower + leading, upper)
            if upper >= margins.trailing { upper = max(upper - margins.trailing, lower) }
            tokens.ranges[index] = lower..<upper
        }
    }
}

extension OffsetTrimming {
    /// None when `trim_offsets` is off.
    static func read(_ node: JSONNode) throws(TokenizerError) -> [any PostProcessor] {
        guard try node.field("trim_offsets").bool(default: true) else { return [] }
        return [OffsetTrimming(addsPrefixSpace: try node.field("add_prefix_space").bool(default: true))]
    }
}
