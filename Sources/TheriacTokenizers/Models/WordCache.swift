/// The tokens of short words seen before.
///
/// Direct-mapped: a new word takes the slot of an older one, so the size is fixed (1 MB). Words of up to 15
/// bytes are stored whole and compared exactly; words of more than three tokens are not kept.
struct WordCache: Sendable {
    static let maximumLength = 15
    static let maximumTokens = 3
    private static let slotBits: UInt64 = 15

    /// A word with its length in the last byte, then count and up to three ids.
    struct Key: Equatable {
        var low: UInt64
        var high: UInt64
    }

    private var slots: [Slot] = []

    struct Slot {
        var key = Key(low: 0, high: 0)
        var count: Int32 = 0
        var ids: (Int32, Int32, Int32) = (0, 0, 0)
    }

    /// Makes the table on first use.
    mutating func prepare() {
        if slots.isEmpty { slots = [Slot](repeating: Slot(), count: 1 << Self.slotBits) }
    }

    /// The key of a word of 1 to 15 bytes.
    @inline(__always)
    static func key(_ bytes: UnsafeBufferPointer<UInt8>, _ start: Int, _ length: Int) -> Key {
        var (low, high): (UInt64, UInt64) = (0, 0)
        if start + 16 <= bytes.count {
            let raw = UnsafeRawPointer(bytes.baseAddress.unsafelyUnwrapped)
            low = UInt64(littleEndian: raw.loadUnaligned(fromByteOffset: start, as: UInt64.self))
            high = UInt64(littleEndian: raw.loadUnaligned(fromByteOffset: start + 8, as: UInt64.self))
            if length < 8 {
                low &= (1 &<< UInt64(length * 8)) &- 1
                high = 0
            } else {
                high &= (1 &<< UInt64((length - 8) * 8)) &- 1
            }
        } else {
            for index in 0..<length {
                let byte = UInt64(bytes[start + index])
                if index < 8 {
                    low |= byte << UInt64(index * 8)
                } else {
                    high |= byte << UInt64(index * 8 - 64)
                }
            }
        }
        return Key(low: low, high: high | UInt64(length) << 56)
    }

    @inline(__always)
    subscript(key: Key) -> Slot {
        get { slots[Self.index(of: key)] }
        set { slots[Self.index(of: key)] = newValue }
    }

    @inline(__always)
    private static func index(of key: Key) -> Int {
        let mixed = (key.low ^ key.high &* 0xC2B2_AE3D_27D4_EB4F) &* 0x9E37_79B9_7F4A_7C15
        return Int(truncatingIfNeeded: mixed >> (64 - slotBits))
    }

    /// Appends the tokens of a word seen before.
    ///
    /// - Returns: whether it was.
    @inline(__always)
    func appendTokens(
        of bytes: UnsafeBufferPointer<UInt8>, _ piece: Range<Int>, to ids: inout [Int32]
    ) -> Bool {
        let length = piece.upperBound - piece.lowerBound
        guard length <= Self.maximumLength else { return false }
        let key = Self.key(bytes, piece.lowerBound, length)
        let slot = self[key]
        guard slot.key == key else { return false }
        ids.append(slot.ids.0)
        if slot.count > 1 { ids.append(slot.ids.1) }
        if slot.count > 2 { ids.append(slot.ids.2) }
        return true
    }

    /// Keeps the tokens of a word, the last of `ids` from `first` on, when both are short.
    mutating func keep(
        _ ids: [Int32], from first: Int, for piece: Range<Int>, of bytes: UnsafeBufferPointer<UInt8>
    ) {
        let (length, count) = (piece.upperBound - piece.lowerBound, ids.count - first)
        guard length <= Self.maximumLength, (1...Self.maximumTokens).contains(count) else { return }
        let key = Self.key(bytes, piece.lowerBound, length)
        self[key] = Slot(
            key: key, count: Int32(count),
            ids: (ids[first], count > 1 ? ids[first + 1] : 0, count > 2 ? ids[first + 2] : 0))
    }
}
