/// The features of many texts, as numbers, block by block.
struct ExtractedTexts {
    /// All texts' features one after another.
    private(set) var features: [UInt32] = []
    /// Where each block ends in `features`.
    private(set) var blockEnds: [Int] = [0]
    /// Where each text's blocks end in `blockEnds`.
    private(set) var textEnds: [Int] = [0]
    private(set) var words: [Int] = []

    var count: Int { words.count }

    /// Blocks of text `index`: positions in `blockEnds` of their ends.
    func blocks(of index: Int) -> Range<Int> { textEnds[index]..<textEnds[index + 1] }
    func features(ofBlock block: Int) -> Range<Int> { blockEnds[block]..<blockEnds[block + 1] }

    /// `number`: gives a feature's number, or nil to leave it out.
    mutating func append(_ text: String, _ settings: FeatureSettings, _ number: (UInt64) -> UInt32?) {
        var raw = RawFeatures(settings)
        text.withUTF8Bytes { WordScanner.scan($0, into: &raw) }
        for block in raw.finish() {
            for feature in block { if let found = number(feature) { features.append(found) } }
            blockEnds.append(features.count)
        }
        textEnds.append(blockEnds.count - 1)
        words.append(raw.words)
    }

    /// Takes out the features for which `keep` is nil and renumbers the others.
    mutating func renumber(_ keep: [UInt32?]) {
        var kept: [UInt32] = []
        kept.reserveCapacity(features.count)
        var start = 0
        for block in 0..<(blockEnds.count - 1) {
            for place in start..<blockEnds[block + 1] {
                if let number = keep[Int(features[place])] { kept.append(number) }
            }
            start = blockEnds[block + 1]
            blockEnds[block + 1] = kept.count
        }
        features = kept
    }
}

/// Gathers the hashes of a text's features by block.
struct RawFeatures: WordSink {
    private let extractor: WordFeatures
    private let settings: FeatureSettings
    private var previous: UInt64?
    private var block: [UInt64] = []
    private var blocks: [[UInt64]] = []
    private(set) var words = 0

    init(_ settings: FeatureSettings) {
        self.settings = settings
        extractor = WordFeatures(settings)
    }

    mutating func take(_ bytes: UnsafeMutablePointer<UInt8>, count: Int) {
        let word = extractor.hash.word(bytes, count: count)
        extractor.forEach(bytes, count: count, word: word) { block.append($0) }
        if settings.wordPairs, let previous { block.append(extractor.hash.pair(previous, word)) }
        previous = word
        words += 1
        if words % settings.blockWords == 0 { closeBlock() }
    }

    private mutating func closeBlock() {
        blocks.append(block)
        block = []
    }

    mutating func finish() -> [[UInt64]] {
        if words % settings.blockWords != 0 { closeBlock() }
        return blocks
    }
}

extension String {
    /// The UTF-8 of the text, copied only when the text is not stored so.
    func withUTF8Bytes<Result>(_ body: (UnsafeBufferPointer<UInt8>) throws -> Result) rethrows -> Result {
        if let result = try utf8.withContiguousStorageIfAvailable(body) { return result }
        var copy = self
        return try copy.withUTF8(body)
    }
}
