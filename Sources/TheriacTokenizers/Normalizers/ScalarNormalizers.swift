/// Takes marks out (`StripAccents`). Letters that hold their accent stay; NFD or NFKD before it takes them
/// apart.
struct AccentStripping: Normalizer {
    func normalize(_ section: inout Section) {
        section.rewrite { rewriter in
            while rewriter.position < rewriter.source.count {
                rewriter.copy(upTo: UTF8Scalar.endOfASCII(in: rewriter.source, from: rewriter.position))
                guard rewriter.position < rewriter.source.count else { break }
                let (scalar, width) = rewriter.next
                if ScalarTraits.of(scalar).contains(.mark) {
                    rewriter.skip(width)
                } else {
                    rewriter.copy(upTo: rewriter.position + width)
                }
            }
        }
    }
}

/// Takes white space off the ends (`Strip`).
struct SpaceStripping: Normalizer {
    var stripsLeft: Bool
    var stripsRight: Bool

    init(_ node: JSONNode) throws(TokenizerError) {
        stripsLeft = try node.field("strip_left").bool(default: true)
        stripsRight = try node.field("strip_right").bool(default: true)
    }

    func normalize(_ section: inout Section) {
        let kept = section.bytes.withUnsafeBufferPointer(kept)
        if kept == 0..<section.bytes.count { return }
        section.rewrite { rewriter in
            rewriter.skip(kept.lowerBound)
            rewriter.copy(upTo: kept.upperBound)
        }
    }

    private func kept(_ bytes: UnsafeBufferPointer<UInt8>) -> Range<Int> {
        var (lower, upper) = (0, bytes.count)
        while stripsLeft, lower < upper {
            let (scalar, width) = UTF8Scalar.decode(bytes, at: lower)
            guard ScalarClass.of(scalar) == .space else { break }
            lower += width
        }
        while stripsRight, upper > lower {
            let start = UTF8Scalar.start(before: upper, in: bytes)
            guard ScalarClass.of(UTF8Scalar.decode(bytes, at: start).value) == .space else { break }
            upper = start
        }
        return lower..<upper
    }
}

/// Puts a text in front (`Prepend`).
struct Prepending: Normalizer {
    var text: [UInt8]

    init(_ node: JSONNode) throws(TokenizerError) { text = Array(try node.field("prepend").string().utf8) }

    func normalize(_ section: inout Section) {
        if section.bytes.isEmpty { return }
        section.rewrite { rewriter in
            rewriter.write(text, standingFor: 0)
            rewriter.copy(upTo: rewriter.source.count)
        }
    }
}

/// Control characters out, and what machine translation takes for white space to blanks (`Nmt`).
///
/// Source: SentencePiece's rules `nmt_*`.
struct MachineTranslationCleaning: Normalizer {
    func normalize(_ section: inout Section) {
        section.rewrite { rewriter in
            while rewriter.position < rewriter.source.count {
                let (scalar, width) = rewriter.next
                switch scalar {
                case 0x01...0x08, 0x0B, 0x0E...0x1F, 0x7F, 0x8F, 0x9F: rewriter.skip(width)
                case 0x09, 0x0A, 0x0C, 0x0D, 0x1680, 0x200B...0x200F, 0x2028, 0x2029, 0x2581, 0xFEFF, 0xFFFD:
                    rewriter.replace(width, with: 0x20)
                default: rewriter.copy(upTo: rewriter.position + width)
                }
            }
        }
    }
}

/// Writes bytes as their stand-ins (`ByteLevel` as a normalizer).
struct ByteLevelNormalizer: Normalizer {
    func normalize(_ section: inout Section) {
        section.rewrite { Self.writeStandIns(of: 0..<$0.source.count, to: &$0) }
    }

    static func writeStandIns(of range: Range<Int>, to rewriter: inout Rewriter) {
        for position in range {
            rewriter.write(ByteAlphabet.utf8(of: rewriter.source[position]), standingFor: position)
        }
        rewriter.position = range.upperBound
    }
}

/// Replaces every match of a pattern (`Replace`).
struct Replacement: Normalizer {
    var pattern: any TextPattern
    var content: [UInt8]

    init(_ node: JSONNode) throws(TokenizerError) {
        pattern = try TextPatterns.read(try node.field("pattern"))
        content = Array(try node.field("content").string().utf8)
    }

    func normalize(_ section: inout Section) {
        var matches: [Range<Int>] = []
        section.bytes.withUnsafeBufferPointer { bytes in
            pattern.forEachMatch(in: 0..<bytes.count, of: bytes) { matches.append($0) }
        }
        if matches.isEmpty { return }
        section.rewrite { rewriter in
            for match in matches {
                rewriter.copy(upTo: match.lowerBound)
                rewriter.skip(match.count)
                rewriter.write(content, standingFor: match.upperBound - 1)
            }
            rewriter.copy(upTo: rewriter.source.count)
        }
    }

    /// The same for the content of a token.
    func apply(to token: inout [UInt8]) {
        var result: [UInt8] = []
        var position = 0
        token.withUnsafeBufferPointer { bytes in
            pattern.forEachMatch(in: 0..<bytes.count, of: bytes) { match in
                result.append(contentsOf: bytes[position..<match.lowerBound])
                result.append(contentsOf: content)
                position = match.upperBound
            }
            result.append(contentsOf: bytes[position...])
        }
        token = result
    }
}
