/// Cuts each piece into the tokens whose scores have the greatest sum.
///
/// Source: Kudo, *Subword Regularization*, ACL 2018. Of paths with equal scores the one is taken whose last
/// token starts first, as in the reference: a later path must be better.
struct Unigram: TokenModel {
    let vocabulary: Vocabulary
    /// Log-probabilities by id.
    let scores: [Double]
    let unknown: Int32
    /// The tokens of the 256 bytes, for texts without any, -1 where there is none; nil to write those as
    /// unknown.
    let byteTokens: [Int32]?

    private let trie: ByteTrie
    private let unknownScore: Double

    init(vocabulary: Vocabulary, scores: [Double], unknown: Int32, byteTokens: [Int32]?) {
        self.vocabulary = vocabulary
        self.scores = scores
        self.unknown = unknown
        self.byteTokens = byteTokens
        trie = ByteTrie(vocabulary.count) { vocabulary.content(Int32($0)) }
        unknownScore = (scores.min() ?? 0) - 10
    }

    func tokenize(
        _ section: borrowing Section, with scratch: inout ModelScratch, into output: inout TokenSequence
    ) {
        scratch.words.prepare()
        section.bytes.withUnsafeBufferPointer { bytes in
            for piece in section.pieces {
                if output.collectsRanges {
                    findPath(through: piece, of: bytes, with: &scratch.path)
                    appendTokens(of: bytes, piece, along: scratch.path, to: &output.ids) {
                        output.ranges.append($0)
                    }
                } else if !scratch.words.appendTokens(of: bytes, piece, to: &output.ids) {
                    let first = output.ids.count
                    findPath(through: piece, of: bytes, with: &scratch.path)
                    appendTokens(of: bytes, piece, along: scratch.path, to: &output.ids) { _ in }
                    scratch.words.keep(output.ids, from: first, for: piece, of: bytes)
                }
            }
        }
    }

    /// Leaves the best path in `path.nodes`, by position within the piece.
    private func findPath(
        through piece: Range<Int>, of bytes: UnsafeBufferPointer<UInt8>, with path: inout PathScratch
    ) {
        path.nodes.removeAll(keepingCapacity: true)
        path.nodes.append(contentsOf: repeatElement(PathScratch.Node(), count: piece.count + 1))
        path.nodes.withUnsafeMutableBufferPointer { nodes in
            var start = piece.lowerBound
            while start < piece.upperBound {
                let (index, width) = (start - piece.lowerBound, UTF8Scalar.width(ofLead: bytes[start]))
                let before = nodes[index].score
                func offer(_ id: Int32, _ score: Double, to end: Int) {
                    let sum = score + before
                    if nodes[end].start < 0 || sum > nodes[end].score {
                        nodes[end] = PathScratch.Node(score: sum, start: Int32(index), id: id)
                    }
                }
                var hasScalar = false
                trie.forEachPrefix(of: bytes, in: start..<piece.upperBound) { end, id in
                    offer(id, scores[Int(id)], to: end - piece.lowerBound)
                    if end - start == width { hasScalar = true }
                }
                if !hasScalar { offer(unknown, unknownScore, to: index + width) }
                start += width
            }
        }
    }

    /// Appends the tokens of a path; neighbouring unknown ones are one. Calls `place` with where each lies.
    private func appendTokens(
        of bytes: UnsafeBufferPointer<UInt8>, _ piece: Range<Int>, along path: borrowing PathScratch,
        to ids: inout [Int32], place: (Range<Int>) -> Void
    ) {
        var tokens: [(id: Int32, range: Range<Int>)] = []
        var end = piece.count
        while end > 0 {
            let node = path.nodes[end]
            let range = piece.lowerBound + Int(node.start)..<piece.lowerBound + end
            if node.id == unknown, let last = tokens.last, last.id == unknown {
                tokens[tokens.count - 1].range = range.lowerBound..<last.range.upperBound
            } else {
                tokens.append((node.id, range))
            }
            end = Int(node.start)
        }
        for (id, range) in tokens.reversed() {
            if id != unknown {
                ids.append(id)
                place(range)
            } else if let known = vocabulary.id(of: UnsafeBufferPointer(rebasing: bytes[range])) {
                // The text of the unknown token itself.
                ids.append(known)
                place(range)
            } else if let byteTokens, bytes[range].allSatisfy({ byteTokens[Int($0)] >= 0 }) {
                for byte in bytes[range] {
                    ids.append(byteTokens[Int(byte)])
                    place(range)
                }
            } else {
                ids.append(unknown)
                place(range)
            }
        }
    }
}

extension Unigram {
    static func read(_ fields: ModelFields) throws(TokenizerError) -> ComponentReader.ReadModel {
        var reader = try fields.required(fields.vocabulary, "vocab")
        var (tokens, scores) = (VocabularyReader(), [Double]())
        try tokens.readScored(&reader, scores: &scores)
        let vocabulary = try tokens.vocabulary(file: fields.file)
        let unknown = try fields.settings.field("unk_id").tokenID(below: vocabulary.count)
        let fallsBack = try fields.settings.field("byte_fallback").bool(default: false)
        let model = Unigram(
            vocabulary: vocabulary, scores: scores, unknown: unknown,
            byteTokens: fallsBack ? vocabulary.byteTokens : nil)
        return (vocabulary, model)
    }
}

extension Vocabulary {
    /// The ids of `<0x00>` to `<0xFF>`, -1 where there is none.
    var byteTokens: [Int32] {
        (0..<256).map { byte in
            let digits = String(byte, radix: 16, uppercase: true)
            return id(of: Array("<0x\(digits.count < 2 ? "0" : "")\(digits)>".utf8)) ?? -1
        }
    }
}
