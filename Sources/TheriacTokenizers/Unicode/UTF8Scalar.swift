/// Reads scalars from bytes known to be valid UTF-8.
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

    /// Where the scalar starts that ends just before `end`.
    static func start(before end: Int, in bytes: UnsafeBufferPointer<UInt8>) -> Int {
        var position = end - 1
        while position > 0, bytes[position] & 0xC0 == 0x80 { position -= 1 }
        return position
    }
}
