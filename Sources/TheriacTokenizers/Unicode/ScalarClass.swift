/// The kinds of scalars that pre-tokenization patterns tell apart.
enum ScalarClass: UInt8 {
    /// `\p{L}`
    case letter
    /// `\p{N}`
    case number
    /// `\s`, the White_Space property
    case space
    /// Everything else.
    case other
    /// In ``leadBytes`` only: a byte of a scalar above U+007F.
    case beyondASCII

    /// The class of each ASCII byte.
    static let leadBytes: [ScalarClass] = (0...255).map { $0 < 0x80 ? classify(UInt32($0)) : .beyondASCII }

    /// The class of any scalar.
    @inline(__always)
    static func of(_ scalar: UInt32) -> ScalarClass {
        scalar < tableLimit ? table[Int(scalar)] : .other
    }

    /// Whether a scalar is in `\p{M}`.
    static func isMark(_ scalar: UInt32) -> Bool {
        if scalar < markLimit { return marks[Int(scalar)] }
        return 0xE0100...0xE01EF ~= scalar
    }

    /// No mark but the variation selectors of plane 14 lies at or above this scalar.
    private static let markLimit: UInt32 = 0x20000
    private static let marks: [Bool] = (0..<markLimit).map { value in
        guard let scalar = Unicode.Scalar(value), scalar.isKnownToReference else { return false }
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .spacingMark, .enclosingMark: return true
        default: return false
        }
    }

    /// No letter, number or white space lies at or above this scalar.
    static let tableLimit: UInt32 = 0x40000

    /// Filled on first use, in milliseconds: the standard library's own lookup is too slow to be asked each
    /// time.
    private static let table: [ScalarClass] = (0..<tableLimit).map(classify)

    private static func classify(_ value: UInt32) -> ScalarClass {
        guard let scalar = Unicode.Scalar(value), scalar.isKnownToReference else { return .other }
        if scalar.properties.isWhitespace { return .space }
        return switch scalar.properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter: .letter
        case .decimalNumber, .letterNumber, .otherNumber: .number
        default: .other
        }
    }
}
