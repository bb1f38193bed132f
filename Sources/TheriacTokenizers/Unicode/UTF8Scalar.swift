/// Reads and writes scalars as bytes known to be valid UTF-8.
enum UTF8Scalar {
    /// The scalar that starts at `position`, and how many bytes it takes.
    @inline(__always)
    static func decode(_ bytes: UnsafeBufferPointer<UInt8>, at position: Int) -> (value: UInt32, width: Int) {
        let lead = UInt32(bytes[position])
        func continuation(_ index: Int) -> UInt32 { UInt32(bytes[position + index]) & 0x3F }
        if lead < 0x80 { return (lead, 1) }
        if lead < 0xE0 { return ((lead & 0x1F) << 6 | continuation(1), 2) }
        if lead < 0xF0 { return ((lead & 0x0F) << 12 | continuation(1) << 6 | continuation(2), 3) }
        return ((lead & 0x07) << 18 | continuation(1) << 12 | continuation(2) << 6 | continuation(3), 4)
    }

    /// How many bytes the scalar takes that begins with this one.
    @inline(__always)
    static func width(ofLead lead: UInt8) -> Int { lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4 }

    /// Where the scalar starts that ends just before `end`.
    static func start(before end: Int, in bytes: UnsafeBufferPointer<UInt8>) -> Int {
        var position = end - 1
        while position > 0, bytes[position] & 0xC0 == 0x80 { position -= 1 }
        return position
    }

    /// Where the ASCII bytes end that start at `start`.
    @inline(__always)
    static func endOfASCII(in bytes: UnsafeBufferPointer<UInt8>, from start: Int) -> Int {
        var position = start
        if let base = bytes.baseAddress {
            let raw = UnsafeRawPointer(base)
            while position + 8 <= bytes.count,
                raw.loadUnaligned(fromByteOffset: position, as: UInt64.self) & 0x8080_8080_8080_8080 == 0
            {
                position += 8
            }
        }
        while position < bytes.count, bytes[position] < 0x80 { position += 1 }
        return position
    }

    /// Appends a scalar's bytes.
    ///
    /// - Returns: how many there are.
    @inline(__always) @discardableResult
    static func append(_ scalar: UInt32, to bytes: inout [UInt8]) -> Int {
        func continuation(_ shift: UInt32) -> UInt8 {
            UInt8(truncatingIfNeeded: 0x80 | (scalar >> shift & 0x3F))
        }
        if scalar < 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: scalar))
            return 1
        }
        if scalar < 0x800 {
            bytes.append(UInt8(truncatingIfNeeded: 0xC0 | scalar >> 6))
            bytes.append(continuation(0))
            return 2
        }
        if scalar < 0x10000 {
            bytes.append(UInt8(truncatingIfNeeded: 0xE0 | scalar >> 12))
            bytes.append(continuation(6))
            bytes.append(continuation(0))
            return 3
        }
        bytes.append(UInt8(truncatingIfNeeded: 0xF0 | scalar >> 18))
        bytes.append(continuation(12))
        bytes.append(continuation(6))
        bytes.append(continuation(0))
        return 4
    }
}
