/// Sizes of the scanner's working memory.
enum WordLimits {
    /// Bytes of the longest word; what is longer is cut.
    static let longestWord = 64
    /// Room for a word, its two boundaries and reads of eight bytes beyond its end.
    static let bufferSize = 88
}

/// What each byte is to ``WordScanner``: a class below ``firstLetter``, or the folded letter or digit itself.
enum ByteClass {
    static let separator: UInt8 = 0
    static let apostrophe: UInt8 = 1
    static let star: UInt8 = 2
    static let standIn: UInt8 = 3
    static let mark: UInt8 = 4
    static let beyondASCII: UInt8 = 5
    static let firstLetter: UInt8 = 0x30

    static let table: [UInt8] = (0...UInt8.max).map { byte in
        switch byte {
        case 0x41...0x5A: byte + 32
        case 0x61...0x7A, 0x30...0x39: byte
        case UInt8(ascii: "'"): apostrophe
        case UInt8(ascii: "*"): star
        case UInt8(ascii: "$"), UInt8(ascii: "@"): standIn
        case UInt8(ascii: "!"), UInt8(ascii: "?"): mark
        case 0x80...0xFF: beyondASCII
        default: separator
        }
    }

    /// An ASCII letter, or any byte of a character beyond ASCII.
    @inline(__always)
    static func isLetter(_ byte: UInt8) -> Bool {
        byte >= 0x80 || (byte | 0x20 >= 0x61 && byte | 0x20 <= 0x7A)
    }

    /// `!` or `?`.
    static func isMark(_ byte: UInt8) -> Bool { byte == UInt8(ascii: "!") || byte == UInt8(ascii: "?") }

    /// Letters that English words double: a run of three or more keeps two of them.
    static func isDoubled(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "s"), UInt8(ascii: "l"), UInt8(ascii: "f"), UInt8(ascii: "z"), UInt8(ascii: "e"),
            UInt8(ascii: "o"), UInt8(ascii: "g"), UInt8(ascii: "p"), UInt8(ascii: "t"), UInt8(ascii: "n"),
            UInt8(ascii: "r"), UInt8(ascii: "m"), UInt8(ascii: "d"), UInt8(ascii: "b"):
            true
        default: false
        }
    }
}
