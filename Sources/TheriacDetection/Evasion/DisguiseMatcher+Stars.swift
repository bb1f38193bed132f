/// Signs for letters that they do not look like.
extension DisguiseMatcher {
    func starred(_ core: ArraySlice<EvasionUnit>) -> [UInt8]? {
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
    func secondaryStars(_ core: ArraySlice<EvasionUnit>) -> [UInt8]? {
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
}
