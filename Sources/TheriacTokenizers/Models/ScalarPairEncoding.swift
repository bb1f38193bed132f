/// Byte-pair encoding that starts from scalars, as Llama 2, Mistral and Gemma have it, and the original one
/// with its end-of-word mark.
///
/// Source: Sennrich et al., *Neural Machine Translation of Rare Words with Subword Units*, ACL 2016.
struct ScalarPairEncoding: TokenModel {
    let vocabulary: Vocabulary
    let merges: MergeTable
    /// Stands for scalars that the vocabulary lacks; nil drops them, as the Rust library does.
    var unknown: Int32?
    /// One unknown token for neighbouring unknown scalars.
    var fusesUnknown = false
    /// A piece that is in the vocabulary is one token, whatever the rules say.
    var ignoresMerges = false
    /// What symbols begin with in the vocabulary that do not begin a piece.
    var continuingPrefix: [UInt8] = []
    /// What the symbol ends with that ends a piece.
    var endOfWordSuffix: [UInt8] = []
    /// The tokens of the 256 bytes, for scalars that the vocabulary lacks; -1 where there is none.
    var byteTokens: [Int32]?
    /// A long piece may be cut before each `▁` that follows something else, since no rule joins across.
    var cutsAtBlanks = false

    func tokenize(
        _ section: borrowing Section, with scratch: inout ModelScratch, into output: inout TokenSequence
    ) {
        scratch.words.prepare()
        section.bytes.withUnsafeBufferPointer { bytes in
            for piece in section.pieces {
                guard cutsAtBlanks, piece.count > WordCache.maximumLength else {
                    tokenize(piece, of: bytes, with: &scratch, into: &output)
                    continue
                }
                var (start, position) = (piece.lowerBound, piece.lowerBound)
                var followsBlank = true
                while position < piece.upperBound {
                    let isBlank = Self.isBlank(at: position, before: piece.upperBound, of: bytes)
                    if isBlank, !followsBlank {
                        tokenize(start..<position, of: bytes, with: &scratch, into: &output)
                        start = position
                    }
                    followsBlank = isBlank
                    position += UTF8Scalar.width(ofLead: bytes[position])
                }
                tokenize(start..<piece.upperBound, of: bytes, with: &scratch, into: &output)
            }
        }
    }

    /// Whether `▁` is here.
    @inline(__always)
    private static func isBlank(
        at position: Int, before end: Int, of bytes: UnsafeBufferPointer<UInt8>
    ) -> Bool {
        bytes[position] == 0xE2 && position + 2 < end && bytes[position + 1] == 0x96
            && bytes[position + 2] == 0x81
    }

    private func tokenize(
        _ piece: Range<Int>, of bytes: UnsafeBufferPointer<UInt8>, with scratch: inout ModelScratch,
        into output: inout TokenSequence
    ) {
        if !output.collectsRanges, scratch.words.appendTokens(of: bytes, piece, to: &output.ids) { return }
        let first = output.ids.count
        if ignoresMerges, let whole = vocabulary.id(of: UnsafeBufferPointer(rebasing: bytes[piece])) {
            output.ids.append(whole)
            if output.collectsRanges { output.ranges.append(piece) }
        } else {
            addSymbols(of: piece, of: bytes, to: &scratch.merging, withLengths: output.collectsRanges)
            scratch.merging.merge(with: merges)
            output.ids.append(contentsOf: scratch.merging.symbols)
            if output.collectsRanges {
                var start = piece.lowerBound
                for length in scratch.merging.lengths {
                    let end = min(start + Int(length), bytes.count)
                    output.ranges.append(start..<end)
                    start = end
                }
                scratch.merging.lengths.removeAll(keepingCapacity: true)
            }
        }
        if !output.collectsRanges {
            scratch.words.keep(output.ids, from: first, for: piece, of: bytes)
        }
    }

    /// Makes the symbols of a piece.
    ///
    /// As in the Rust library, an unknown token waits for the next known scalar or unknown one, and so comes
    /// after the byte tokens of scalars between.
    private func addSymbols(
        of piece: Range<Int>, of bytes: UnsafeBufferPointer<UInt8>, to merging: inout MergeScratch,
        withLengths: Bool
    ) {
        merging.symbols.removeAll(keepingCapacity: true)
        merging.lengths.removeAll(keepingCapacity: true)
        func add(_ id: Int32, _ length: Int) {
            merging.symbols.append(id)
            if withLengths { merging.lengths.append(Int32(length)) }
        }
        var waiting = 0
        var position = piece.lowerBound
        while position < piece.upperBound {
            let width = UTF8Scalar.width(ofLead: bytes[position])
            let end = position + width
            let isInner = position > piece.lowerBound && !continuingPrefix.isEmpty
            let isLast = end == piece.upperBound && !endOfWordSuffix.isEmpty
            let scalar = UnsafeBufferPointer(rebasing: bytes[position..<end])
            position = end
            var content: [UInt8] = []
            let id: Int32?
            if isInner || isLast {
                content = (isInner ? continuingPrefix : []) + scalar + (isLast ? endOfWordSuffix : [])
                id = vocabulary.id(of: content)
            } else {
                id = vocabulary.id(of: scalar)
            }
            if let id {
                if waiting > 0, let unknown { add(unknown, waiting) }
                waiting = 0
                add(id, width)
                continue
            }
            if content.isEmpty { content = Array(scalar) }
            if let byteTokens, content.allSatisfy({ byteTokens[Int($0)] >= 0 }) {
                for byte in content { add(byteTokens[Int(byte)], 1) }
            } else if let unknown {
                if waiting > 0, !fusesUnknown {
                    add(unknown, waiting)
                    waiting = 0
                }
                waiting += width
            }
        }
        if waiting > 0, let unknown { add(unknown, waiting) }
    }
}
