/// Joins the bytes of all tokens; what is not UTF-8 becomes U+FFFD, one for each maximal part, as in the Rust
/// library.
struct ByteLevelDecoder: TokenDecoder {
    func text(of ids: [Int32], in vocabulary: Vocabulary) -> String {
        var bytes: [UInt8] = []
        for id in ids { bytes.append(contentsOf: vocabulary.meaning(id)) }
        return String(decoding: bytes, as: UTF8.self)
    }

    func bytes(of id: Int32, in vocabulary: Vocabulary) -> [UInt8] { Array(vocabulary.meaning(id)) }

    func running() -> any RunningDecoding { RunningBytes() }
}

/// The same as one of several steps.
struct ByteLevelStep: DecodingStep {
    func apply(to tokens: inout [[UInt8]]) {
        var bytes: [UInt8] = []
        for token in tokens { ByteAlphabet.appendBytes(of: token, to: &bytes) }
        tokens = [Array(String(decoding: bytes, as: UTF8.self).utf8)]
    }
}
