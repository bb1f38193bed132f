/// Adds up the weights of each word as the scanner finds it, and pools the windows of the text.
///
/// The sum of a word and its character n-grams depends on the word alone, so it is kept in a small cache
/// addressed
/// by the word's 64-bit hash; the result is the same with any cache size. Sums are integers, hence exact.
struct WindowSummer: WordSink {
    private let features: WordFeatures
    private let table: FeatureTableReader
    private let cache: WordCache
    private let blockWords: Int
    private let usesPairs: Bool
    private var lastWord: UInt64 = 0
    private var hasWord = false
    /// The finished block before the current one.
    private var lastBlock: SIMD8<Int32>?
    private var block = SIMD8<Int32>.zero
    private var blockCount = 0
    private var pool: WindowPool

    init(
        _ settings: FeatureSettings, features: WordFeatures, table: FeatureTableReader, cache: WordCache,
        pool: WindowPool
    ) {
        self.features = features
        self.table = table
        self.cache = cache
        self.pool = pool
        blockWords = settings.blockWords
        usesPairs = settings.wordPairs
    }

    @inline(__always)
    mutating func take(_ bytes: UnsafeMutablePointer<UInt8>, count: Int) {
        let word = features.hash.word(bytes, count: count)
        var weights = cache.weights(of: word) {
            var total = SIMD8<Int16>.zero
            features.forEach(bytes, count: count, word: word) { total &+= table.weights(of: $0) }
            return total
        }
        if usesPairs && hasWord { weights &+= table.weights(of: features.hash.pair(lastWord, word)) }
        lastWord = word
        hasWord = true
        block &+= SIMD8<Int32>(truncatingIfNeeded: weights)
        blockCount &+= 1
        if blockCount == blockWords { closeBlock() }
    }

    @inline(never)
    private mutating func closeBlock() {
        if let lastBlock { pool.add(lastBlock &+ block, words: blockWords + blockCount) }
        lastBlock = block
        block = .zero
        blockCount = 0
    }

    /// The pooled logits of everything taken so far, lane = head; nil when there was no word.
    mutating func finish() -> SIMD8<Double>? {
        guard hasWord else { return nil }
        if let lastBlock {
            if blockCount > 0 {
                closeBlock()
            } else if pool.windows == 0 {
                pool.add(lastBlock, words: blockWords)
            }
        } else {
            pool.add(block, words: blockCount)
        }
        return pool.logits
    }
}
