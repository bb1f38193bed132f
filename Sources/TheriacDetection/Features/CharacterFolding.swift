import Foundation

/// What a character beyond ASCII becomes before features are taken from it.
///
/// Letters are lower-cased and lose their accents (é → e, Ｆ → f, 𝓯 → f), so that spellings meant to slip past
/// a word
/// list meet the plain one. Marks without width vanish. A character of a script without spaces, an emoji or
/// another symbol stands as a word of its own.
enum FoldedCharacter: Equatable {
    /// Vanishes: combining marks, joiners, variation selectors, soft hyphens.
    case nothing
    /// Ends a word.
    case separator
    /// Belongs to a word, as these UTF-8 bytes (at most four, lowest byte first, and their count).
    case letter(bytes: UInt32, count: Int)
    /// A word of its own, as these UTF-8 bytes.
    case symbol(bytes: UInt32, count: Int)
    /// The typographic apostrophe, treated as the plain one.
    case apostrophe
}

enum CharacterFolding {
    /// Folds one scalar at or above U+0080. Depends on nothing but the scalar.
    static func fold(_ scalar: Unicode.Scalar) -> FoldedCharacter {
        let value = scalar.value
        switch value {
        case 0x300...0x36F, 0x200B...0x200F, 0xFE00...0xFE0F, 0x2060, 0xFEFF: return .nothing
        case 0x2018, 0x2019, 0x02BC, 0xFF07: return .apostrophe
        case 0x80..<0x530: return european[Int(value - 0x80)]
        case 0x1E00..<0x2000: return accented[Int(value - 0x1E00)]
        case 0x2000...0x206F: return .separator
        case 0x3040...0x30FF, 0x3400...0x4DBF, 0x4E00...0x9FFF, 0x20000...0x3FFFF: return symbol(scalar)
        case 0xFF21...0xFF3A: return ascii(UInt8(value - 0xFF21) + 0x61)
        case 0xFF41...0xFF5A: return ascii(UInt8(value - 0xFF41) + 0x61)
        case 0xFF10...0xFF19: return ascii(UInt8(value - 0xFF10) + 0x30)
        case 0x1D400...0x1D6A3: return ascii(UInt8((value - 0x1D400) % 26) + 0x61)
        case 0x1D7CE...0x1D7FF: return ascii(UInt8((value - 0x1D7CE) % 10) + 0x30)
        default: return byCategory(scalar)
        }
    }

    /// Latin, Greek and Cyrillic, U+0080 to U+052F, folded once.
    private static let european: [FoldedCharacter] = (UInt32(0x80)..<0x530).map(withoutAccents)

    /// Latin Extended Additional (Vietnamese) and Greek Extended, U+1E00 to U+1FFF, folded once.
    private static let accented: [FoldedCharacter] = (UInt32(0x1E00)..<0x2000).map(withoutAccents)

    private static func withoutAccents(_ value: UInt32) -> FoldedCharacter {
        guard let scalar = Unicode.Scalar(value), value != 0xAD else { return .nothing }
        let plain = String(Character(scalar)).decomposedStringWithCanonicalMapping.lowercased()
        guard let first = plain.unicodeScalars.first else { return .separator }
        return first.isASCII ? ascii(UInt8(first.value)) : byCategory(first)
    }

    private static func byCategory(_ scalar: Unicode.Scalar) -> FoldedCharacter {
        switch scalar.properties.generalCategory {
        case .lowercaseLetter, .otherLetter, .modifierLetter, .decimalNumber, .spacingMark:
            return letter(scalar)
        case .uppercaseLetter, .titlecaseLetter:
            return letter(scalar.properties.lowercaseMapping.unicodeScalars.first ?? scalar)
        case .nonspacingMark, .enclosingMark, .format: return .nothing
        case .otherSymbol, .mathSymbol, .currencySymbol, .modifierSymbol, .otherNumber, .letterNumber,
            .privateUse, .unassigned:
            return symbol(scalar)
        default: return .separator
        }
    }

    private static func ascii(_ byte: UInt8) -> FoldedCharacter {
        let isWord = (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte)
        return isWord ? .letter(bytes: UInt32(byte), count: 1) : .separator
    }

    private static func letter(_ scalar: Unicode.Scalar) -> FoldedCharacter {
        let (bytes, count) = packed(scalar)
        return .letter(bytes: bytes, count: count)
    }

    private static func symbol(_ scalar: Unicode.Scalar) -> FoldedCharacter {
        let (bytes, count) = packed(scalar)
        return .symbol(bytes: bytes, count: count)
    }

    private static func packed(_ scalar: Unicode.Scalar) -> (bytes: UInt32, count: Int) {
        var bytes: UInt32 = 0
        var count = 0
        for byte in UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter {
            bytes |= UInt32(byte) << UInt32(8 * count)
            count += 1
        }
        return (bytes, count)
    }
}
