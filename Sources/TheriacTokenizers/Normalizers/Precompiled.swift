import Foundation

/// SentencePiece's compiled rules, a trie of texts and what replaces them (`Precompiled`).
///
/// Applied as the Rust library does: to each grapheme cluster of less than 6 bytes as a whole, when any rule
/// matches at its start, else to each of its scalars; the shortest rule wins and replaces all of it.
/// Source: Kudo and Richardson, *SentencePiece*, EMNLP 2018; the double array is that of darts-clone.
struct Precompiled: Normalizer {
    private let trie: [UInt32]
    /// Replacements, each ended by NUL.
    private let replacements: [UInt8]
    /// Whether each ASCII scalar alone is replaced.
    private var isReplaced = [Bool](repeating: false, count: 128)

    init(_ node: JSONNode) throws(TokenizerError) {
        let map = try node.field("precompiled_charsmap")
        guard let data = Data(base64Encoded: try map.string()), data.count >= 4 else {
            throw map.wrongType("rules in base 64")
        }
        let bytes = [UInt8](data)
        func word(_ index: Int) -> UInt32 {
            (0..<4).reduce(0) { $0 | UInt32(bytes[index + $1]) << UInt32(8 * $1) }
        }
        let length = Int(word(0))
        guard length % 4 == 0, length > 0, length + 4 <= bytes.count,
            String(validating: bytes[(length + 4)...], as: UTF8.self) != nil
        else {
            throw .invalidField(file: map.file, field: map.path, reason: "holds a damaged trie")
        }
        trie = stride(from: 4, to: length + 4, by: 4).map(word)
        replacements = Array(bytes[(length + 4)...])
        for byte in 0..<128 as Range<UInt8> {
            isReplaced[Int(byte)] = withUnsafeBytes(of: byte) {
                replacement(of: 0..<1, in: $0.assumingMemoryBound(to: UInt8.self)) != nil
            }
        }
    }

    func normalize(_ section: inout Section) {
        section.rewrite { rewriter in
            if rewriter.tracksPlaces {
                trackChanges(&rewriter)
            } else {
                run(on: rewriter.source, keep: { rewriter.copy(from: $0, upTo: $1) }) { _, replacement in
                    rewriter.write(replacement, standingFor: 0)
                }
            }
        }
    }

    /// Collects every scalar with its change before writing, since a removal counts for the scalar before
    /// it. At the very start there is none, and the removal is not counted at all, as in the Rust library.
    private func trackChanges(_ rewriter: inout Rewriter) {
        let source = rewriter.source
        var changes: [(scalar: UInt32, change: Int)] = []
        var isChanged = false
        run(
            on: source,
            keep: { start, end in
                var position = start
                while position < end {
                    let (scalar, width) = UTF8Scalar.decode(source, at: position)
                    changes.append((scalar, 0))
                    position += width
                }
            },
            replace: { range, replacement in
                isChanged = true
                let removed = source[range].reduce(0) { $0 + ($1 & 0xC0 == 0x80 ? 0 : 1) }
                let scalars = String(decoding: replacement, as: UTF8.self).unicodeScalars
                for (index, scalar) in scalars.enumerated() {
                    changes.append((scalar.value, index < removed ? 0 : 1))
                }
                if scalars.count < removed, let last = changes.indices.last {
                    changes[last].change -= removed - scalars.count
                }
            })
        guard isChanged else { return rewriter.copy(upTo: source.count) }
        for (scalar, change) in changes { rewriter.write(scalar, change: change) }
    }

    /// Goes through a text, telling what stays and what is replaced.
    private func run(
        on source: UnsafeBufferPointer<UInt8>, keep: (_ start: Int, _ end: Int) -> Void,
        replace: (Range<Int>, ArraySlice<UInt8>) -> Void
    ) {
        var (position, kept) = (0, 0)
        func apply(_ range: Range<Int>) -> Bool {
            guard let replacement = replacement(of: range, in: source) else { return false }
            if kept < range.lowerBound { keep(kept, range.lowerBound) }
            replace(range, replacement)
            kept = range.upperBound
            return true
        }
        while position < source.count {
            let byte = source[position]
            // Between two ASCII scalars there is a border, except within a line end.
            let isAlone = byte < 0x80 && (position + 1 == source.count || source[position + 1] < 0x80)
            if isAlone, byte != 0x0D {
                if isReplaced[Int(byte)] { _ = apply(position..<position + 1) }
                position += 1
                continue
            }
            let end = GraphemeClusters.end(ofStretchAt: position, in: source)
            GraphemeClusters.forEach(in: position..<end, of: source) { cluster in
                if cluster.count < 6, apply(cluster) { return }
                var start = cluster.lowerBound
                while start < cluster.upperBound {
                    let width = UTF8Scalar.width(ofLead: source[start])
                    _ = apply(start..<start + width)
                    start += width
                }
            }
            position = end
        }
        if kept < source.count { keep(kept, source.count) }
    }

    /// The replacement that the shortest rule gives that `range` begins with.
    private func replacement(of range: Range<Int>, in source: UnsafeBufferPointer<UInt8>) -> ArraySlice<
        UInt8
    >? {
        func unit(_ position: UInt32) -> UInt32 {
            Int(position) < trie.count ? trie[Int(position)] : 0x8000_0000
        }
        func offset(_ unit: UInt32) -> UInt32 { (unit >> 10) << ((unit & 0x200) >> 6) }
        var position = offset(unit(0))
        for byte in source[range] {
            if byte == 0 { return nil }
            position ^= UInt32(byte)
            let here = unit(position)
            if here & 0x8000_00FF != UInt32(byte) { return nil }
            position ^= offset(here)
            guard here >> 8 & 1 == 1 else { continue }
            let start = Int(unit(position) & 0x7FFF_FFFF)
            guard start <= replacements.count else { return nil }
            let end = replacements[start...].firstIndex(of: 0) ?? replacements.count
            return replacements[start..<end]
        }
        return nil
    }
}
