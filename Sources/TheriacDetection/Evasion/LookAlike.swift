/// ASCII characters written for the letters that they look like (leetspeak).
enum LookAlike {
    /// The letters a byte may stand for, the likeliest first; a letter stands for itself. Empty: for none.
    static let letters: [[UInt8]] = {
        var table = [[UInt8]](repeating: [], count: 256)
        for letter in UInt8(ascii: "a")...UInt8(ascii: "z") { table[Int(letter)] = [letter] }
        let leet = [
            "0": "o", "1": "il", "2": "z", "3": "e", "4": "a", "5": "s", "6": "gb", "7": "t", "8": "b",
            "9": "g",
            "@": "a", "$": "s", "!": "il", "|": "il", "+": "t", "(": "c", "<": "c", "{": "c",
        ]
        for (character, meanings) in leet {
            for byte in character.utf8 { table[Int(byte)] = Array(meanings.utf8) }
        }
        // Letters written for others: sIut, fvck, azz.
        for (character, meaning) in ["l": "i", "i": "l", "v": "u", "z": "s"] {
            for byte in character.utf8 { table[Int(byte)] += Array(meaning.utf8) }
        }
        return table
    }()

    /// What the letter and its look-alikes have in common; the same byte for all letters a byte may stand for.
    static func shape(_ byte: UInt8) -> UInt8 { shapes[Int(byte)] }

    static func mayStand(_ byte: UInt8, for letter: UInt8) -> Bool { letters[Int(byte)].contains(letter) }

    private static let shapes: [UInt8] = (0...UInt8.max).map { byte in
        switch letters[Int(byte)].first ?? byte {
        case UInt8(ascii: "l"): UInt8(ascii: "i")
        case UInt8(ascii: "z"): UInt8(ascii: "s")
        case UInt8(ascii: "b"): UInt8(ascii: "g")
        case UInt8(ascii: "v"): UInt8(ascii: "u")
        case let letter: letter
        }
    }
}
