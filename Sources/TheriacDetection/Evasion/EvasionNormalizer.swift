/// Undoes disguises of words and leaves everything else as it is.
///
/// Undone are leetspeak (`sh1t`), letters of other scripts and forms, characters without width, heaps of combining
/// marks, spelled-out and repeated letters, stars for letters, swapped letters and slips of one letter, and text turned
/// around by direction marks. A word is rewritten only when the result is a rude word (for some disguises any word of
/// general English) and the word as written is not one; so numbers, names, units, codes, addresses, accented words and
/// words of other languages stay. Source of the idea: Kurita et al., 2019 (arXiv:1912.06872), section 5.
///
/// Time is linear in the text. Normalising twice gives the same as normalising once.
public struct EvasionNormalizer: Sendable {
    /// Changes when rewriting does; part of the identity of detectors that use it.
    public static let version = "1"

    public let vocabulary: EvasionVocabulary

    public init(vocabulary: EvasionVocabulary) { self.vocabulary = vocabulary }

    /// With the word lists that ship with the program.
    /// - Throws: ``DetectionError/wordList(reason:)`` when they are missing.
    public init() throws { vocabulary = try .shipped() }

    /// The text without disguises.
    public func normalized(_ text: String) -> NormalizedText {
        var current = text
        var alignment = TextAlignment()
        // What one pass makes plain may complete another disguise; few texts need a third pass.
        for _ in 0..<Self.mostPasses {
            let rewrites = current.withUTF8Bytes { bytes in
                var turned = TurnedText(bytes, vocabulary).rewrites()
                if turned.isEmpty {
                    var pass = EvasionPass(bytes, vocabulary)
                    pass.run()
                    turned = pass.rewrites
                }
                return turned
            }
            guard !rewrites.isEmpty else { break }
            let (next, edits) = current.withUTF8Bytes { Rewrite.apply(rewrites, to: $0) }
            current = next
            alignment.append(edits)
        }
        return NormalizedText(text: current, alignment: alignment)
    }

    private static let mostPasses = 8
}

/// One stretch of a text and what is written in its place.
struct Rewrite {
    /// Of the text's UTF-8.
    var bytes: Range<Int>
    var replacement: [UInt8]
    /// Where each ASCII character of the replacement comes from; nil: all from all.
    var pieces: [Range<Int>]?

    /// The text with all rewrites, and where its scalars come from. Rewrites are in order and do not overlap.
    static func apply(
        _ rewrites: [Rewrite], to text: UnsafeBufferPointer<UInt8>
    ) -> (text: String, edits: [TextAlignment.Edit]) {
        var output: [UInt8] = []
        output.reserveCapacity(text.count)
        var edits: [TextAlignment.Edit] = []
        var copied = 0
        var (original, normalized) = (0, 0)
        for rewrite in rewrites {
            output += text[copied..<rewrite.bytes.lowerBound]
            let kept = scalars(text[copied..<rewrite.bytes.lowerBound])
            original += kept
            normalized += kept
            copied = rewrite.bytes.upperBound
            output += rewrite.replacement
            let end = original + scalars(text[rewrite.bytes])
            let pieces = rewrite.pieces ?? [rewrite.bytes]
            let written = rewrite.pieces == nil ? scalars(rewrite.replacement[...]) : 1
            var place = rewrite.bytes.lowerBound
            for piece in pieces {
                original += scalars(text[place..<piece.lowerBound])
                let length = scalars(text[piece])
                edits.append(
                    .init(
                        original: original..<(original + length),
                        normalized: normalized..<(normalized + written)))
                original += length
                normalized += written
                place = piece.upperBound
            }
            if original < end {
                edits.append(.init(original: original..<end, normalized: normalized..<normalized))
            }
            original = end
        }
        output += text[copied...]
        return (String(decoding: output, as: UTF8.self), edits)
    }

    private static func scalars(_ bytes: some Sequence<UInt8>) -> Int {
        bytes.reduce(0) { $0 + ($1 & 0xC0 != 0x80 ? 1 : 0) }
    }
}
