/// Finds the word that characters stand for.
struct DisguiseMatcher {
    let vocabulary: EvasionVocabulary

    init(_ vocabulary: EvasionVocabulary) { self.vocabulary = vocabulary }

    /// Targets up to this rank are disguised most often; short ones are recognised only among them.
    static let commonRanks = 41
    /// Targets recognised by their first letter and stars alone.
    static let obvious = 8

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
    func reading(
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
}
