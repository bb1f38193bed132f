/// Cuts text as the expressions of GPT-4, Llama 3 and Qwen do, which differ in how many digits make a piece
/// and whether marks belong to words.
///
/// Written by hand over Unicode scalars, like ``GPT2Pattern``. The alternatives, in order: an English
/// contraction in either case; letters with one scalar before them that is no letter, number or line end;
/// digits; other scalars with a blank before and line ends after; white space up to its last line end; white
/// space, whose last scalar is left to the piece that follows.
struct WordPattern: TextPattern {
    /// The most digits in a piece.
    var digits: Int
    /// Whether `\p{M}` counts as a letter.
    var joinsMarks: Bool

    static let all = [
        WordPattern(digits: 3, joinsMarks: false), WordPattern(digits: 1, joinsMarks: false),
        WordPattern(digits: 1, joinsMarks: true), WordPattern(digits: 3, joinsMarks: true),
    ]

    /// The regular expression.
    var source: String {
        #"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?"# + (joinsMarks ? #"[\p{L}\p{M}]+"# : #"\p{L}+"#)
            + (digits == 1 ? #"|\p{N}"# : #"|\p{N}{1,3}"#)
            + (joinsMarks ? #"| ?[^\s\p{L}\p{M}\p{N}]+"# : #"| ?[^\s\p{L}\p{N}]+"#)
            + #"[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"#
    }

    func forEachMatch(
        in piece: Range<Int>, of bytes: UnsafeBufferPointer<UInt8>, _ body: (Range<Int>) -> Void
    ) {
        ScalarClass.leadBytes.withUnsafeBufferPointer { classes in
            let bytes = UnsafeBufferPointer(rebasing: bytes[..<piece.upperBound])
            let scanner = Scanner(bytes: bytes, leadClasses: classes, digits: digits, joinsMarks: joinsMarks)
            var start = piece.lowerBound
            while start < bytes.count {
                let end = scanner.end(ofPieceAt: start)
                body(start..<end)
                start = end
            }
        }
    }

    private struct Scanner {
        let bytes: UnsafeBufferPointer<UInt8>
        let leadClasses: UnsafeBufferPointer<ScalarClass>
        let digits: Int
        let joinsMarks: Bool

        @inline(__always)
        func end(ofPieceAt start: Int) -> Int {
            let first = bytes[start]
            if first == 0x27, let end = endOfContraction(at: start) { return end }
            let (kind, width) = classOfScalar(at: start)
            let next = start + width
            if kind == .letter { return endOfRun(of: .letter, from: next) }
            if kind == .number { return endOfDigits(from: next) }
            let isLineEnd = first == 0x0A || first == 0x0D
            if !isLineEnd, next < bytes.count {
                let (following, width) = classOfScalar(at: next)
                if following == .letter { return endOfRun(of: .letter, from: next + width) }
                if first == 0x20, following == .other { return endOfOthers(from: next + width) }
            }
            return kind == .other ? endOfOthers(from: next) : endOfSpace(at: start)
        }

        /// `(?i:'s|'t|'re|'ve|'m|'ll|'d)`; U+017F is an `s` too.
        private func endOfContraction(at start: Int) -> Int? {
            guard start + 1 < bytes.count else { return nil }
            let first = bytes[start + 1] | 0x20
            if first == 0x73 || first == 0x64 || first == 0x6D || first == 0x74 { return start + 2 }
            guard start + 2 < bytes.count else { return nil }
            if bytes[start + 1] == 0xC5, bytes[start + 2] == 0xBF { return start + 3 }
            let second = bytes[start + 2] | 0x20
            let isWhole =
                (first == 0x6C && second == 0x6C) || ((first == 0x76 || first == 0x72) && second == 0x65)
            return isWhole ? start + 3 : nil
        }

        @inline(__always)
        private func endOfRun(of kind: ScalarClass, from start: Int) -> Int {
            var position = start
            while position < bytes.count {
                let lead = leadClasses[Int(bytes[position])]
                if lead == kind {
                    position += 1
                    continue
                }
                guard lead == .beyondASCII else { break }
                let (scalarKind, width) = classOfScalar(at: position)
                guard scalarKind == kind else { break }
                position += width
            }
            return position
        }

        private func endOfDigits(from start: Int) -> Int {
            var (position, count) = (start, 1)
            while position < bytes.count, count < digits {
                let (kind, width) = classOfScalar(at: position)
                guard kind == .number else { break }
                position += width
                count += 1
            }
            return position
        }

        private func endOfOthers(from start: Int) -> Int {
            var position = endOfRun(of: .other, from: start)
            while position < bytes.count, bytes[position] == 0x0A || bytes[position] == 0x0D { position += 1 }
            return position
        }

        /// White space: up to the last line end; else all, but the last scalar is left to what follows.
        private func endOfSpace(at start: Int) -> Int {
            var (position, last, afterLineEnd) = (start, start, -1)
            while position < bytes.count {
                let (kind, width) = classOfScalar(at: position)
                guard kind == .space else { break }
                last = position
                position += width
                if bytes[last] == 0x0A || bytes[last] == 0x0D { afterLineEnd = position }
            }
            if afterLineEnd >= 0 { return afterLineEnd }
            return position == bytes.count || last == start ? position : last
        }

        /// Marks are letters here when they belong to words.
        @inline(__always)
        private func classOfScalar(at position: Int) -> (kind: ScalarClass, width: Int) {
            let lead = leadClasses[Int(bytes[position])]
            if lead != .beyondASCII { return (lead, 1) }
            let (scalar, width) = UTF8Scalar.decode(bytes, at: position)
            let kind = ScalarClass.of(scalar)
            return (kind == .other && joinsMarks && ScalarClass.isMark(scalar) ? .letter : kind, width)
        }
    }
}
