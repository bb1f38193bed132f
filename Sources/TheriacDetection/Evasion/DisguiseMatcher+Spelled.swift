/// Words whose letters stand apart.
extension DisguiseMatcher {
    struct Spelled {
        var range: Range<Int>
        var letters: [UInt8]
    }

    /// Rude words among letters that stand apart, from the left, the longest first.
    /// - Parameters:
    ///   - allowsThree: of three letters too, when they are all there is.
    ///   - allowsEnglish: a word of general English too, when it is all there is and small.
    func words(inSpelled letters: [EvasionUnit], allowsThree: Bool, allowsEnglish: Bool) -> [Spelled] {
        let isSmall = letters.allSatisfy { !$0.isUpper }
        let all = letters.indices.first.map { $0..<letters.count } ?? 0..<0
        if let target = spelledTarget(letters[...], isAll: true),
            target.letters.count > 3 || (allowsThree && isSmall)
        {
            return [Spelled(range: all, letters: target.letters)]
        }
        if letters.count >= 4, letters.allSatisfy(\.isLetter), vocabulary.isKnown(letters.map(\.byte)) {
            guard allowsEnglish, isSmall, letters.count >= 5 else { return [] }
            return [Spelled(range: all, letters: letters.map(\.byte))]
        }
        var found: [Spelled] = []
        var start = 0
        var rest = 0
        while start + 4 <= letters.count {
            let longest = min(16, letters.count - start)
            let match = stride(from: longest, through: 4, by: -1).lazy.compactMap { count -> Spelled? in
                let range = start..<(start + count)
                return spelledTarget(letters[range], isAll: false).map {
                    Spelled(range: range, letters: $0.letters)
                }
            }.first
            if let match, isWord(letters[rest..<start]) {
                found.append(match)
                rest = match.range.upperBound
            }
            start = match?.range.upperBound ?? start + 1
        }
        // `s h i t a k e`: what is left over is no word, so the last one found is part of another.
        if let last = found.last, !isWord(letters[last.range.upperBound...]) { found.removeLast() }
        return found
    }

    /// Whether letters between rude words are a word, or none at all.
    private func isWord(_ units: ArraySlice<EvasionUnit>) -> Bool {
        let letters = units.map(\.byte)
        return letters.isEmpty || letters.count == 1 || vocabulary.isKnown(letters)
            || letters.allSatisfy { $0 < 0x61 }
            || (2..<letters.count).contains {
                vocabulary.isKnown(letters[..<$0]) && vocabulary.isKnown(letters[$0...])
            }
    }

    private func spelledTarget(_ units: ArraySlice<EvasionUnit>, isAll: Bool) -> EvasionVocabulary.Target? {
        let standIns = units.count { !$0.isLetter }
        guard 2 * standIns <= units.count else { return nil }
        return reading(units) { target, isExact in
            guard isExact, target.letters.count == units.count || isAll else { return false }
            return target.isStrong
                || (isAll && target.letters.count >= 4 && target.letters.count == units.count)
        }
    }
}
