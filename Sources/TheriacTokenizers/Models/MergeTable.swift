/// Merge rules by the pair of ids they join.
struct MergeTable: Sendable {
    /// Rank in the upper half and the joined token's id in the lower, so that the smaller value is the
    /// earlier rule.
    typealias Rule = UInt64
    static let noRule = Rule.max

    /// Open addressing, pair then rule; a free pair is all ones. The count is a power of two.
    private var slots: [UInt64]
    private let shift: UInt64

    init(capacity: Int) {
        var bits = 4
        while 1 << bits < 2 * capacity { bits += 1 }
        slots = [UInt64](repeating: .max, count: 2 << bits)
        shift = UInt64(64 - bits)
    }

    /// Adds a rule. When a pair has several, the last one given counts, as in the Rust library.
    mutating func insert(_ left: Int32, _ right: Int32, rank: Int, joined: Int32) {
        let pair = Self.pair(left, right)
        let slot = slot(of: pair)
        slots[slot] = pair
        slots[slot + 1] = UInt64(rank) << 32 | UInt64(UInt32(bitPattern: joined))
    }

    @inline(__always)
    func rule(_ left: Int32, _ right: Int32) -> Rule {
        slots[slot(of: Self.pair(left, right)) + 1]
    }

    /// Where a pair is, or would be.
    @inline(__always)
    private func slot(of pair: UInt64) -> Int {
        let mask = slots.count - 1
        var slot = Int(truncatingIfNeeded: (pair &* 0x9E37_79B9_7F4A_7C15) >> shift) << 1
        while slots[slot] != pair, slots[slot] != .max { slot = (slot + 2) & mask }
        return slot
    }

    @inline(__always)
    private static func pair(_ left: Int32, _ right: Int32) -> UInt64 {
        UInt64(UInt32(bitPattern: left)) << 32 | UInt64(UInt32(bitPattern: right))
    }
}
