/// Lower-cases every scalar for itself (`Lowercase`).
struct LowercaseNormalizer: Normalizer {
    func normalize(_ section: inout Section) { section.rewrite { Self.lowercase(&$0) } }

    static func lowercase(_ rewriter: inout Rewriter) {
        while rewriter.position < rewriter.source.count {
            if rewriter.source[rewriter.position] < 0x80 {
                let end = UTF8Scalar.endOfASCII(in: rewriter.source, from: rewriter.position)
                rewriter.copyASCII(upTo: end, lowercasing: true)
                continue
            }
            let (scalar, width) = rewriter.next
            rewriter.replace(width, with: LowercaseTable.lowercase(scalar))
            if scalar == LowercaseTable.dottedCapitalI { rewriter.insert(0x307) }
        }
    }
}
