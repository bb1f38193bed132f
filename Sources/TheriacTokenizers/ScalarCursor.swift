/// Turns byte positions of a text into scalar positions, quickly when they come nearly in order.
struct ScalarCursor {
    private let bytes: UnsafeBufferPointer<UInt8>
    private var byte = 0
    /// How many scalars start before `byte`.
    private var scalars = 0

    init(_ bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

    /// The scalars that have bytes in `range`.
    mutating func scalars(in range: Range<Int>) -> Range<Int> {
        if range.isEmpty {
            let position = count(before: range.lowerBound)
            return position..<position
        }
        let lower = count(before: range.lowerBound + 1) - 1
        return lower..<count(before: range.upperBound)
    }

    /// How many scalars start before a byte position.
    private mutating func count(before position: Int) -> Int {
        while byte < position {
            if bytes[byte] & 0xC0 != 0x80 { scalars += 1 }
            byte += 1
        }
        while byte > position {
            byte -= 1
            if bytes[byte] & 0xC0 != 0x80 { scalars -= 1 }
        }
        return scalars
    }
}
