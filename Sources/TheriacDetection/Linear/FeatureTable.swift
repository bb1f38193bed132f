/// Weights of hashed features: 2^bits slots of eight bytes, one int8 weight for each of seven heads and a
/// fingerprint.
///
/// The upper bits of a feature's hash choose its slot; the slot speaks for it only if the fingerprint (the
/// lowest
/// byte of the hash, at least 1) is the same, so that a feature never seen in training is taken for a known
/// one in
/// fewer than 1 of 255 cases. An empty slot has fingerprint 0.
struct FeatureTable: Sendable, Equatable {
    static let heads = 7

    let bits: Int
    private(set) var slots: [UInt64]

    init(bits: Int) {
        self.bits = bits
        slots = [UInt64](repeating: 0, count: 1 << bits)
    }

    @inline(__always)
    static func slot(of feature: UInt64, bits: Int) -> Int { Int(feature >> UInt64(64 - bits)) }

    @inline(__always)
    static func fingerprint(of feature: UInt64) -> UInt8 { max(1, UInt8(truncatingIfNeeded: feature)) }

    /// `weights`: seven, in the order of the heads.
    mutating func set(slot: Int, fingerprint: UInt8, weights: some Collection<Int8>) {
        var value = UInt64(fingerprint) << 56
        for (head, weight) in weights.prefix(FeatureTable.heads).enumerated() {
            value |= UInt64(UInt8(bitPattern: weight)) << UInt64(8 * head)
        }
        slots[slot] = value
    }

    /// - Parameters:
    ///   - weights: `[slots, 7]` int8.
    ///   - fingerprints: `[slots]` uint8.
    mutating func fill(weights: UnsafeRawBufferPointer, fingerprints: UnsafeRawBufferPointer) {
        for slot in slots.indices {
            var value = UInt64(fingerprints[slot])
            for head in stride(from: FeatureTable.heads - 1, through: 0, by: -1) {
                value = value << 8 | UInt64(weights[slot * FeatureTable.heads + head])
            }
            slots[slot] = value
        }
    }

    func fingerprint(slot: Int) -> UInt8 { UInt8(slots[slot] >> 56) }

    func weight(slot: Int, head: Int) -> Int8 {
        Int8(bitPattern: UInt8(truncatingIfNeeded: slots[slot] >> UInt64(8 * head)))
    }
}

/// Reads a ``FeatureTable`` without bounds checks: a slot is below the table's size because it is made of
/// `bits` bits.
struct FeatureTableReader {
    private let slots: UnsafePointer<UInt64>
    private let shift: UInt64

    init(_ slots: UnsafePointer<UInt64>, bits: Int) {
        self.slots = slots
        shift = UInt64(64 - bits)
    }

    /// The weights of one feature; lane 7 is 0. All zero when the feature is not in the table.
    @inline(__always)
    func weights(of feature: UInt64) -> SIMD8<Int16> {
        let slot = slots[Int(truncatingIfNeeded: feature >> shift)]
        let found = UInt8(truncatingIfNeeded: slot >> 56) == FeatureTable.fingerprint(of: feature)
        let kept = found ? slot & 0x00FF_FFFF_FFFF_FFFF : 0
        return SIMD8<Int16>(truncatingIfNeeded: unsafeBitCast(kept.littleEndian, to: SIMD8<Int8>.self))
    }
}
