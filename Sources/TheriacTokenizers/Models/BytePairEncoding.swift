/// Byte-level byte-pair encoding, as GPT-2, RoBERTa, Pythia, Llama 3 and Qwen have it.
///
/// Works on the bytes of the text; the byte alphabet's stand-ins are replaced once, when the vocabulary is
/// read.
/// Source: Sennrich et al., *Neural Machine Translation of Rare Words with Subword Units*, ACL 2016; Radford
/// et al. 2019.
struct BytePairEncoding: TokenModel {
    let vocabulary: Vocabulary
    let merges: MergeTable
    /// Stands for bytes that the vocabulary lacks; nil drops them, as the Rust library does.
    var unknown: Int32?
    /// One unknown token for neighbouring unknown bytes.
    var fusesUnknown = false
    /// A piece that is in the vocabulary is one token, whatever the rules say.
    var ignoresMerges = false

    /// The token of each byte, -1 where there is none.
    private let byteTokens: [Int32]
    private let hasAllBytes: Bool
    private let longestToken: Int
    /// How many bytes each token means.
    private let lengths: [Int32]

    init(vocabulary: Vocabulary, merges: MergeTable) {
        self.vocabulary = vocabulary
        self.merges = merges
        byteTokens = (0...255).map { vocabulary.id(of: ByteAlphabet.utf8(of: $0)) ?? -1 }
        hasAllBytes = !byteTokens.contains(-1)
        var bytes: [UInt8] = []
        lengths = (0..<vocabulary.count).map { id in
            bytes.removeAll(keepingCapacity: true)
            ByteAlphabet.appendBytes(of: vocabulary.content(Int32(id)), to: &bytes)
            return Int32(bytes.count)
        }
        longestToken = Int(lengths.max() ?? 0)
    }

    /// Whether any text can be written without an unknown token.
    var coversAllBytes: Bool { hasAllBytes }

    func tokenize(
        _ section: borrowing Section, with scratch: inout ModelScratch, into output: inout TokenSequence
    ) {
        scratch.words.prepare()
        section.bytes.withUnsafeBufferPointer { bytes in
            for piece in section.pieces {
                let before = output.ids.count
                if !scratch.words.appendTokens(of: bytes, piece, to: &output.ids) {
                    merge(bytes, piece.lowerBound, piece.upperBound, with: &scratch.merging)
                    output.ids.append(contentsOf: scratch.merging.symbols)
                    scratch.words.keep(output.ids, from: before, for: piece, of: bytes)
                }
                if output.collectsRanges {
                    appendRanges(since: before, of: bytes, piece.lowerBound, piece.upperBound, to: &output)
                }
            }
        }
    }

    /// Leaves the tokens of a piece in `merging.symbols`.
    private func merge(
        _ bytes: UnsafeBufferPointer<UInt8>, _ start: Int, _ end: Int, with merging: inout MergeScratch
    ) {
        merging.symbols.removeAll(keepingCapacity: true)
        if ignoresMerges, end - start <= longestToken {
            var content: [UInt8] = []
            for byte in bytes[start..<end] { content.append(contentsOf: ByteAlphabet.utf8(of: byte)) }
            if let whole = vocabulary.id(of: content) {
                merging.symbols.append(whole)
                return
            }
        }
        if hasAllBytes {
            for index in start..<end { merging.symbols.append(byteTokens[Int(bytes[index])]) }
        } else {
            merging.symbols.append(contentsOf: symbols(of: bytes, start, end).map(\.id))
        }
        merging.merge(with: merges)
    }

    /// The symbols of a piece some of whose bytes have no token, with their lengths in bytes of stand-ins.
    private func symbols(of bytes: UnsafeBufferPointer<UInt8>, _ start: Int, _ end: Int) -> [(
        id: Int32, length: Int
    )] {
        var symbols: [(id: Int32, length: Int)] = []
        var followsUnknown = false
        for byte in bytes[start..<end] {
            let token = byteTokens[Int(byte)]
            let length = ByteAlphabet.utf8(of: byte).count
            if token >= 0 {
                symbols.append((token, length))
            } else if let unknown {
                if fusesUnknown, followsUnknown {
                    symbols[symbols.count - 1].length += length
                } else {
                    symbols.append((unknown, length))
                }
            }
            // A byte that is dropped does not end a run of unknown bytes, but without `unknown` there are no
            // runs.
            followsUnknown = token < 0
        }
        return symbols
    }

    /// Appends where the tokens added since `before` lie.
    private func appendRanges(
        since before: Int, of bytes: UnsafeBufferPointer<UInt8>, _ start: Int, _ end: Int,
        to output: inout TokenSequence
    ) {
        if hasAllBytes {
            var position = start
            for id in output.ids[before...] {
                let next = position + Int(lengths[Int(id)])
                output.ranges.append(position..<next)
                position = next
            }
            return
        }
        // The Rust library measures in stand-ins and does not count those it dropped; so the ranges after a
        // dropped byte are shifted, and may begin or end within a stand-in.
        var byteOfStandIn: [Int] = []
        for index in start..<end {
            for _ in 0..<ByteAlphabet.utf8(of: bytes[index]).count { byteOfStandIn.append(index) }
        }
        if output.ids.count == before + 1, ignoresMerges {
            output.ranges.append(start..<end)
            return
        }
        let symbols = symbols(of: bytes, start, end)
        var (symbol, position) = (0, 0)
        for id in output.ids[before...] {
            let next = id == unknown ? symbol + 1 : symbol + Int(lengths[Int(id)])
            let length = symbols[symbol..<min(next, symbols.count)].reduce(0) { $0 + $1.length }
            output.ranges.append(byteOfStandIn[position]..<byteOfStandIn[position + length - 1] + 1)
            (symbol, position) = (next, position + length)
        }
    }
}
