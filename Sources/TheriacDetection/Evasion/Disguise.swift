/// Sees through the disguise of one token at a time.
struct Disguise {
    let bytes: UnsafeBufferPointer<UInt8>
    let vocabulary: EvasionVocabulary
    let matcher: DisguiseMatcher
    let forms: ForeignForms

    init(_ bytes: UnsafeBufferPointer<UInt8>, _ vocabulary: EvasionVocabulary) {
        self.bytes = bytes
        self.vocabulary = vocabulary
        matcher = DisguiseMatcher(vocabulary)
        forms = ForeignForms(bytes, vocabulary)
    }

    /// What to rewrite in the token at `range`, in order.
    func rewrites(of range: Range<Int>) -> [Rewrite] {
        let units = EvasionUnit.read(bytes, range)
        guard units.count >= 2, !Address.isAddress(units) else { return [] }
        let core = trimmed(units[...])
        if let found = rewrite(core) { return [found] }
        if let found = spelled(inside: core) { return found }
        if let found = parted(core) { return [found] }
        let parts = core.split {
            !$0.isLetter && !$0.isStandIn && !$0.isStar && $0.byte != EvasionUnit.foreign || $0.byte == 0x7C
        }
        guard parts.count > 1 || parts.first?.count != core.count else { return [] }
        return parts.compactMap { rewrite($0) }
    }

    /// Two neighbouring words that make a rude one: `fo ol`.
    func joined(_ first: Range<Int>, _ second: Range<Int>) -> Rewrite? {
        let count = first.count + second.count
        guard (4...24).contains(count), second.lowerBound == first.upperBound + 1,
            bytes[first.upperBound] == 0x20
        else { return nil }
        let units = EvasionUnit.read(bytes, first) + EvasionUnit.read(bytes, second)
        guard matcher.hasPlainCase(units), let target = vocabulary.target(units.map(\.byte)), target.isStrong
        else {
            return nil
        }
        // `pak is`: one of them is a word; only the most common disguises are cut that way.
        let known = [first, second].count { part in
            part.count > 1 && vocabulary.isKnown(part.map { bytes[$0] | 0x20 })
        }
        guard known == 0 || (known == 1 && target.rank < DisguiseMatcher.commonRanks) else { return nil }
        // `hit s`: a clitic whose apostrophe is gone, not the end of a word.
        if second.count == 1, "stdm".utf8.contains(bytes[second.lowerBound] | 0x20) { return nil }
        let hitAfterClitic = first.count == 1 && "stdm".utf8.contains(bytes[first.lowerBound] | 0x20)
        if hitAfterClitic, vocabulary.isKnown(units.dropFirst().map(\.byte)) { return nil }
        return written(target.letters, for: units[...], whole: first.lowerBound..<second.upperBound)
    }

    private func rewrite(_ core: ArraySlice<EvasionUnit>) -> Rewrite? {
        let core = withoutClitic(trimmed(core))
        guard (2...400).contains(core.count), core.contains(where: \.isLetter) else { return nil }
        if core.contains(where: \.isUnusual), let found = forms.rewrite(core) { return found }
        guard core.count <= 48, let letters = matcher.word(core) else { return nil }
        let solid = core.filter { !$0.isSeparator || $0.isStar }
        return written(letters, for: solid.count == letters.count ? solid[...] : core, whole: span(core))
    }

    /// Writes `letters` in the case of `units`; each comes from one unit when there are as many.
    func written(_ letters: [UInt8], for units: ArraySlice<EvasionUnit>, whole: Range<Int>) -> Rewrite {
        let cased = units.filter(\.isLetter)
        let upper = cased.count { $0.isUpper }
        let isUpper = upper == cased.count && upper > 1
        let isCapital = units.first?.isUpper == true || (upper == 1 && cased.count == 1 && isUpper)
        let replacement = letters.enumerated().map { place, letter in
            isUpper || (isCapital && place == 0) ? letter - 32 : letter
        }
        let pieces = units.count == letters.count ? units.map(\.range) : nil
        return Rewrite(bytes: whole, replacement: replacement, pieces: pieces)
    }

    private func span(_ units: ArraySlice<EvasionUnit>) -> Range<Int> {
        guard let first = units.first, let last = units.last else { return 0..<0 }
        return first.range.lowerBound..<last.range.upperBound
    }

    /// Without quotes, brackets and stops around it. Stars go only in pairs: `*word*`.
    private func trimmed(_ units: ArraySlice<EvasionUnit>) -> ArraySlice<EvasionUnit> {
        var core = units
        let hadStar = core.first?.byte == UInt8(ascii: "*")
        while let first = core.first, Self.front[Int(first.byte)] { core.removeFirst() }
        while let last = core.last, Self.back[Int(last.byte)] || (hadStar && last.byte == UInt8(ascii: "*")) {
            core.removeLast()
        }
        return core
    }

    private static let front = EvasionUnit.table("'\"([{.,;:?!-_~/*`>\u{1}")
    private static let back = EvasionUnit.table("'\")]}.,;:?!-_~/`<(|+\u{1}")

    /// `sh1t's` → `sh1t`.
    private func withoutClitic(_ core: ArraySlice<EvasionUnit>) -> ArraySlice<EvasionUnit> {
        guard core.count >= 4, core[core.endIndex - 1].byte == UInt8(ascii: "s") else { return core }
        let mark = core[core.endIndex - 2]
        let isApostrophe =
            mark.byte == UInt8(ascii: "'") || (mark.byte == EvasionUnit.other && mark.own.count == 3)
        return isApostrophe ? core.dropLast(2) : core
    }

    // MARK: Spelled out

    /// Letters of one token with a separator after each: `f.o.o.l`.
    private func spelled(inside core: ArraySlice<EvasionUnit>) -> [Rewrite]? {
        guard core.count >= 5, core.count % 2 == 1 else { return nil }
        var letters: [EvasionUnit] = []
        let separator = core[core.startIndex + 1].byte
        for (place, unit) in core.enumerated() {
            let isLetter = unit.isLetter || unit.isStandIn
            if place % 2 == 0 {
                guard isLetter, unit.byte != separator else { return nil }
                letters.append(unit)
            } else if unit.byte != separator || !unit.isSeparator {
                return nil
            }
        }
        // A full stop stands between initials: capitals and three letters stay.
        let isStop = separator == UInt8(ascii: ".")
        return found(in: letters, allowsThree: !isStop)
    }

    /// Tokens of one letter each: `f o o l`. A wider gap ends a word.
    func spelled(across units: [EvasionUnit]) -> [Rewrite] {
        let gaps = zip(units, units.dropFirst()).map { $1.range.lowerBound - $0.range.upperBound }
        guard let narrow = gaps.min() else { return [] }
        var rewrites: [Rewrite] = []
        var start = 0
        for end in 1...units.count where end == units.count || gaps[end - 1] > narrow {
            if end - start >= 3 {
                rewrites += found(in: Array(units[start..<end]), allowsThree: true, allowsEnglish: true)
            }
            start = end
        }
        return rewrites
    }

    private func found(
        in letters: [EvasionUnit], allowsThree: Bool, allowsEnglish: Bool = false
    ) -> [Rewrite] {
        let words = matcher.words(inSpelled: letters, allowsThree: allowsThree, allowsEnglish: allowsEnglish)
        return words.map { word in
            let units = letters[word.range]
            return written(word.letters, for: units, whole: span(units))
        }
    }

    /// A word cut by a separator or two: `fo-ol`.
    private func parted(_ core: ArraySlice<EvasionUnit>) -> Rewrite? {
        guard core.count <= 32, core.contains(where: \.isSeparator) else { return nil }
        let solid = core.filter { !$0.isSeparator }
        let cuts = core.count - solid.count
        guard solid.count >= 4, cuts <= solid.count, solid.allSatisfy(\.isLetter),
            matcher.hasPlainCase(solid),
            !solid.contains(where: { $0.kind != nil })
        else { return nil }
        guard let target = vocabulary.target(solid.map(\.byte)), target.isStrong else { return nil }
        let parts = core.split(whereSeparator: \.isSeparator)
        // `dumb-ass`, `dick.s`: words in their own right.
        let areKnown = parts.allSatisfy { $0.count > 1 && vocabulary.isKnown($0.map(\.byte)) }
        guard !areKnown else { return nil }
        let stop = parts.last.map { $0.count == 1 } ?? false
        if stop, vocabulary.isKnown(solid.dropLast().map(\.byte)) { return nil }
        return written(target.letters, for: solid[...], whole: span(core))
    }
}
