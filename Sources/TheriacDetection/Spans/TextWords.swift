/// The words of a text as spans are made of: letters, digits and emoji with what stands inside them.
///
/// An apostrophe or hyphen belongs to a word between two of its characters; `*`, `@`, `$` and `#` beside one, as in
/// `f***` or `a$$`; `!` between letters (`sh!t`). Everything else separates: `one/two` is two words.
public enum TextWords {
    /// Ranges of Unicode scalars, in order.
    public static func words(of text: String) -> [Range<Int>] {
        let kinds = text.unicodeScalars.map(kind)
        var words: [Range<Int>] = []
        var place = 0
        while place < kinds.count {
            guard isPart(kinds, place) else {
                place += 1
                continue
            }
            let start = place
            while place < kinds.count, isPart(kinds, place) { place += 1 }
            if kinds[start..<place].contains(.core) { words.append(start..<place) }
        }
        return words
    }

    private enum Kind { case core, beside, between, separator }

    private static func isPart(_ kinds: [Kind], _ place: Int) -> Bool {
        switch kinds[place] {
        case .core: true
        case .separator: false
        case .between:
            place > 0 && place + 1 < kinds.count
                && [place - 1, place + 1].allSatisfy { kinds[$0] == .core || kinds[$0] == .beside }
        // A run of them belongs to the word that any of them touches.
        case .beside:
            touches(kinds, from: place, by: -1) || touches(kinds, from: place, by: 1)
        }
    }

    private static func touches(_ kinds: [Kind], from place: Int, by step: Int) -> Bool {
        var place = place
        for _ in 0..<8 {
            place += step
            guard kinds.indices.contains(place) else { return false }
            if kinds[place] != .beside { return kinds[place] == .core }
        }
        return false
    }

    private static func kind(_ scalar: Unicode.Scalar) -> Kind {
        switch scalar {
        case "a"..."z", "A"..."Z", "0"..."9": return .core
        case "'", "’", "-", "_", "!": return .between
        case "*", "@", "$", "#": return .beside
        default: break
        }
        if scalar.value < 0x80 { return .separator }
        switch scalar.properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter,
            .nonspacingMark,
            .spacingMark, .enclosingMark, .decimalNumber, .letterNumber, .otherNumber, .otherSymbol,
            .modifierSymbol,
            .format, .privateUse:
            return .core
        default: return .separator
        }
    }
}
