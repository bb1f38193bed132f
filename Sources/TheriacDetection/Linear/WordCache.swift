/// A direct-mapped memory of word sums, used within one call on one thread.
///
/// A word has at most 64 bytes, hence fewer than 258 features of up to ±127: its sum fits 16 bits.
struct WordCache {
    private let keys: UnsafeMutablePointer<UInt64>
    private let sums: UnsafeMutablePointer<SIMD8<Int16>>
    private let mask: UInt64

    /// Runs `body` with an empty cache of 2^bits entries.
    static func withCache<Result>(bits: Int, _ body: (WordCache) throws -> Result) rethrows -> Result {
        let count = 1 << bits
        let keys = UnsafeMutablePointer<UInt64>.allocate(capacity: count)
        let sums = UnsafeMutablePointer<SIMD8<Int16>>.allocate(capacity: count)
        keys.initialize(repeating: 0, count: count)
        sums.initialize(repeating: .zero, count: count)
        defer {
            keys.deallocate()
            sums.deallocate()
        }
        return try body(WordCache(keys: keys, sums: sums, mask: UInt64(count - 1)))
    }

    @inline(__always)
    func weights(of word: UInt64, otherwise compute: () -> SIMD8<Int16>) -> SIMD8<Int16> {
        let entry = Int(truncatingIfNeeded: word & mask)
        // 0 marks an empty entry; a word whose hash is 0 is computed each time.
        if keys[entry] == word && word != 0 { return sums[entry] }
        let computed = compute()
        keys[entry] = word
        sums[entry] = computed
        return computed
    }
}
