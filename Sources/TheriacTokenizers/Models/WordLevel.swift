/// One token a piece: the piece itself, or the unknown token.
struct WordLevel: TokenModel {
    let vocabulary: Vocabulary
    let unknown: Int32

    func tokenize(
        _ section: borrowing Section, with scratch: inout ModelScratch, into output: inout TokenSequence
    ) {
        section.bytes.withUnsafeBufferPointer { bytes in
            for piece in section.pieces {
                let id = vocabulary.id(of: UnsafeBufferPointer(rebasing: bytes[piece]))
                output.ids.append(id ?? unknown)
                if output.collectsRanges { output.ranges.append(piece) }
            }
        }
    }

    static func read(_ fields: ModelFields) throws(TokenizerError) -> ComponentReader.ReadModel {
        let vocabulary = try fields.readVocabulary()
        let unknown = try fields.unknown(in: vocabulary, isRequired: true) ?? 0
        return (vocabulary, WordLevel(vocabulary: vocabulary, unknown: unknown))
    }
}
