/// Cuts a text into sentences that tile it: each runs to the start of the next, so it includes the white space after
/// it, and together they are the text.
///
/// - A sentence ends after `.`, `!`, `?`, `…` or a run of them, with closing quotes and brackets, where white space
///   follows; after `。`, `！`, `？` also without.
/// - It goes on after an abbreviation (`Dr.`, `e.g.`), an initial (`J. Doe`, `U.S. law`), a numeral that opens a line
///   (`1. `), and wherever a small letter follows a full stop, an ellipsis or a closing quote.
/// - A blank line ends it, and so does a line break before a bullet or a quoted line (`>`).
/// - What holds neither letter nor digit nor emoji joins the sentence before it, or after it at the start.
///
/// Perspective's spans behave so where replies are on record; the cutting itself is our own.
public enum SentenceTiles {
    /// Ranges of Unicode scalars; none for an empty text, one for a text of white space.
    public static func tiles(of text: String) -> [Range<Int>] {
        let scalars = Array(text.unicodeScalars)
        var starts: [Int] = []
        var start = 0
        var place = 0
        while place < scalars.count {
            let (next, ends) = step(scalars, at: place, sentence: start)
            place = next
            guard ends, place < scalars.count else { continue }
            starts.append(start)
            start = place
        }
        if start < scalars.count { starts.append(start) }
        return joined(starts, scalars)
    }

    /// Reads on from `place`: past a run of marks with what belongs to it, a line break, or one scalar.
    private static func step(
        _ scalars: [Unicode.Scalar], at place: Int, sentence start: Int
    ) -> (next: Int, endsSentence: Bool) {
        if isBreak(scalars[place]) { return afterBreak(scalars, at: place) }
        guard isMark(scalars[place]) else { return (place + 1, false) }
        var end = place
        while end < scalars.count && isMark(scalars[end]) { end += 1 }
        let isFullWidth = "。！？｡".unicodeScalars.contains(scalars[end - 1])
        var next = end
        while next < scalars.count && isCloser(scalars[next]) { next += 1 }
        let hasCloser = next > end
        var hasBreak = false
        let blank = next
        while next < scalars.count && scalars[next].properties.isWhitespace {
            hasBreak = hasBreak || isBreak(scalars[next])
            next += 1
        }
        guard next < scalars.count else { return (next, false) }
        guard next > blank || isFullWidth else { return (end, false) }
        if isFullWidth || hasBreak { return (next, !isListNumber(scalars, before: place, sentence: start)) }
        let isSoft = scalars[end - 1] == "…" || end - place > 1 && scalars[end - 1] == "."
        let isStop = end - place == 1 && scalars[place] == "."
        if isSoft || isStop || hasCloser, scalars[next].properties.isLowercase { return (next, false) }
        let goesOn = isStop && !hasCloser && isAbbreviation(scalars, before: place, sentence: start)
        return (next, !goesOn)
    }

    /// A line break: it ends the sentence before a blank line, a bullet or a quoted line.
    private static func afterBreak(_ scalars: [Unicode.Scalar], at place: Int) -> (Int, Bool) {
        var next = place
        var breaks = 0
        while next < scalars.count && scalars[next].properties.isWhitespace {
            let isPair = scalars[next] == "\n" && next > place && scalars[next - 1] == "\r"
            if isBreak(scalars[next]) && !isPair { breaks += 1 }
            next += 1
        }
        guard next < scalars.count else { return (next, false) }
        let isBullet =
            scalars[next] == ">" || scalars[next] == "•"
            || (scalars[next] == "-" || scalars[next] == "*") && next + 1 < scalars.count
                && scalars[next + 1] == " "
        return (next, breaks > 1 || isBullet)
    }

    /// Whether the full stop at `place` belongs to the word before it.
    private static func isAbbreviation(
        _ scalars: [Unicode.Scalar], before place: Int, sentence start: Int
    ) -> Bool {
        if isListNumber(scalars, before: place, sentence: start) { return true }
        var first = place
        while first > start, !scalars[first - 1].properties.isWhitespace, !isOpener(scalars[first - 1]) {
            first -= 1
        }
        let word = scalars[first..<place]
        guard let letter = word.first, letter.properties.isAlphabetic else { return false }
        // An initial, or letters with full stops between: `J`, `U.S`. "I" is a word.
        let isInitial = word.count == 1 && letter.properties.isUppercase && letter != "I"
        let parts = word.split(separator: ".", omittingEmptySubsequences: false)
        if isInitial || parts.count > 1 && parts.allSatisfy({ $0.count == 1 }) { return true }
        return abbreviations.contains(String(String.UnicodeScalarView(word)).lowercased())
    }

    /// Whether nothing but one or two digits stands before the full stop at `place`: `1. First`.
    private static func isListNumber(
        _ scalars: [Unicode.Scalar], before place: Int, sentence start: Int
    ) -> Bool {
        let word = scalars[start..<place].drop { $0.properties.isWhitespace }
        return scalars[place] == "." && (1...2).contains(word.count)
            && word.allSatisfy { ("0"..."9").contains($0) }
    }

    private static let abbreviations: Set<String> = [
        "mr", "mrs", "ms", "dr", "prof", "sr", "jr", "st", "rev", "hon", "gen", "col", "sgt", "capt", "lt",
        "gov",
        "sen", "rep", "pres", "vs", "etc", "inc", "ltd", "corp", "dept", "univ", "approx", "est", "fig", "eq",
        "no",
        "vol", "pp", "ch", "sec", "al", "cf", "ca", "jan", "feb", "mar", "apr", "jun", "jul", "aug", "sep",
        "sept",
        "oct", "nov", "dec", "mt", "ft", "ave", "blvd", "e.g", "i.e", "ph.d", "a.m", "p.m",
    ]

    /// Joins what nobody could score to a neighbour.
    private static func joined(_ starts: [Int], _ scalars: [Unicode.Scalar]) -> [Range<Int>] {
        var tiles: [Range<Int>] = []
        var first: Int?
        for (index, start) in starts.enumerated() {
            let end = index + 1 < starts.count ? starts[index + 1] : scalars.count
            let hasContent = scalars[start..<end].contains(where: isContent)
            if hasContent || index + 1 == starts.count && tiles.isEmpty {
                tiles.append((first ?? start)..<end)
                first = nil
            } else if let last = tiles.popLast() {
                tiles.append(last.lowerBound..<end)
            } else {
                first = first ?? start
            }
        }
        return tiles
    }

    private static func isContent(_ scalar: Unicode.Scalar) -> Bool {
        scalar.properties.isAlphabetic || scalar.properties.numericType != nil
            || scalar.value > 0x2190 && scalar.properties.generalCategory == .otherSymbol
    }

    private static func isMark(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case ".", "!", "?", "…", "。", "！", "？", "｡", "‼", "⁇", "⁈", "⁉": true
        default: false
        }
    }

    private static func isCloser(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "\"", "'", ")", "]", "}", "”", "’", "»", "*", "_": true
        default: false
        }
    }

    private static func isOpener(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "\"", "'", "(", "[", "{", "“", "‘", "«", "*", "_": true
        default: false
        }
    }

    private static func isBreak(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "\n", "\r", "\u{85}", "\u{2028}", "\u{2029}": true
        default: false
        }
    }
}
