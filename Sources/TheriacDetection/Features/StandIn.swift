/// Characters written for the letters that they look like.
///
/// `$`, `@` and `!` stand for s, a and i in any word with a letter, `$` only away from digits (`US$5`).
/// Digits stand for letters only in a run of one or two with letters on both sides, so that `mp3`, `2nd` and
/// `covid19` stay.
enum StandIn {
    /// Replaces them in a word; its length stays.
    static func replace(_ word: UnsafeMutablePointer<UInt8>, count: Int) {
        var hasLetter = false
        for index in 0..<count where isLetter(word[index]) { hasLetter = true }
        guard hasLetter else { return }
        for index in 0..<count {
            let besideDigit =
                (index > 0 && isDigit(word[index - 1])) || (index + 1 < count && isDigit(word[index + 1]))
            if isMark(word[index]), !besideDigit || word[index] != UInt8(ascii: "$") {
                word[index] = letter(for: word[index])
            }
        }
        var index = 1
        while index < count {
            guard isDigit(word[index]), isLetter(word[index - 1]) else {
                index += 1
                continue
            }
            var end = index
            while end < count && isDigit(word[end]) { end += 1 }
            if end < count && isLetter(word[end]) && end - index <= 2 {
                for place in index..<end { word[place] = letter(for: word[place]) }
            }
            index = end
        }
    }

    private static func isLetter(_ byte: UInt8) -> Bool { byte >= 0x61 && byte <= 0x7A }
    private static func isMark(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "@") || byte == UInt8(ascii: "$") || byte == UInt8(ascii: "!")
    }
    private static func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }

    private static func letter(for byte: UInt8) -> UInt8 {
        switch byte {
        case UInt8(ascii: "@"), UInt8(ascii: "4"): UInt8(ascii: "a")
        case UInt8(ascii: "$"), UInt8(ascii: "5"): UInt8(ascii: "s")
        case UInt8(ascii: "!"), UInt8(ascii: "1"): UInt8(ascii: "i")
        case UInt8(ascii: "0"): UInt8(ascii: "o")
        case UInt8(ascii: "3"): UInt8(ascii: "e")
        case UInt8(ascii: "7"): UInt8(ascii: "t")
        default: byte
        }
    }
}
