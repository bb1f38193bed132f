/// Finds the word that characters stand for.
struct DisguiseMatcher {
    let vocabulary: EvasionVocabulary

    init(_ vocabulary: EvasionVocabulary) { self.vocabulary = vocabulary }

    /// Targets up to this rank are disguised most often; short ones are recognised only among them.
    static let commonRanks = 41
    /// Targets recognised by their first letter and stars alone.
    private static let obvious = 8

    /// The word in disguise, or nil: nothing is in disguise here.
    func word(_ core: ArraySlice<EvasionUnit>) -> [UInt8]? {
        let isLetters = core.allSatisfy(\.isLetter)
        if isLetters {
            let letters = core.map(\.byte)
            guard !vocabulary.isKnown(letters) else { return nil }
            return Shorthand.words[letters] ?? stretched(core)?.letters ?? disordered(core, letters)
        }
        if core.contains(where: \.isStar) {
            return starred(core)
        }
        let solid = core.filter { !$0.isSeparator }
        return standIns(core, solid) ?? secondaryStars(core)
            ?? (solid.count == core.count ? english(solid) : nil)
    }

    /// Whether all letters are small, all are capitals, or only the first is and the rest is not the rest of a name.
    func hasPlainCase(_ units: some Collection<EvasionUnit>) -> Bool {
        let letters = units.filter(\.isLetter)
        let upper = letters.count { $0.isUpper }
        return upper == 0 || upper == letters.count
    }

    // MARK: Stand-ins and repeats

    /// A target with the same skeleton that the units can be read as, in order; every letter of it at least once.
    private func reading(
        _ units: some Collection<EvasionUnit>, accept: (EvasionVocabulary.Target, Bool) -> Bool
    )
        -> EvasionVocabulary.Target?
    {
        let skeleton = WordHash.skeleton(units.lazy.map(\.byte))
        for place in vocabulary.targets(ofSkeleton: skeleton) {
            let target = vocabulary.targets[place]
            guard target.letters.count <= units.count, covers(units, target.letters, exactly: false) else {
                continue
            }
            if accept(target, covers(units, target.letters, exactly: true)) { return target }
        }
        return nil
    }

    /// - Parameter exactly: letters stand for themselves only.
    private func covers(_ units: some Collection<EvasionUnit>, _ letters: [UInt8], exactly: Bool) -> Bool {
        var reached: UInt32 = 0
        for (place, unit) in units.enumerated() {
            var allowed: UInt32 = 0
            for (index, letter) in letters.enumerated() {
                let matches =
                    unit.isLetter && exactly
                    ? unit.byte == letter : LookAlike.mayStand(unit.byte, for: letter)
                if matches { allowed |= 1 << UInt32(index) }
            }
            reached = (place == 0 ? 1 : reached | reached << 1) & allowed
        }
        return reached & (1 << UInt32(letters.count - 1)) != 0
    }

    /// Letters alone: repeated ones (`foool`), or one for another that looks the same (`fooI`).
    private func stretched(_ core: ArraySlice<EvasionUnit>) -> EvasionVocabulary.Target? {
        let run = longestRun(core)
        let isTitle = core.first?.isUpper == true && core.dropFirst().allSatisfy { !$0.isUpper }
        return reading(core) { target, isExact in
            guard target.isStrong, target.letters.count >= 3 else { return false }
            if core.count == target.letters.count {
                return !isTitle && (target.letters.count > 3 || !isExact)
            }
            if run >= 3 { return true }
            return target.letters.count >= 4 && target.rank < Self.commonRanks && !isTitle && isExact
        }
    }

    private func longestRun(_ units: ArraySlice<EvasionUnit>) -> Int {
        var longest = 0
        var run = 0
        var last: UInt8 = 0
        for unit in units {
            run = unit.byte == last ? run + 1 : 1
            last = unit.byte
            longest = max(longest, run)
        }
        return longest
    }

    /// Digits and signs among letters.
    private func standIns(_ core: ArraySlice<EvasionUnit>, _ solid: [EvasionUnit]) -> [UInt8]? {
        guard solid.count >= 3, solid.allSatisfy({ $0.isLetter || $0.isStandIn }),
            solid.contains(where: \.isStandIn)
        else { return nil }
        let cuts = core.count - solid.count
        let letters = solid.count { $0.isLetter }
        let digits = solid.count { $0.isDigit }
        guard letters > 0, cuts == 0 || cuts + 1 >= solid.count || cuts == 1 else { return nil }
        let ends = solid.first.map { !$0.isLetter } == true || solid.last.map { !$0.isLetter } == true
        let hasBracket = solid.contains { "(<{|+".utf8.contains($0.byte) }
        let target = reading(solid) { target, isExact in
            let count = target.letters.count
            if digits > 0 || hasBracket {
                let signs = solid.count - letters - digits
                let isReadable =
                    letters >= digits || (letters >= 2 && count >= 5)
                    || (signs > 0 && target.rank < Self.commonRanks)
                guard count >= 4, isReadable else { return false }
            }
            guard target.isStrong else { return count >= 4 && !ends && isExact && cuts == 0 }
            return isExact || count >= 5
        }
        return target?.letters
    }

    /// A word of general English with digits inside: `pe0ple`.
    private func english(_ units: [EvasionUnit]) -> [UInt8]? {
        guard units.count >= 4, units.count <= 20, units.first?.isLetter == true,
            units.last?.isLetter == true,
            units.allSatisfy({ $0.isLetter || $0.isDigit || "@$!".utf8.contains($0.byte) })
        else { return nil }
        var readings: [[UInt8]] = [[]]
        var standIns = 0
        for (place, unit) in units.enumerated() {
            var options = [unit.byte]
            if !unit.isLetter {
                standIns += 1
                options = LookAlike.letters[Int(unit.byte)]
                // 2 and 8 stand for words ("m8") more often than for letters.
                if unit.byte == UInt8(ascii: "2") || unit.byte == UInt8(ascii: "8") { return nil }
                let next = units[min(place + 1, units.count - 1)]
                if unit.isDigit && next.isDigit && next.byte != unit.byte { return nil }
            }
            guard readings.count * options.count <= 16 else { return nil }
            readings = readings.flatMap { reading in options.map { reading + [$0] } }
        }
        guard 2 * standIns <= units.count, !Self.codes.contains(units.map(\.byte)) else { return nil }
        return readings.first { vocabulary.isKnown($0) }
    }

    /// Names that would read as words.
    private static let codes = Set(
        ["a11y", "i18n", "l10n", "h1n1", "a$ap", "p!nk", "ke$ha"].map { Array($0.utf8) })

    // MARK: Stars

    private func starred(_ core: ArraySlice<EvasionUnit>) -> [UInt8]? {
        guard let first = core.first, first.isLetter, core.count >= 3 else { return nil }
        var prefix = core
        while let last = prefix.last, last.isStar { prefix.removeLast() }
        let endsInStars = prefix.count < core.count
        if endsInStars {
            // `word*` has a footnote.
            if vocabulary.isKnown(prefix.map(\.byte)) && prefix.count > 1 { return nil }
            if core.dropFirst(prefix.count).contains(where: { $0.byte != UInt8(ascii: "*") }) { return nil }
        }
        if let target = pattern(core, stars: \.isStar) { return target.letters }
        // `f*o*o*l`, `fo*ol`.
        let solid = core.filter { !$0.isStar && !$0.isSeparator }
        guard solid.count >= 4, !endsInStars, solid.allSatisfy({ $0.isLetter || $0.isStandIn }),
            hasPlainCase(solid),
            core.filter(\.isStar).allSatisfy({ $0.byte == UInt8(ascii: "*") })
        else { return nil }
        let parts = core.split(whereSeparator: \.isStar)
        if parts.allSatisfy({ $0.count > 1 && vocabulary.isKnown($0.map(\.byte)) }) { return nil }
        return reading(solid) { $0.isStrong && $1 && $0.letters.count == solid.count }?.letters
    }

    /// `f@ck`, `f-ck`, `f.ck`: one sign for one letter.
    private func secondaryStars(_ core: ArraySlice<EvasionUnit>) -> [UInt8]? {
        guard core.count >= 4, core.first?.isLetter == true, core.last?.isLetter == true, hasPlainCase(core)
        else {
            return nil
        }
        let signs = core.filter { !$0.isLetter }
        guard signs.count == 1, let sign = signs.first, "@.-_".utf8.contains(sign.byte) else { return nil }
        let parts = core.split { !$0.isLetter }
        let isKnown = parts.contains { $0.count > 1 && vocabulary.isKnown($0.map(\.byte)) }
        guard !isKnown || sign.byte == UInt8(ascii: "@") else { return nil }
        guard let target = pattern(core, stars: { !$0.isLetter }), target.rank < Self.commonRanks else {
            return nil
        }
        return target.letters
    }

    /// The first target of the same length and first letter that agrees wherever no star is.
    private func pattern(
        _ core: ArraySlice<EvasionUnit>, stars: (EvasionUnit) -> Bool
    ) -> EvasionVocabulary.Target? {
        guard let first = core.first else { return nil }
        let visible = core.count { !stars($0) }
        for place in vocabulary.targets(startingWith: first.byte, count: core.count) {
            let target = vocabulary.targets[place]
            guard target.isStrong, visible >= 2 || target.rank < Self.obvious else { continue }
            let agrees = zip(core, target.letters).allSatisfy {
                stars($0) || LookAlike.mayStand($0.byte, for: $1)
            }
            if agrees { return target }
        }
        return nil
    }

    // MARK: Order and slips

    /// Letters in another order, backwards, or with one slip. Never for what may be a name.
    private func disordered(_ core: ArraySlice<EvasionUnit>, _ letters: [UInt8]) -> [UInt8]? {
        guard letters.count >= 4, letters.count <= 24, hasPlainCase(core),
            !core.contains(where: { $0.kind != nil })
        else { return nil }
        func isAccepted(_ target: EvasionVocabulary.Target, weakFrom: Int, commonBelow: Int) -> Bool {
            let count = target.letters.count
            if !target.isStrong { return count >= weakFrom }
            return count >= commonBelow || target.rank < Self.commonRanks
        }
        // A word whose stem is known is no slip: `slats`, `skunks`.
        let isInflected = ["s", "ed", "er", "y", "es", "d", "ing", "ers"].contains { ending in
            letters.count > ending.utf8.count + 2
                && letters.suffix(ending.utf8.count).elementsEqual(ending.utf8)
                && vocabulary.isKnown(letters.dropLast(ending.utf8.count))
        }
        guard !isInflected else { return nil }
        if let turned = vocabulary.target(letters.reversed()), turned.rank < Self.commonRanks {
            return turned.letters
        }
        let scrambled = vocabulary.targets(ofAnagram: letters).map { vocabulary.targets[$0] }
        if let target = scrambled.first(where: {
            $0.letters.sorted() == letters.sorted() && isAccepted($0, weakFrom: 6, commonBelow: 5)
        }) {
            return target.letters
        }
        guard letters.count >= 5 else { return nil }
        let near = vocabulary.targets(near: letters).map { vocabulary.targets[$0] }
        return near.first {
            isAccepted($0, weakFrom: 7, commonBelow: letters.count < $0.letters.count ? 7 : 6)
                && Keyboard.isSlip(from: $0.letters, to: letters)
        }?.letters
    }

    // MARK: Spelled out

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
