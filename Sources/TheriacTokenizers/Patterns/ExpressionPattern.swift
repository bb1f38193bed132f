import Foundation

/// Any other regular expression, run by Foundation's engine over Unicode scalars.
///
/// Slower than the scanners. The reference uses another engine (Oniguruma): the two agree on what tokenizer
/// files use, except on scalars that only one of them knows.
struct ExpressionPattern: TextPattern, @unchecked Sendable {
    /// Immutable, and safe to use from many threads.
    private let expression: NSRegularExpression

    init?(_ source: String) {
        // As in Oniguruma's Ruby syntax: `^` and `$` at every line, which only "\n" ends.
        guard
            let expression = try? NSRegularExpression(
                pattern: source, options: [.anchorsMatchLines, .useUnixLineSeparators])
        else { return nil }
        self.expression = expression
    }

    func forEachMatch(
        in piece: Range<Int>, of bytes: UnsafeBufferPointer<UInt8>, _ body: (Range<Int>) -> Void
    ) {
        let text = String(decoding: UnsafeBufferPointer(rebasing: bytes[piece]), as: UTF8.self)
        let matches = expression.matches(in: text, range: NSRange(0..<text.utf16.count))
        // UTF-16 positions come in order; one walk turns them into bytes.
        var (byte, unit, last) = (piece.lowerBound, 0, -1)
        func bytePosition(_ wanted: Int) -> Int {
            while unit < wanted, byte < piece.upperBound {
                let width = UTF8Scalar.width(ofLead: bytes[byte])
                byte += width
                unit += width == 4 ? 2 : 1
            }
            return byte
        }
        for match in matches {
            let start = bytePosition(match.range.location)
            let end = bytePosition(match.range.location + match.range.length)
            if start == end, last == end { continue }
            last = end
            body(start..<end)
        }
    }
}
