public import TheriacOptions

/// Digits and signs for the letters they look like: `idiot` → `1d10t`.
public struct LeetspeakAttack: WordAttack {
    public static let name = "leetspeak"
    public static let summary = "Digits and signs for letters that they look like."
    public var rate = 1.0
    /// Share of the letters that have a look-alike; at least one is replaced.
    public var letters = 0.6

    public init() {}

    public mutating func read(_ fields: inout OptionFields) throws(OptionsError) {
        try fields.read("rate", into: &rate, in: 0...1)
        try fields.read("letters", into: &letters, in: 0...1)
    }

    func disguised(_ word: String, _ context: AttackableText, random: inout some RandomNumberGenerator)
        -> String
    {
        replaceSome(of: word, share: letters, random: &random) { Self.table[$0] ?? [] }
    }

    private static let table: [Character: [Character]] = [
        "a": ["4", "@"], "b": ["8"], "c": ["("], "e": ["3"], "g": ["9", "6"], "i": ["1", "!"], "l": ["1"],
        "o": ["0"], "s": ["5", "$"], "t": ["7"],
    ]
}

/// Letters of other scripts that look the same: Cyrillic, Greek, fullwidth and mathematical ones.
public struct HomoglyphAttack: WordAttack {
    public static let name = "homoglyph"
    public static let summary = "Letters of other scripts that look the same."
    public var rate = 1.0
    /// Share of the letters; at least one is replaced.
    public var letters = 0.5

    public init() {}

    public mutating func read(_ fields: inout OptionFields) throws(OptionsError) {
        try fields.read("rate", into: &rate, in: 0...1)
        try fields.read("letters", into: &letters, in: 0...1)
    }

    func disguised(_ word: String, _ context: AttackableText, random: inout some RandomNumberGenerator)
        -> String
    {
        replaceSome(of: word, share: letters, random: &random) { letter in
            guard let byte = letter.asciiValue else { return [] }
            var found = Self.table[letter] ?? []
            // Fullwidth a to z, and mathematical bold and sans-serif ones.
            for base in [0xFF41, 0x1D41A, 0x1D5BA] as [UInt32] {
                if let scalar = Unicode.Scalar(base + UInt32(byte - 0x61)) { found.append(Character(scalar)) }
            }
            return found
        }
    }

    private static let table: [Character: [Character]] = [
        "a": ["а", "α"], "c": ["с"], "d": ["ԁ"], "e": ["е", "ҽ"], "h": ["һ"], "i": ["і", "ı"], "j": ["ј"],
        "k": ["к", "κ"], "n": ["ո"], "o": ["о", "ο"], "p": ["р", "ρ"], "s": ["ѕ"], "t": ["т", "τ"],
        "u": ["υ", "ս"],
        "v": ["ѵ", "ν"], "w": ["ԝ"], "x": ["х", "χ"], "y": ["у", "γ"],
    ]
}

/// Characters without width between the letters.
public struct ZeroWidthAttack: WordAttack {
    public static let name = "zero-width"
    public static let summary = "Characters without width between the letters."
    public var rate = 1.0

    public init() {}

    func disguised(_ word: String, _ context: AttackableText, random: inout some RandomNumberGenerator)
        -> String
    {
        let marks: [Unicode.Scalar] = ["\u{200B}", "\u{200C}", "\u{200D}", "\u{2060}", "\u{AD}", "\u{FEFF}"]
        return insert(into: word, random: &random) { random in
            [marks[Int.random(in: marks.indices, using: &random)]]
        }
    }
}

/// Combining marks on the letters, from one accent to a heap.
public struct CombiningAttack: WordAttack {
    public static let name = "combining"
    public static let summary = "Combining marks over, under and through the letters."
    public var rate = 1.0
    /// Most marks on one letter.
    public var marks = 4

    public init() {}

    public mutating func read(_ fields: inout OptionFields) throws(OptionsError) {
        try fields.read("rate", into: &rate, in: 0...1)
        try fields.read("marks", into: &marks, in: 1...20)
    }

    func disguised(_ word: String, _ context: AttackableText, random: inout some RandomNumberGenerator)
        -> String
    {
        insert(into: word, random: &random) { random in
            (0..<Int.random(in: 1...marks, using: &random)).compactMap { _ in
                Unicode.Scalar(UInt32.random(in: 0x300...0x338, using: &random))
            }
        }
    }
}

/// The word written backwards between marks that turn the direction of writing, so that it looks as before.
public struct ReversalAttack: WordAttack {
    public static let name = "reversal"
    public static let summary = "Backwards, between marks that turn the direction of writing."
    public var rate = 1.0

    public init() {}

    func disguised(_ word: String, _ context: AttackableText, random: inout some RandomNumberGenerator)
        -> String
    {
        "\u{202E}" + String(word.reversed()) + "\u{202C}"
    }
}

extension WordAttack {
    /// Replaces a share of the letters that `choices` (asked in lower case) has something for; at least one.
    fileprivate func replaceSome(
        of word: String, share: Double, random: inout some RandomNumberGenerator,
        choices: (Character) -> [Character]
    ) -> String {
        var letters = Array(word)
        let options = letters.map { choices(Character($0.lowercased())) }
        let places = letters.indices.filter { !options[$0].isEmpty }
        guard let sure = places.randomElement(using: &random) else { return word }
        for place in places where place == sure || Double.random(in: 0..<1, using: &random) < share {
            if let chosen = options[place].randomElement(using: &random) { letters[place] = chosen }
        }
        return String(letters)
    }

    /// Puts scalars after some letters but the last; at least after one.
    fileprivate func insert<Random: RandomNumberGenerator>(
        into word: String, random: inout Random, _ scalars: (inout Random) -> [Unicode.Scalar]
    ) -> String {
        let letters = Array(word.unicodeScalars)
        guard letters.count >= 2 else { return word }
        let sure = Int.random(in: 0..<(letters.count - 1), using: &random)
        var result = String.UnicodeScalarView()
        for (place, letter) in letters.enumerated() {
            result.append(letter)
            guard place + 1 < letters.count, place == sure || Bool.random(using: &random) else { continue }
            result.append(contentsOf: scalars(&random))
        }
        return String(result)
    }
}
