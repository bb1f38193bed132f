import Foundation

/// Any other regular expression, run by Foundation's engine over Unicode scalars.
///
/// Slower than the scanners. The reference uses another engine (Oniguruma): the two agree on what tokenizer
/// files use, as far as the parity tests go, except on scalars that only one of them knows.
struct ExpressionPattern: TextPattern, @unchecked Sendable {
    /// Immutable, and safe to use from many threads.
    private let expression: NSRegularExpression

    init?(_ source: String) {
        // As in Oniguruma's Ruby syntax: `^` and `$` at every line, which only "\n" ends.
        guard
            let expression = try? NSRegularExpression(
                pattern: Self.translated(source), options: [.anchorsMatchLines, .useUnixLineSeparators])
        else { return nil }
        self.expression = expression
    }

    /// Spells out `\w`, which Foundation takes for other scalars than the reference does.
    private static func translated(_ source: String) -> String {
        let word = #"\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\u00B2\u00B3\u00B9\u00BC-\u00BE"#
        var (result, isEscaped) = ("", false)
        for character in source {
            switch (isEscaped, character) {
            case (false, "\\"):
                isEscaped = true
                continue
            case (true, "w"): result += "[\(word)]"
            case (true, "W"): result += "[^\(word)]"
            case (true, _): result += "\\" + String(character)
            case (false, _): result.append(character)
            }
            isEscaped = false
        }
        return isEscaped ? result + "\\" : result
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
