/// Hashes of features: 64 bits, the same on every machine.
///
/// The upper bits choose a feature's slot in the table, the lowest eight are its fingerprint there.
struct FeatureHash: Sendable {
    private let seed: UInt64

    init(seed: UInt64) { self.seed = FeatureHash.mix(seed &+ 0x9E37_79B9_7F4A_7C15) }

    /// The finaliser of MurmurHash3: every input bit changes about half of the output's.
    @inline(__always)
    static func mix(_ value: UInt64) -> UInt64 {
        var hash = value
        hash = (hash ^ (hash >> 33)) &* 0xFF51_AFD7_ED55_8CCD
        hash = (hash ^ (hash >> 33)) &* 0xC4CE_B9FE_1A85_EC53
        return hash ^ (hash >> 33)
    }

    /// A whole word. Reads up to seven bytes beyond it.
    @inline(__always)
    func word(_ bytes: UnsafePointer<UInt8>, count: Int) -> UInt64 {
        let raw = UnsafeRawPointer(bytes)
        var hash = seed &+ UInt64(truncatingIfNeeded: count)
        var position = 0
        while position < count {
            var part = UInt64(littleEndian: raw.loadUnaligned(fromByteOffset: position, as: UInt64.self))
            let left = count - position
            if left < 8 { part &= (1 << UInt64(8 * left)) &- 1 }
            hash = FeatureHash.mix(hash ^ part)
            position += 8
        }
        return hash
    }

    /// Two neighbouring words, from their hashes, in order.
    @inline(__always)
    func pair(_ first: UInt64, _ second: UInt64) -> UInt64 {
        FeatureHash.mix((first &* 0x9FB2_1C65_1E98_DF25) ^ second)
    }

    /// The `count` (at most 7) bytes at `bytes`. Reads eight.
    @inline(__always)
    func characters(_ bytes: UnsafePointer<UInt8>, count: Int) -> UInt64 {
        var part = UInt64(littleEndian: UnsafeRawPointer(bytes).loadUnaligned(as: UInt64.self))
        part &= (1 << UInt64(8 * count)) &- 1
        part |= UInt64(count) << 56
        return FeatureHash.mix(part ^ seed)
    }
}
