/// Joins the contents of the tokens with blanks: what the Rust library does when a file names no decoder.
struct BlankDecoder: TokenDecoder {
    func text(of ids: [Int32], in vocabulary: Vocabulary) -> String {
        String(decoding: Array(ids.map(vocabulary.content).joined(separator: [0x20])), as: UTF8.self)
    }

    func bytes(of id: Int32, in vocabulary: Vocabulary) -> [UInt8] { Array(vocabulary.content(id)) }

    func running() -> any RunningDecoding { RunningBlanks() }
}
