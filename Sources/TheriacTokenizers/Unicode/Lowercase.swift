/// The lower case of scalars, one by one and without regard to their surroundings.
enum LowercaseTable {
    /// The lower case of a scalar; U+0130 alone has a second scalar, U+0307.
    @inline(__always)
    static func lowercase(_ scalar: UInt32) -> UInt32 {
        if scalar < 0x80 { return scalar &- 0x41 < 26 ? scalar | 0x20 : scalar }
        return scalar < limit ? scalar &+ deltas[Int(scalar)] : scalar
    }

    /// The one scalar whose lower case is two: `i` and U+0307.
    static let dottedCapitalI: UInt32 = 0x130

    /// No upper-case scalar lies at or above this one.
    private static let limit: UInt32 = 0x1F000

    /// What to add, modulo 2^32. Filled on first use.
    private static let deltas: [UInt32] = (0..<limit).map { value in
        guard let scalar = Unicode.Scalar(value), scalar.properties.changesWhenLowercased,
            let lower = scalar.properties.lowercaseMapping.unicodeScalars.first
        else { return 0 }
        return lower.value &- value
    }
}
