/// Texts by their bytes, each with a number; finds all that a text begins with.
struct ByteTrie: Sendable {
    /// Open addressing: parent and byte, then the child and its number. The count is a power of two.
    private var slots: [Slot]
    private var nodes = 1
    private let shift: UInt64

    private struct Slot {
        /// Parent << 8 | byte; all ones where free.
        var key: UInt64 = .max
        var child: Int32 = 0
        /// The text's number, -1 where none ends.
        var value: Int32 = -1
    }

    /// Every text is given with its number; of two equal texts the later one counts.
    init(_ count: Int, _ text: (Int) -> ArraySlice<UInt8>) {
        let bytes = (0..<count).reduce(0) { $0 + text($1).count }
        var bits = 4
        while 1 << bits < bytes + bytes / 2 { bits += 1 }
        slots = [Slot](repeating: Slot(), count: 1 << bits)
        shift = UInt64(64 - bits)
        for number in 0..<count {
            var (node, last): (Int32, Int) = (0, -1)
            for byte in text(number) {
                let key = UInt64(UInt32(bitPattern: node)) << 8 | UInt64(byte)
                last = slot(of: key)
                if slots[last].key != key {
                    slots[last] = Slot(key: key, child: Int32(nodes))
                    nodes += 1
                }
                node = slots[last].child
            }
            if last >= 0 { slots[last].value = Int32(number) }
        }
    }

    /// Calls `body` with each text that the bytes from `start` on begin with, the shortest first.
    @inline(__always)
    func forEachPrefix(
        of bytes: UnsafeBufferPointer<UInt8>, in range: Range<Int>,
        _ body: (_ end: Int, _ number: Int32) -> Void
    ) {
        slots.withUnsafeBufferPointer { slots in
            var node: Int32 = 0
            for position in range {
                let key = UInt64(UInt32(bitPattern: node)) << 8 | UInt64(bytes[position])
                var place = Int(truncatingIfNeeded: (key &* 0x9E37_79B9_7F4A_7C15) >> shift)
                while slots[place].key != key {
                    if slots[place].key == .max { return }
                    place = (place + 1) & (slots.count - 1)
                }
                node = slots[place].child
                if slots[place].value >= 0 { body(position + 1, slots[place].value) }
            }
        }
    }

    private func slot(of key: UInt64) -> Int {
        var place = Int(truncatingIfNeeded: (key &* 0x9E37_79B9_7F4A_7C15) >> shift)
        while slots[place].key != key, slots[place].key != .max { place = (place + 1) & (slots.count - 1) }
        return place
    }
}
