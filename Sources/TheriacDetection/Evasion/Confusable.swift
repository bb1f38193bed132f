/// What a character beyond ASCII may be read as where only Latin letters make sense.
enum Confusable: Sendable, Equatable {
    /// As the ASCII character `byte` (letters in lower case).
    case character(byte: UInt8, isUpper: Bool, kind: Kind)
    /// Shows nothing: joiners, direction marks, tags, variation selectors.
    case invisible
    /// U+00AD, which also stands in innocent words.
    case softHyphen
    /// A combining mark that some languages write.
    case mark
    /// A combining mark through or around the letter.
    case overlay
    /// A letter that looks like no Latin one.
    case foreign
    case space
    /// Everything else: punctuation, symbols, emoji, characters of scripts without spaces.
    case other

    enum Kind: Sendable {
        /// A Latin letter with accents, as many languages write it.
        case accented
        /// A Latin letter in another form: fullwidth, mathematical, enclosed, superscript, small capital.
        case form
        /// A regional indicator: two make a flag.
        case flag
        /// A letter of another script that looks the same.
        case twin
        /// A letter of another script that looks similar.
        case cousin
    }

    static func of(_ scalar: Unicode.Scalar) -> Confusable {
        let value = scalar.value
        if value < 0x590 { return low[Int(value)] }
        switch value {
        case 0x1E00..<0x2000: return extended[Int(value - 0x1E00)]
        case 0x200B...0x200F, 0x202A...0x202E, 0x2060...0x206F, 0xFE00...0xFE0F, 0xFEFF, 0xFFA0, 0x61C,
            0x115F,
            0x1160, 0x17B4, 0x17B5, 0x180B...0x180E, 0x3164, 0xE0000...0xE0FFF:
            return .invisible
        case 0x1AB0...0x1AFF, 0x1DC0...0x1DFF, 0xFE20...0xFE2F: return .mark
        case 0x20D0...0x20FF: return .overlay
        case 0xFF01...0xFF5E: return form(UInt8(value - 0xFF01 + 0x21))
        case 0x1D400...0x1D6A3: return form(UInt8((value - 0x1D400) % 52), from: 26)
        case 0x1D7CE...0x1D7FF: return form(UInt8(0x30 + (value - 0x1D7CE) % 10))
        case 0x249C...0x24B5: return form(UInt8(value - 0x249C + 0x61))
        case 0x24B6...0x24E9: return form(UInt8(value - 0x24B6), from: 26)
        case 0x1F110...0x1F129: return form(UInt8(value - 0x1F110 + 0x41))
        case 0x1F130...0x1F149: return form(UInt8(value - 0x1F130 + 0x41))
        case 0x1F150...0x1F169: return form(UInt8(value - 0x1F150 + 0x41))
        case 0x1F170...0x1F189: return form(UInt8(value - 0x1F170 + 0x41))
        case 0x1F1E6...0x1F1FF:
            return .character(byte: UInt8(value - 0x1F1E6 + 0x61), isUpper: true, kind: .flag)
        default: return ConfusableTable.others[value] ?? byCategory(scalar)
        }
    }

    private static let low: [Confusable] = (UInt32(0)..<0x590).map { value in
        guard let scalar = Unicode.Scalar(value) else { return .other }
        if let found = ConfusableTable.others[value] { return found }
        switch value {
        case 0xAD: return .softHyphen
        case 0x334...0x338, 0x488, 0x489: return .overlay
        case 0x34F: return .invisible
        case 0x300...0x36F, 0x483...0x487: return .mark
        case 0xAA, 0xBA: return .other
        default: return accented(scalar) ?? byCategory(scalar)
        }
    }

    private static let extended: [Confusable] = (UInt32(0x1E00)..<0x2000).map { value in
        guard let scalar = Unicode.Scalar(value) else { return .other }
        return ConfusableTable.others[value] ?? accented(scalar) ?? byCategory(scalar)
    }

    /// A letter whose canonical decomposition begins with an ASCII letter.
    private static func accented(_ scalar: Unicode.Scalar) -> Confusable? {
        guard !scalar.isASCII else { return nil }
        let first = ConfusableTable.decomposed(scalar)
        guard let byte = first.flatMap({ $0.isASCII ? UInt8($0.value) : nil }), byte | 0x20 >= 0x61,
            byte | 0x20 <= 0x7A
        else { return nil }
        return .character(byte: byte | 0x20, isUpper: byte < 0x61, kind: .accented)
    }

    private static func form(_ byte: UInt8) -> Confusable {
        let isUpper = byte >= 0x41 && byte <= 0x5A
        return .character(byte: isUpper ? byte + 32 : byte, isUpper: isUpper, kind: .form)
    }

    /// `place`: of 26 capitals and 26 small letters.
    private static func form(_ place: UInt8, from capitals: UInt8) -> Confusable {
        .character(byte: 0x61 + place % capitals, isUpper: place < capitals, kind: .form)
    }

    private static func byCategory(_ scalar: Unicode.Scalar) -> Confusable {
        let properties = scalar.properties
        switch properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter,
            .spacingMark,
            .nonspacingMark:
            return properties.isIdeographic || isWithoutSpaces(scalar.value) ? .other : .foreign
        case .enclosingMark: return .overlay
        case .format: return .invisible
        case .spaceSeparator, .lineSeparator, .paragraphSeparator, .control: return .space
        default: return .other
        }
    }

    /// Kana, Hangul, Thai, Lao, Khmer, Myanmar.
    private static func isWithoutSpaces(_ value: UInt32) -> Bool {
        switch value {
        case 0x0E00...0x0EFF, 0x1000...0x109F, 0x1100...0x11FF, 0x1780...0x17FF, 0x3040...0x30FF,
            0xAC00...0xD7AF:
            true
        default: false
        }
    }
}
