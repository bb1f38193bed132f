/// NFC, NFD, NFKC or NFKD. Source: Unicode Standard Annex 15.
struct UnicodeForm: Normalizer {
    private let decompositions: Decompositions
    private let composes: Bool
    private let stable: StableScalars?

    static let canonicalComposed = UnicodeForm(.canonical, composes: true, stable: .canonical)
    static let canonicalDecomposed = UnicodeForm(.canonical, composes: false, stable: nil)
    static let compatibilityComposed = UnicodeForm(.compatibility, composes: true, stable: .compatibility)
    static let compatibilityDecomposed = UnicodeForm(.compatibility, composes: false, stable: nil)

    private init(_ decompositions: Decompositions, composes: Bool, stable: StableScalars?) {
        (self.decompositions, self.composes, self.stable) = (decompositions, composes, stable)
    }

    func normalize(_ section: inout Section) {
        if section.bytes.withUnsafeBufferPointer(staysAsItIs) { return }
        section.rewrite { rewriter in
            var decomposer = Decomposer(decompositions)
            if composes {
                compose(decomposer.decomposed(rewriter.source), into: &rewriter)
            } else {
                decomposer.run(on: &rewriter) { $0.write($1, change: $2) }
            }
        }
    }

    /// Whether nothing has to be done: a quick look at each scalar.
    private func staysAsItIs(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        var position = 0
        while true {
            position = UTF8Scalar.endOfASCII(in: bytes, from: position)
            if position == bytes.count { return true }
            let (scalar, width) = UTF8Scalar.decode(bytes, at: position)
            guard stable?.contains(scalar) ?? decompositions.isInert(scalar) else { return false }
            position += width
        }
    }

    /// Joins what composes: each scalar with the last one of class 0 before it, unless one between them is in
    /// the way.
    private func compose(_ scalars: [Decomposer.Change], into rewriter: inout Rewriter) {
        var composee: Decomposer.Change?
        var marks: [Decomposer.Change] = []
        var lastClass: UInt8?
        for next in scalars {
            guard let first = composee else {
                if next.class == 0 {
                    composee = next
                } else {
                    rewriter.write(next.scalar, change: next.change)
                }
                continue
            }
            let isBlocked = lastClass.map { $0 >= next.class } ?? false
            if !isBlocked, let joined = Compositions.of(first.scalar, next.scalar) {
                composee = (0, joined, first.change + next.change - 1)
            } else if next.class == 0 {
                rewriter.write(first.scalar, change: first.change)
                for mark in marks { rewriter.write(mark.scalar, change: mark.change) }
                marks.removeAll(keepingCapacity: true)
                (composee, lastClass) = (next, nil)
            } else {
                marks.append(next)
                lastClass = next.class
            }
        }
        if let composee { rewriter.write(composee.scalar, change: composee.change) }
        for mark in marks { rewriter.write(mark.scalar, change: mark.change) }
    }
}

/// Scalars that composed forms leave as they are, whatever stands beside them.
struct StableScalars: Sendable {
    static let canonical = StableScalars(.canonical)
    static let compatibility = StableScalars(.compatibility)

    private let isStable: [Bool]

    private init(_ decompositions: Decompositions) {
        let seconds = Compositions.seconds
        isStable = (0..<0x30000 as Range<UInt32>).map { value in
            if value < 0xA0 { return true }
            if CombiningClass.of(value) != 0 || seconds.contains(value) { return false }
            if decompositions.isInert(value) || 0xAC00...0xD7A3 ~= value { return true }
            var (parts, canonical): ([UInt32], [UInt32]) = ([], [])
            decompositions.forEach(of: value) { parts.append($0) }
            Decompositions.canonical.forEach(of: value) { canonical.append($0) }
            let isExcluded = Unicode.Scalar(value)?.properties.isFullCompositionExclusion ?? true
            return parts == canonical && !isExcluded
        }
    }

    @inline(__always)
    func contains(_ scalar: UInt32) -> Bool { scalar < 0x30000 ? isStable[Int(scalar)] : true }
}
