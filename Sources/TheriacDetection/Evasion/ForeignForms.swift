/// Sees through characters beyond ASCII: other scripts, other forms of letters, marks, and what is invisible.
struct ForeignForms {
    private let bytes: UnsafeBufferPointer<UInt8>
    private let vocabulary: EvasionVocabulary

    init(_ bytes: UnsafeBufferPointer<UInt8>, _ vocabulary: EvasionVocabulary) {
        self.bytes = bytes
        self.vocabulary = vocabulary
    }

    /// A heap: more marks than languages put on one letter.
    private static let heap = 3

    func rewrite(_ core: ArraySlice<EvasionUnit>) -> Rewrite? {
        guard let last = core.last, let first = core.first else { return nil }
        let whole = first.range.lowerBound..<last.range.upperBound
        if let stripped = stripped(core, whole) { return stripped }
        guard core.allSatisfy(\.isLetter) else { return nil }
        let letters = core.map(\.byte)
        guard let target = accepted(letters, core) else { return nil }
        let upper = core.count { $0.isUpper }
        let replacement = zip(core, target).map { unit, letter in
            unit.isUpper && (upper > 1 || core.startIndex == core.endIndex - 1 || first.isUpper)
                ? letter - 32 : letter
        }
        return Rewrite(bytes: whole, replacement: replacement, pieces: core.map(\.range))
    }

    /// Without what is invisible between letters and without heaps of marks.
    private func stripped(_ core: ArraySlice<EvasionUnit>, _ whole: Range<Int>) -> Rewrite? {
        let isHeaped = core.contains { $0.isLetter && $0.marks + $0.overlays >= Self.heap }
        let isHiding = zip(core, core.dropFirst()).contains { unit, next in
            unit.invisibles > 0 && isLatin(unit) && isLatin(next)
        }
        guard isHeaped || isHiding, !core.contains(where: { $0.byte == EvasionUnit.foreign }),
            core.contains(where: isLatin)
        else { return nil }
        var replacement: [UInt8] = []
        for unit in core {
            if unit.isLetter {
                replacement += bytes[unit.own]
                replacement += isHeaped ? [] : marks(of: unit)
            } else {
                replacement += bytes[unit.range]
            }
        }
        let isASCII = replacement.allSatisfy { $0 < 0x80 } && replacement.count == core.count
        return Rewrite(bytes: whole, replacement: replacement, pieces: isASCII ? core.map(\.range) : nil)
    }

    private func isLatin(_ unit: EvasionUnit) -> Bool {
        unit.isLetter && (unit.kind == nil || unit.kind == .accented)
    }

    /// What follows a letter and is not invisible.
    private func marks(of unit: EvasionUnit) -> [UInt8] {
        var kept: [UInt8] = []
        var place = unit.own.upperBound
        while place < unit.range.upperBound {
            let (scalar, width) = UTF8Scalar.decode(bytes, at: place)
            if Confusable.of(scalar) != .invisible { kept += bytes[place..<(place + width)] }
            place += width
        }
        return kept
    }

    /// The letters, when reading the word as Latin letters is safe.
    private func accepted(_ letters: [UInt8], _ core: ArraySlice<EvasionUnit>) -> [UInt8]? {
        func count(_ kind: Confusable.Kind) -> Int { core.count { $0.kind == kind } }
        let ascii = core.count { $0.kind == nil }
        let (forms, flags) = (count(.form), count(.flag))
        let (twins, cousins) = (count(.twin), count(.cousin))
        let foreign = twins + cousins
        let target = vocabulary.target(letters)
        let isStrong = target?.isStrong == true
        if foreign + forms + flags == 0 {
            // Accents, single marks and soft hyphens.
            let odd = core.count { $0.kind == .accented || $0.marks + $0.overlays > 0 }
            let isWeak = target != nil && letters.count >= 5 && 2 * odd >= letters.count
            let isHyphened = odd == 0 && target != nil
            return isStrong || isWeak || isHyphened ? letters : nil
        }
        guard letters.count >= 3 else { return nil }
        if flags > 0 { return isStrong ? letters : nil }
        let isKnown = vocabulary.isKnown(letters)
        if foreign == 0 { return isKnown && (ascii == 0 || forms > 1 || target != nil) ? letters : nil }
        if ascii + forms + count(.accented) > 0 {
            if isStrong { return letters }
            return isKnown && (letters.count >= 4 || cousins == 0) ? letters : nil
        }
        guard cousins == 0, isContextLatin else { return nil }
        return isStrong || (isKnown && letters.count >= 4) ? letters : nil
    }

    /// Whether the text has far more ASCII letters than Greek and Cyrillic ones.
    private var isContextLatin: Bool {
        var (latin, other) = (0, 0)
        for byte in bytes.prefix(1 << 14) {
            if byte | 0x20 >= 0x61 && byte | 0x20 <= 0x7A { latin += 1 }
            if byte >= 0xCD && byte <= 0xD6 { other += 1 }
        }
        return latin >= 4 * other || latin >= 16 && latin >= other
    }
}
