/// The printable stand-ins that byte-level tokenizers use for bytes in their vocabulary files.
///
/// Bytes 33–126, 161–172 and 174–255 stand for themselves, the other 68 become U+0100 upwards in byte order:
/// a blank is `Ġ`, a newline `Ċ`. Source: Radford et al., GPT-2's `encoder.py` (2019).
enum ByteAlphabet {
    /// The stand-in of each byte.
    static let scalars: [UInt16] = {
        var next: UInt16 = 0x100
        return (0...255).map { byte in
            switch byte {
            case 33...126, 161...172, 174...255: return UInt16(byte)
            default:
                defer { next += 1 }
                return next
            }
        }
    }()

    /// The byte each stand-in means, indexed by scalar; -1 for scalars outside the alphabet.
    private static let bytes: [Int16] = {
        var table = [Int16](repeating: -1, count: 0x144)
        for (byte, scalar) in scalars.enumerated() { table[Int(scalar)] = Int16(byte) }
        return table
    }()

    /// The stand-in of a byte as UTF-8.
    static func utf8(of byte: UInt8) -> [UInt8] {
        let scalar = scalars[Int(byte)]
        return scalar < 0x80 ? [UInt8(scalar)] : [UInt8(0xC0 | scalar >> 6), UInt8(0x80 | scalar & 0x3F)]
    }

    /// Appends the bytes that a token of a vocabulary file means: those of its stand-ins, or, when any of its
    /// scalars is outside the alphabet, its own UTF-8.
    static func appendBytes(of token: some Collection<UInt8>, to output: inout [UInt8]) {
        let start = output.count
        var lead: UInt8 = 0
        for byte in token {
            var scalar = Int(byte)
            if byte >= 0x80 {
                guard lead != 0 else {
                    lead = byte
                    continue
                }
                scalar = (lead & 0xE0) == 0xC0 ? Int(lead & 0x1F) << 6 | Int(byte & 0x3F) : .max
                lead = 0
            }
            guard scalar < bytes.count, bytes[scalar] >= 0 else {
                output.removeSubrange(start...)
                output.append(contentsOf: token)
                return
            }
            output.append(UInt8(bytes[scalar]))
        }
    }
}
