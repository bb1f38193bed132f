/// What normalizers and pre-tokenizers ask about scalars, as the reference answers.
struct ScalarTraits: OptionSet, Sendable {
    let rawValue: UInt8

    /// Control, format and private-use scalars, NUL and U+FFFD, but not tab, newline and carriage return.
    static let control = ScalarTraits(rawValue: 1)
    /// White_Space.
    static let space = ScalarTraits(rawValue: 2)
    /// ASCII punctuation and symbols, and the categories P.
    static let punctuation = ScalarTraits(rawValue: 4)
    /// Category Mn.
    static let nonspacingMark = ScalarTraits(rawValue: 8)
    /// Category M, in the newer Unicode of normalization.
    static let mark = ScalarTraits(rawValue: 16)
    /// Category N.
    static let numeric = ScalarTraits(rawValue: 32)
    /// `\w`
    static let word = ScalarTraits(rawValue: 64)
    /// CJK ideographs, by the blocks that BERT names.
    static let ideograph = ScalarTraits(rawValue: 128)

    /// The traits of any scalar.
    @inline(__always)
    static func of(_ scalar: UInt32) -> ScalarTraits {
        scalar < tableLimit ? table[Int(scalar)] : classify(scalar)
    }

    private static let tableLimit: UInt32 = 0x20000
    /// Filled on first use.
    private static let table: [ScalarTraits] = (0..<tableLimit).map(classify)

    private static func classify(_ value: UInt32) -> ScalarTraits {
        guard let scalar = Unicode.Scalar(value) else { return [] }
        var traits: ScalarTraits = []
        let properties = scalar.properties
        let category = properties.generalCategory
        if properties.isWhitespace { traits.insert(.space) }
        if isIdeograph(value) { traits.insert(.ideograph) }
        if scalar.isWordScalar { traits.insert(.word) }
        switch category {
        case .decimalNumber, .letterNumber, .otherNumber: traits.insert(.numeric)
        default: break
        }
        if scalar.isKnown(to: ReferenceUnicode.normalization) {
            switch category {
            case .nonspacingMark, .spacingMark, .enclosingMark: traits.insert(.mark)
            default: break
            }
        }
        if scalar.isKnown(to: ReferenceUnicode.categories) {
            switch category {
            case .control, .format, .privateUse: traits.insert(.control)
            case .connectorPunctuation, .dashPunctuation, .openPunctuation, .closePunctuation,
                .initialPunctuation, .finalPunctuation, .otherPunctuation:
                traits.insert(.punctuation)
            case .nonspacingMark: traits.insert(.nonspacingMark)
            case .mathSymbol, .currencySymbol, .modifierSymbol:
                if value < 0x80 { traits.insert(.punctuation) }
            default: break
            }
        }
        correct(&traits, of: value)
        return traits
    }

    /// What BERT decided otherwise, and scalars whose category a later Unicode changed.
    private static func correct(_ traits: inout ScalarTraits, of value: UInt32) {
        switch value {
        case 0x09, 0x0A, 0x0D: traits.remove(.control)
        case 0, 0xFFFD: traits.insert(.control)
        case 0x166D: traits.insert(.punctuation)
        case 0x111C9:
            traits.insert(.punctuation)
            traits.subtract([.nonspacingMark, .mark])
        case 0x1885, 0x1886, 0xA9BD: traits.remove(.nonspacingMark)
        case 0x1734, 0x1171E: traits.insert(.nonspacingMark)
        case 0x1CF2, 0x1CF3: traits.insert(.mark)
        default: break
        }
    }

    /// Source: BERT's `tokenization.py`, `_is_chinese_char`, with the gap that the Rust library has.
    private static func isIdeograph(_ value: UInt32) -> Bool {
        switch value {
        case 0x4E00...0x9FFF, 0x3400...0x4DBF, 0x20000...0x2A6DF, 0x2A700...0x2B73F, 0x2B740...0x2B81F,
            0x2B920...0x2CEAF, 0xF900...0xFAFF, 0x2F800...0x2FA1F:
            true
        default: false
        }
    }
}
