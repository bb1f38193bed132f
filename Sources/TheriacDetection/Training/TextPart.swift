/// Names a text by its normalised words, so that two spellings of one text (other case, spacing, punctuation)
/// are
/// the same text.
enum TextPart {
    /// A 64-bit name, the same on every machine.
    static func name(of text: String) -> UInt64 {
        var hasher = WordHasher()
        text.withUTF8Bytes { WordScanner.scan($0, into: &hasher) }
        return hasher.value
    }

    /// Which of `parts` disjoint parts a text belongs to.
    static func part(of text: String, parts: Int) -> Int {
        Int(name(of: text) % UInt64(max(1, parts)))
    }

    private struct WordHasher: WordSink {
        private let hash = FeatureHash(seed: 0)
        private(set) var value: UInt64 = 0

        mutating func take(_ bytes: UnsafeMutablePointer<UInt8>, count: Int) {
            guard !ByteClass.isMark(bytes[0]) else { return }
            value = hash.pair(value, hash.word(bytes, count: count))
        }
    }
}
