/// Goes once over a text and finds what to rewrite.
///
/// Words of ASCII letters that are known, numbers and plain punctuation are passed over at once. Everything else goes
/// through ``Disguise``, a token (what stands between white space) at a time.
struct EvasionPass {
    private(set) var rewrites: [Rewrite] = []
    private let bytes: UnsafeBufferPointer<UInt8>
    private let vocabulary: EvasionVocabulary
    private let disguise: Disguise
    /// Tokens of one character each that follow one another.
    private var singles: [EvasionUnit] = []
    /// The token before, or nil: nothing to join to.
    private var previous: Token?

    private struct Token {
        var range: Range<Int>
        var isKnown: Bool
    }

    /// Longer tokens are looked at in pieces of so many bytes.
    private static let longestToken = 2048
    private static let mostSingles = 64

    init(_ bytes: UnsafeBufferPointer<UInt8>, _ vocabulary: EvasionVocabulary) {
        self.bytes = bytes
        self.vocabulary = vocabulary
        disguise = Disguise(bytes, vocabulary)
    }

    mutating func run() {
        let vocabulary = vocabulary
        TokenByte.table.withUnsafeBufferPointer { classes in
            vocabulary.known.withReader { known in
                var place = 0
                while place < bytes.count {
                    if bytes[place] <= 0x20 {
                        place += 1
                    } else {
                        place = takeToken(at: place, classes, known)
                    }
                }
            }
        }
        flushSingles()
    }

    /// Reads the token at `start`; returns where it ends.
    @inline(__always)
    private mutating func takeToken(
        at start: Int, _ classes: UnsafeBufferPointer<UInt8>, _ known: WordSet.Reader
    ) -> Int {
        var place = start
        var hash = WordHash.start
        var run = 0
        var runs = 0
        var isPlain = true
        var hasSingle = false
        var hasUnknown = false
        var hasDigit = false
        let limit = min(bytes.count, start + Self.longestToken)
        while place < limit {
            let byte = bytes[place]
            if byte <= 0x20 { break }
            let kind = classes[Int(byte)]
            if kind >= TokenByte.firstLetter {
                hash = WordHash.step(hash, kind)
                run += 1
            } else {
                if run > 0 {
                    runs += 1
                    if run == 1 { hasSingle = true } else if !known.contains(hash) { hasUnknown = true }
                    hash = WordHash.start
                    run = 0
                }
                if kind == TokenByte.hard { isPlain = false }
                if kind == TokenByte.digit { hasDigit = true }
            }
            place += 1
        }
        if run > 0 {
            runs += 1
            if run == 1 { hasSingle = true } else if !known.contains(hash) { hasUnknown = true }
        }
        // A cut must not part the bytes of a scalar.
        while place == limit && place < bytes.count && bytes[place] & 0xC0 == 0x80 { place += 1 }
        let end = place
        if end - start == 1 && (run == 1 || hasDigit || !isPlain) {
            takeSingle(EvasionUnit.read(bytes, start..<end))
            return end
        }
        if end - start == 2, singles.count >= 2, runs == 1, ",.;:!?".utf8.contains(bytes[start + 1]) {
            // The last of spelled-out letters, with a comma.
            takeSingle(EvasionUnit.read(bytes, start..<(start + 1)))
            flushSingles()
            return end
        }
        let isKnown = isPlain && !hasUnknown && !(hasDigit && runs > 0) && !(hasSingle && runs > 1)
        if isKnown && singles.isEmpty && previous?.isKnown != false {
            previous = Token(range: start..<end, isKnown: true)
        } else {
            takeLongToken(start, end, isKnown: isKnown)
        }
        return end
    }

    /// The letters at the front of a token.
    private func letters(of range: Range<Int>) -> Range<Int> {
        var place = range.lowerBound
        while place < range.upperBound && bytes[place] | 0x20 >= 0x61 && bytes[place] | 0x20 <= 0x7A {
            place += 1
        }
        return range.lowerBound..<place
    }

    @inline(never)
    private mutating func takeLongToken(_ start: Int, _ end: Int, isKnown: Bool) {
        // A single letter in another form takes several bytes.
        if bytes[start] >= 0x80 && end - start <= 12 {
            let units = EvasionUnit.read(bytes, start..<end)
            if units.count == 1 && units[0].isLetter { return takeSingle(units) }
        }
        flushSingles()
        if let previous, !(previous.isKnown && isKnown), let joined = joined(previous.range, start..<end) {
            rewrites.append(joined)
            self.previous = nil
            return
        }
        previous = Token(range: start..<end, isKnown: isKnown)
        guard !isKnown else { return }
        let found = disguise.rewrites(of: start..<end)
        guard !found.isEmpty else { return }
        rewrites += found
        previous = nil
    }

    @inline(never)
    private mutating func takeSingle(_ units: [EvasionUnit]) {
        guard let unit = units.first else { return }
        let canStand = unit.isLetter || unit.isStandIn
        if let last = singles.last {
            let gap = last.range.upperBound..<unit.range.lowerBound
            let isNear = gap.count <= 4 && !bytes[gap].contains(0x0A)
            if !isNear || !canStand || singles.count == Self.mostSingles { flushSingles() }
        }
        guard canStand else {
            previous = nil
            return
        }
        let isWord = unit.kind == nil && [0x61, 0x69, 0x6F].contains(unit.byte)
        if singles.isEmpty, let previous, !previous.isKnown || !isWord, unit.isLetter, unit.kind == nil,
            let joined = joined(previous.range, unit.range)
        {
            rewrites.append(joined)
            self.previous = nil
            return
        }
        singles.append(unit)
        previous = unit.isLetter && unit.kind == nil ? Token(range: unit.range, isKnown: isWord) : nil
    }

    /// The token `first`, when it is all letters, with the letters that `second` begins with.
    private func joined(_ first: Range<Int>, _ second: Range<Int>) -> Rewrite? {
        let beginning = letters(of: second)
        guard first.count <= 24, !beginning.isEmpty, beginning.count <= 24, letters(of: first) == first else {
            return nil
        }
        return disguise.joined(first, beginning)
    }

    private mutating func flushSingles() {
        defer { singles.removeAll(keepingCapacity: true) }
        guard singles.count >= 3 else { return }
        let found = disguise.spelled(across: singles)
        guard !found.isEmpty else { return }
        rewrites += found
        previous = nil
    }
}

/// What each byte is to ``EvasionPass``: a lower-case letter, or one of three classes.
enum TokenByte {
    /// Punctuation of ordinary text.
    static let soft: UInt8 = 0
    static let digit: UInt8 = 1
    /// Everything that needs a closer look.
    static let hard: UInt8 = 2
    static let firstLetter: UInt8 = 0x61

    static let table: [UInt8] = (0...UInt8.max).map { byte in
        switch byte {
        case 0x41...0x5A: byte + 32
        case 0x61...0x7A: byte
        case 0x30...0x39: digit
        default: soften.contains(byte) ? soft : hard
        }
    }

    private static let soften = Set(".,;:?!\"'()-/[]&%=_<>".utf8)
}
