/// BERT's clean-up: control characters out, white space to blanks, blanks around ideographs, accents off,
/// lower case.
///
/// Source: Devlin et al., *BERT*, NAACL 2019, `tokenization.py`.
struct BertNormalizer: Normalizer {
    var cleansText = true
    var separatesIdeographs = true
    var stripsAccents = true
    var lowercases = true

    func normalize(_ section: inout Section) {
        if normalizeASCII(&section) { return }
        if cleansText || separatesIdeographs { section.rewrite(clean) }
        if stripsAccents {
            section.rewrite(strip)
        } else if lowercases {
            section.rewrite { LowercaseNormalizer.lowercase(&$0) }
        }
    }

    private func clean(_ rewriter: inout Rewriter) {
        let changing: ScalarTraits = cleansText ? [.control, .space] : []
        while rewriter.position < rewriter.source.count {
            let byte = rewriter.source[rewriter.position]
            if byte < 0x80 {
                if Self.isPlain[Int(byte)] || !cleansText {
                    rewriter.copy(upTo: endOfPlain(in: rewriter.source, from: rewriter.position))
                } else if byte == 0x09 || byte == 0x0A || byte == 0x0D {
                    rewriter.replace(1, with: 0x20)
                } else {
                    rewriter.skip(1)
                }
                continue
            }
            let (scalar, width) = rewriter.next
            let traits = ScalarTraits.of(scalar)
            if traits.isDisjoint(with: changing.union(.ideograph)) {
                rewriter.copy(upTo: rewriter.position + width)
            } else if cleansText, traits.contains(.control) {
                rewriter.skip(width)
            } else if cleansText, traits.contains(.space) {
                rewriter.replace(width, with: 0x20)
            } else if separatesIdeographs {
                rewriter.replace(width, with: 0x20)
                rewriter.insert(scalar)
                rewriter.insert(0x20)
            } else {
                rewriter.copy(upTo: rewriter.position + width)
            }
        }
    }

    /// Decomposes, and leaves out nonspacing marks.
    private func strip(_ rewriter: inout Rewriter) {
        var decomposer = Decomposer(.canonical)
        decomposer.run(on: &rewriter, lowercasingASCII: lowercases) { rewriter, scalar, change in
            let isKept = scalar < 0x300 || !ScalarTraits.of(scalar).contains(.nonspacingMark)
            let lower = lowercases ? LowercaseTable.lowercase(scalar) : scalar
            rewriter.write(lower, change: change, isKept: isKept)
            if lowercases, scalar == LowercaseTable.dottedCapitalI { rewriter.insert(0x307) }
        }
    }

    private func endOfPlain(in bytes: UnsafeBufferPointer<UInt8>, from start: Int) -> Int {
        var position = start
        while position < bytes.count, bytes[position] < 0x80,
            Self.isPlain[Int(bytes[position])] || !cleansText
        {
            position += 1
        }
        return position
    }

    /// Does all of it where the bytes stand, when all are ASCII.
    private func normalizeASCII(_ section: inout Section) -> Bool {
        let isASCII = section.bytes.withUnsafeBufferPointer {
            UTF8Scalar.endOfASCII(in: $0, from: 0) == $0.count
        }
        guard isASCII else { return false }
        return section.changeInPlace { bytes in
            guard cleansText else {
                if lowercases { for index in bytes.indices { bytes[index] = Self.lowercase(bytes[index]) } }
                return bytes.count
            }
            let table = lowercases ? Self.cleanLowercase : Self.clean
            return table.withUnsafeBufferPointer { table in
                var count = 0
                for index in bytes.indices {
                    let byte = table[Int(bytes[index])]
                    bytes[count] = byte
                    count += byte == 0 ? 0 : 1
                }
                return count
            }
        }
    }

    private static func lowercase(_ byte: UInt8) -> UInt8 { byte &- 0x41 < 26 ? byte | 0x20 : byte }

    /// What cleaning makes of each ASCII byte, 0 when it is dropped.
    private static let clean: [UInt8] = (0..<128 as Range<UInt8>).map { byte in
        let traits = ScalarTraits.of(UInt32(byte))
        return traits.contains(.control) ? 0 : traits.contains(.space) ? 0x20 : byte
    }
    private static let cleanLowercase = clean.map(lowercase)
    private static let isPlain = (0..<128).map { clean[$0] == UInt8($0) && $0 != 0 }
}

extension BertNormalizer {
    init(_ node: JSONNode) throws(TokenizerError) {
        cleansText = try node.field("clean_text").bool(default: true)
        separatesIdeographs = try node.field("handle_chinese_chars").bool(default: true)
        lowercases = try node.field("lowercase").bool(default: true)
        stripsAccents = try node.field("strip_accents").bool(default: lowercases)
    }
}
