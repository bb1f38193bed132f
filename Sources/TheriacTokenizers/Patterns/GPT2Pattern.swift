/// Cuts text as GPT-2's regular expression does:
/// `'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`.
///
/// Written by hand over Unicode scalars, because Swift's `Regex` reads grapheme clusters and is slow.
struct GPT2Pattern: TextPattern {
    /// The expression as files write it.
    static let sources = [
        #"'(?:[sdmt]|ll|ve|re)"#, "'s|'t|'re|'ve|'m|'ll|'d",
    ].map { $0 + #"| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"# }

    func forEachMatch(
        in piece: Range<Int>, of bytes: UnsafeBufferPointer<UInt8>, _ body: (Range<Int>) -> Void
    ) {
        var matches: [Range<Int>] = []
        Self.appendMatches(in: piece, of: bytes, to: &matches)
        matches.forEach(body)
    }

    /// Appends the matches in a piece. They cover it without gaps.
    static func appendMatches(
        in piece: Range<Int>, of bytes: UnsafeBufferPointer<UInt8>, to pieces: inout [Range<Int>]
    ) {
        ScalarClass.leadBytes.withUnsafeBufferPointer { classes in
            let bytes = UnsafeBufferPointer(rebasing: bytes[..<piece.upperBound])
            let scanner = Scanner(bytes: bytes, leadClasses: classes)
            var start = piece.lowerBound
            while start < bytes.count {
                let end = scanner.end(ofPieceAt: start)
                pieces.append(start..<end)
                start = end
            }
        }
    }

    private struct Scanner {
        let bytes: UnsafeBufferPointer<UInt8>
        let leadClasses: UnsafeBufferPointer<ScalarClass>

        @inline(__always)
        func end(ofPieceAt start: Int) -> Int {
            var runStart = start
            let first = bytes[start]
            if first == 0x27, let end = endOfContraction(at: start) { return end }
            if first == 0x20, start + 1 < bytes.count { runStart += 1 }
            let (kind, width) = classOfScalar(at: runStart)
            if kind == .space { return endOfSpace(at: start) }
            return endOfRun(of: kind, from: runStart + width)
        }

        /// `'s 'd 'm 't 'll 've 're`
        @inline(__always)
        private func endOfContraction(at start: Int) -> Int? {
            guard start + 1 < bytes.count else { return nil }
            let first = bytes[start + 1]
            if first == 0x73 || first == 0x64 || first == 0x6D || first == 0x74 { return start + 2 }
            guard start + 2 < bytes.count else { return nil }
            let second = bytes[start + 2]
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

        /// `\s+(?!\S)|\s+`: all white space, but the last one is left to the piece that follows, if any.
        private func endOfSpace(at start: Int) -> Int {
            var (position, last) = (start, start)
            while position < bytes.count {
                let (kind, width) = classOfScalar(at: position)
                guard kind == .space else { return last == start ? position : last }
                last = position
                position += width
            }
            return position
        }

        @inline(__always)
        private func classOfScalar(at position: Int) -> (kind: ScalarClass, width: Int) {
            let lead = leadClasses[Int(bytes[position])]
            if lead != .beyondASCII { return (lead, 1) }
            let (scalar, width) = UTF8Scalar.decode(bytes, at: position)
            return (ScalarClass.of(scalar), width)
        }
    }
}
