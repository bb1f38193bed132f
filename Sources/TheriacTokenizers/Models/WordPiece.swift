/// Cuts each word into the longest pieces that the vocabulary has, from the front.
///
/// Source: Schuster and Nakajima, *Japanese and Korean Voice Search*, ICASSP 2012; Devlin et al., *BERT*,
/// NAACL 2019.
struct WordPiece: TokenModel {
    let vocabulary: Vocabulary
    /// Stands for a word of which some part is not in the vocabulary.
    let unknown: Int32
    /// What pieces begin with in the vocabulary that do not begin a word.
    let continuingPrefix: [UInt8]
    /// Words of more scalars are unknown.
    var longestWord = 100

    private let longestToken: Int

    init(vocabulary: Vocabulary, unknown: Int32, continuingPrefix: [UInt8]) {
        self.vocabulary = vocabulary
        self.unknown = unknown
        self.continuingPrefix = continuingPrefix
        longestToken = vocabulary.longestContent
    }

    func tokenize(
        _ section: borrowing Section, with scratch: inout ModelScratch, into output: inout TokenSequence
    ) {
        scratch.words.prepare()
        section.bytes.withUnsafeBufferPointer { bytes in
            for piece in section.pieces {
                if output.collectsRanges {
                    appendTokens(of: bytes, piece, to: &output.ids) { output.ranges.append($0) }
                } else if !scratch.words.appendTokens(of: bytes, piece, to: &output.ids) {
                    let first = output.ids.count
                    appendTokens(of: bytes, piece, to: &output.ids) { _ in }
                    scratch.words.keep(output.ids, from: first, for: piece, of: bytes)
                }
            }
        }
    }

    /// Appends the tokens of a word, and then calls `place` with where each lies.
    private func appendTokens(
        of bytes: UnsafeBufferPointer<UInt8>, _ piece: Range<Int>, to ids: inout [Int32],
        place: (Range<Int>) -> Void
    ) {
        let first = ids.count
        var ends: [Int] = []
        var start = piece.lowerBound
        var isKnown = piece.count <= longestWord || scalars(in: piece, of: bytes) <= longestWord
        while isKnown, start < piece.upperBound {
            let rest = start..<min(piece.upperBound, start + longestToken)
            let prefix = start == piece.lowerBound ? [] : continuingPrefix
            guard let (id, end) = vocabulary.longestMatch(in: rest, of: bytes, after: prefix) else {
                isKnown = false
                break
            }
            ids.append(id)
            ends.append(end)
            start = end
        }
        if !isKnown {
            ids.removeSubrange(first...)
            ids.append(unknown)
            ends = [piece.upperBound]
        }
        start = piece.lowerBound
        for end in ends {
            place(start..<end)
            start = end
        }
    }

    private func scalars(in piece: Range<Int>, of bytes: UnsafeBufferPointer<UInt8>) -> Int {
        bytes[piece].reduce(0) { $0 + ($1 & 0xC0 == 0x80 ? 0 : 1) }
    }
}
