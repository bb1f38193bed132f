/// 64-bit names of words, of their look-alike skeletons and of their letters in any order.
enum WordHash {
    static let start: UInt64 = 0xCBF2_9CE4_8422_2325

    /// One step of FNV-1a.
    @inline(__always)
    static func step(_ hash: UInt64, _ byte: UInt8) -> UInt64 { (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }

    static func of(_ letters: some Sequence<UInt8>) -> UInt64 { letters.reduce(start, step) }

    /// The word without the letter at `left`.
    static func of(_ letters: [UInt8], without left: Int) -> UInt64 {
        var hash = start
        for index in letters.indices where index != left { hash = step(hash, letters[index]) }
        return hash
    }

    /// Same for words that differ in letters that look alike (``LookAlike/shape(_:)``) or in how often one is said.
    static func skeleton(_ letters: some Sequence<UInt8>) -> UInt64 {
        var hash = start
        var last: UInt8 = 0
        for letter in letters {
            let shape = LookAlike.shape(letter)
            if shape != last { hash = step(hash, shape) }
            last = shape
        }
        return hash
    }

    /// Same for words of the same first and last letter and the same letters between them in any order.
    static func anagram(_ letters: [UInt8]) -> UInt64 {
        guard let first = letters.first, let last = letters.last else { return start }
        var sum: UInt64 = 0
        for letter in letters { sum &+= FeatureHash.mix(UInt64(letter)) }
        return step(step(sum, first), last)
    }
}

/// A set of 64-bit hashes with 32-bit fingerprints: open addressing, at most half full.
struct WordSet: Sendable {
    private var slots: [UInt32]
    private let mask: Int

    init(capacity: Int) {
        var size = 64
        while size < 2 * capacity { size *= 2 }
        slots = [UInt32](repeating: 0, count: size)
        mask = size - 1
    }

    mutating func insert(_ hash: UInt64) {
        let (fingerprint, start) = Self.parts(hash)
        var place = start & mask
        while slots[place] != 0 && slots[place] != fingerprint { place = (place + 1) & mask }
        slots[place] = fingerprint
    }

    func contains(_ hash: UInt64) -> Bool { withReader { $0.contains(hash) } }

    /// For many questions in a row, without bounds checks.
    @inline(__always)
    func withReader<Result>(_ body: (Reader) -> Result) -> Result {
        slots.withUnsafeBufferPointer { body(Reader(slots: $0, mask: mask)) }
    }

    struct Reader {
        fileprivate let slots: UnsafeBufferPointer<UInt32>
        fileprivate let mask: Int

        @inline(__always)
        func contains(_ hash: UInt64) -> Bool {
            let (fingerprint, start) = WordSet.parts(hash)
            var place = start & mask
            while slots[place] != 0 {
                if slots[place] == fingerprint { return true }
                place = (place + 1) & mask
            }
            return false
        }
    }

    @inline(__always)
    fileprivate static func parts(_ hash: UInt64) -> (UInt32, Int) {
        let mixed = hash &* 0x9E37_79B9_7F4A_7C15
        return (max(1, UInt32(truncatingIfNeeded: mixed)), Int(truncatingIfNeeded: mixed >> 40))
    }
}
