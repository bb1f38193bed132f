internal import TheriacOptions

/// Inner letters in another order: `idiot` → `idoit`.
public struct ScrambleAttack: WordAttack {
    public static let name = "scramble"
    public static let summary = "Inner letters in another order."
    public var rate = 1.0

    public init() {}

    func disguised(_ word: String, _ context: AttackableText, random: inout some RandomNumberGenerator)
        -> String
    {
        let letters = Array(word)
        guard letters.count >= 4 else { return word }
        // A word such as "been" may come out as it was.
        for _ in 0..<8 {
            var inner = Array(letters[1..<(letters.count - 1)])
            inner.shuffle(using: &random)
            let scrambled = String([letters[0]] + inner + [letters[letters.count - 1]])
            if scrambled != word { return scrambled }
        }
        return word
    }
}

/// A slip of the keyboard: neighbours swapped, a letter left out, put in, or replaced by the key beside it.
public struct TypoAttack: WordAttack {
    public static let name = "typo"
    public static let summary = "Two letters swapped, one left out, put in, or the key beside it."
    public var rate = 1.0

    public init() {}

    func disguised(_ word: String, _ context: AttackableText, random: inout some RandomNumberGenerator)
        -> String
    {
        var letters = Array(word.utf8)
        guard letters.count >= 3 else { return word }
        let place = Int.random(in: 1..<letters.count, using: &random)
        switch Int.random(in: 0..<4, using: &random) {
        case 0 where place + 1 < letters.count && letters[place] != letters[place + 1]:
            letters.swapAt(place, place + 1)
        case 1: letters.remove(at: place)
        case 2: letters.insert(Self.beside(letters[place], random: &random), at: place)
        default: letters[place] = Self.beside(letters[place], random: &random)
        }
        return String(decoding: letters, as: UTF8.self)
    }

    /// A key beside that of `letter`, in its case.
    private static func beside(_ letter: UInt8, random: inout some RandomNumberGenerator) -> UInt8 {
        let lower = letter | 0x20
        guard let near = Keyboard.beside(lower).randomElement(using: &random) else { return letter }
        return near - (lower - letter)
    }
}

/// Letters said more often: `fool` → `foooool`.
public struct RepetitionAttack: WordAttack {
    public static let name = "repetition"
    public static let summary = "A letter said two to five times more."
    public var rate = 1.0

    public init() {}

    func disguised(_ word: String, _ context: AttackableText, random: inout some RandomNumberGenerator)
        -> String
    {
        var letters = Array(word)
        for _ in 0..<(word.count > 5 ? 2 : 1) {
            let place = Int.random(in: letters.indices, using: &random)
            let more = Int.random(in: 2...5, using: &random)
            letters.insert(contentsOf: repeatElement(letters[place], count: more), at: place)
        }
        return String(letters)
    }
}

/// Stars for inner letters: `damn` → `d**n`.
public struct StarsAttack: WordAttack {
    public static let name = "stars"
    public static let summary = "Stars for one, for the vowels or for all inner letters."
    public var rate = 1.0

    public init() {}

    func disguised(_ word: String, _ context: AttackableText, random: inout some RandomNumberGenerator)
        -> String
    {
        var letters = Array(word)
        guard letters.count >= 3 else { return word }
        let inner = 1..<(letters.count - 1)
        switch Int.random(in: 0..<3, using: &random) {
        case 0:
            for place in inner { letters[place] = "*" }
        case 1 where inner.contains { "aeiouAEIOU".contains(letters[$0]) }:
            for place in inner where "aeiouAEIOU".contains(letters[place]) { letters[place] = "*" }
        default: letters[Int.random(in: inner, using: &random)] = "*"
        }
        return String(letters)
    }
}

/// Letters with separators between them: `f o o l`, `f.o.o.l`, or the word cut in two.
public struct SpacingAttack: WordAttack {
    public static let name = "spacing"
    public static let summary =
        "A blank, full stop, hyphen or underscore between all letters, or a blank between two."
    public var rate = 1.0

    public init() {}

    func disguised(_ word: String, _ context: AttackableText, random: inout some RandomNumberGenerator)
        -> String
    {
        let letters = word.map(String.init)
        switch Int.random(in: 0..<5, using: &random) {
        case 0 where letters.count >= 4:
            let place = Int.random(in: 1..<(letters.count - 1), using: &random)
            return letters[..<place].joined() + " " + letters[place...].joined()
        case 1: return letters.joined(separator: ".")
        case 2: return letters.joined(separator: "-")
        case 3: return letters.joined(separator: "_")
        default: return letters.joined(separator: " ")
        }
    }
}
