import Foundation

/// Canonical and compatibility decompositions of scalars and their combining classes, in the Unicode of the
/// reference.
///
/// Decompositions never change once a scalar has one, so the system's tables serve, cut off at the age of the
/// reference. Hangul syllables follow by arithmetic (Unicode Standard, section 3.12).
struct Decompositions: Sendable {
    static let canonical = Decompositions { $0.decomposedStringWithCanonicalMapping }
    static let compatibility = Decompositions { $0.decomposedStringWithCompatibilityMapping }

    /// For each scalar, 0 when it stays itself, else where its entry ends in `starts`.
    private let entries: [UInt16]
    private let starts: [Int32]
    private let scalars: [UInt32]

    /// No scalar at or above this one decomposes.
    private static let limit: UInt32 = 0x2FA1E

    private init(_ decompose: (String) -> String) {
        var entries = [UInt16](repeating: 0, count: Int(Self.limit))
        var (starts, scalars): ([Int32], [UInt32]) = ([0], [])
        for range in [
            0xA0..<0x3400, 0xA69C..<0xAC00, 0xF900..<0x10000, 0x11000..<0x11A00, 0x1D100..<0x1F300,
            0x2F800..<Self.limit,
        ] as [Range<UInt32>] {
            for value in range {
                guard let scalar = Unicode.Scalar(value), scalar.isKnown(to: ReferenceUnicode.normalization)
                else { continue }
                let decomposed = decompose(String(Character(scalar))).unicodeScalars
                if decomposed.first == scalar, decomposed.count == 1 { continue }
                scalars.append(contentsOf: decomposed.map(\.value))
                entries[Int(value)] = UInt16(starts.count)
                starts.append(Int32(scalars.count))
            }
        }
        (self.entries, self.starts, self.scalars) = (entries, starts, scalars)
    }

    /// Whether a scalar stays itself and starts a sequence (has combining class 0), so that what comes
    /// before it is finished.
    @inline(__always)
    func isInert(_ scalar: UInt32) -> Bool {
        if scalar < 0xA0 { return true }
        if scalar &- Hangul.firstSyllable < Hangul.syllables { return false }
        return (scalar >= Self.limit || entries[Int(scalar)] == 0) && CombiningClass.of(scalar) == 0
    }

    /// Calls `body` with each scalar of the full decomposition.
    @inline(__always)
    func forEach(of scalar: UInt32, _ body: (UInt32) -> Void) {
        if scalar &- Hangul.firstSyllable < Hangul.syllables {
            let index = scalar - Hangul.firstSyllable
            body(Hangul.firstLead + index / Hangul.perLead)
            body(Hangul.firstVowel + index % Hangul.perLead / Hangul.trails)
            if index % Hangul.trails > 0 { body(Hangul.beforeTrails + index % Hangul.trails) }
            return
        }
        guard scalar < Self.limit, entries[Int(scalar)] > 0 else { return body(scalar) }
        let entry = Int(entries[Int(scalar)])
        for index in Int(starts[entry - 1])..<Int(starts[entry]) { body(scalars[index]) }
    }

    /// The pairs that canonical composition joins: (first, second) to the scalar they make.
    fileprivate func pairs() -> [UInt64: UInt32] {
        // Longer decompositions need the pairs of shorter ones.
        var composites: [Int: [(scalar: UInt32, parts: ArraySlice<UInt32>)]] = [:]
        for value in entries.indices where entries[value] > 0 {
            let entry = Int(entries[value])
            let parts = scalars[Int(starts[entry - 1])..<Int(starts[entry])]
            guard let scalar = Unicode.Scalar(UInt32(value)), !scalar.properties.isFullCompositionExclusion
            else { continue }
            composites[parts.count, default: []].append((scalar.value, parts))
        }
        var pairs: [UInt64: UInt32] = [:]
        for (_, group) in composites.sorted(by: { $0.key < $1.key }) {
            for (scalar, parts) in group {
                guard var first = parts.first, let last = parts.last else { continue }
                for part in parts.dropFirst().dropLast() {
                    first = pairs[UInt64(first) << 32 | UInt64(part)] ?? first
                }
                pairs[UInt64(first) << 32 | UInt64(last)] = scalar
            }
        }
        return pairs
    }
}

/// Canonical compositions of two scalars.
enum Compositions {
    private static let pairs = Decompositions.canonical.pairs()

    /// All scalars that may join one before them.
    static var seconds: Set<UInt32> {
        Set(pairs.keys.map { UInt32(truncatingIfNeeded: $0) })
            .union(Hangul.firstVowel..<Hangul.firstVowel + Hangul.vowels)
            .union(Hangul.beforeTrails + 1..<Hangul.beforeTrails + Hangul.trails)
    }

    /// The scalar that two make; nil when they stay apart.
    static func of(_ first: UInt32, _ second: UInt32) -> UInt32? {
        if first &- Hangul.firstLead < Hangul.leads, second &- Hangul.firstVowel < Hangul.vowels {
            return Hangul.firstSyllable + (first - Hangul.firstLead) * Hangul.perLead
                + (second - Hangul.firstVowel) * Hangul.trails
        }
        let syllable = first &- Hangul.firstSyllable
        if syllable < Hangul.syllables, syllable % Hangul.trails == 0,
            second &- Hangul.beforeTrails &- 1 < Hangul.trails - 1
        {
            return first + second - Hangul.beforeTrails
        }
        if second < 0x300 { return nil }
        return pairs[UInt64(first) << 32 | UInt64(second)]
    }
}

/// Canonical combining classes, 0 for scalars that the reference does not know.
enum CombiningClass {
    private static let limit: UInt32 = 0x1E950
    private static let table: [UInt8] = (0..<limit).map { value in
        guard let scalar = Unicode.Scalar(value), scalar.isKnown(to: ReferenceUnicode.normalization) else {
            return 0
        }
        return scalar.properties.canonicalCombiningClass.rawValue
    }

    @inline(__always)
    static func of(_ scalar: UInt32) -> UInt8 {
        scalar < 0x300 || scalar >= limit ? 0 : table[Int(scalar)]
    }
}

private enum Hangul {
    static let firstSyllable: UInt32 = 0xAC00
    static let firstLead: UInt32 = 0x1100
    static let firstVowel: UInt32 = 0x1161
    static let beforeTrails: UInt32 = 0x11A7
    static let leads: UInt32 = 19
    static let vowels: UInt32 = 21
    static let trails: UInt32 = 28
    static let perLead = vowels * trails
    static let syllables = leads * perLead
}
