/// Gives the features inside one word: the word itself and its character n-grams.
struct WordFeatures: Sendable {
    static let opening: UInt8 = 2
    static let closing: UInt8 = 3

    let hash: FeatureHash
    private let shortest: Int
    private let longest: Int

    init(_ settings: FeatureSettings) {
        hash = FeatureHash(seed: settings.seed)
        shortest = settings.shortestCharacters
        longest = settings.longestCharacters
    }

    /// Calls `body` with each feature of the word once per occurrence. Writes the boundaries beside the word.
    /// `word`: the word's own hash.
    @inline(__always)
    func forEach(
        _ bytes: UnsafeMutablePointer<UInt8>, count: Int, word: UInt64, _ body: (UInt64) -> Void
    ) {
        body(word)
        let padded = bytes - 1
        padded[0] = WordFeatures.opening
        bytes[count] = WordFeatures.closing
        let length = count + 2
        var size = shortest
        while size <= longest && size <= length {
            var start = 0
            while start + size <= length {
                body(hash.characters(padded + start, count: size))
                start += 1
            }
            size += 1
        }
    }
}
