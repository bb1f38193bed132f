/// Cuts a template into text and tags, and tags into tokens.
///
/// White space is cut here: a tag's `-` takes all of it on that side, a line end right after a block or comment goes
/// (`trim_blocks`), and so do blanks between a line's start and a block or comment (`lstrip_blocks`); `+` forbids
/// the latter two.
struct TemplateLexer {
    private let source: [Unicode.Scalar]
    private var position = 0
    private var line = 1
    private var tokens: [TemplateToken] = []
    /// Whether what was read last ends with a line end.
    private var isAtLineStart = true

    /// Line ends become `\n`; one at the end of the template is dropped.
    init(_ template: String) {
        var scalars: [Unicode.Scalar] = []
        scalars.reserveCapacity(template.utf8.count)
        var previous: Unicode.Scalar?
        for scalar in template.unicodeScalars {
            if scalar == "\r" || !(scalar == "\n" && previous == "\r") {
                scalars.append(scalar == "\r" ? "\n" : scalar)
            }
            previous = scalar
        }
        if scalars.last == "\n" { scalars.removeLast() }
        source = scalars
    }

    mutating func read() throws -> [TemplateToken] {
        while position < source.count { try nextTag() }
        tokens.append(TemplateToken(kind: .end, line: line))
        return tokens
    }

    /// Reads text up to a tag, and the tag.
    private mutating func nextTag() throws {
        var start = position
        while start < source.count, !opensTag(start) { start += 1 }
        guard start < source.count else {
            append(source[position...])
            position = start
            return
        }
        let kind = source[start + 1]
        let sign = self.sign(at: start + 2)
        append(cut(source[position..<start], sign: sign, isBlock: kind != "{"))
        advance(to: start)
        if let (end, _) = tag("raw", at: start) {
            advance(to: end)
            return try raw()
        }
        advance(to: start + (sign == nil ? 2 : 3))
        isAtLineStart = false
        switch kind {
        case "#": try comment()
        case "{": try expression(.variableBegin, .variableEnd, closing: "}")
        default: try expression(.blockBegin, .blockEnd, closing: "%")
        }
    }

    private func opensTag(_ place: Int) -> Bool {
        source[place] == "{" && place + 1 < source.count && "{%#".unicodeScalars.contains(source[place + 1])
    }

    private func sign(at place: Int) -> Unicode.Scalar? {
        place < source.count && (source[place] == "-" || source[place] == "+") ? source[place] : nil
    }

    /// The text before a tag, without the white space that the tag takes.
    private func cut(
        _ text: ArraySlice<Unicode.Scalar>, sign: Unicode.Scalar?, isBlock: Bool
    ) -> ArraySlice<Unicode.Scalar> {
        let trimmed = text.prefix(
            (text.lastIndex { !$0.isPythonSpace } ?? text.startIndex - 1) + 1 - text.startIndex)
        if sign == "-" { return trimmed }
        if sign == "+" || !isBlock { return text }
        let lineStart = text.lastIndex(of: "\n").map { $0 + 1 }
        guard lineStart != nil || isAtLineStart else { return text }
        let start = lineStart ?? text.startIndex
        return trimmed.endIndex <= start ? text[..<start] : text
    }

    private mutating func append(_ text: ArraySlice<Unicode.Scalar>) {
        if text.isEmpty { return }
        tokens.append(TemplateToken(kind: .text(TemplateText(text).string), line: line))
    }

    private mutating func advance(to place: Int) {
        for place in position..<place where source[place] == "\n" { line += 1 }
        position = place
    }

    /// Moves behind the end of a tag whose sign and bracket end at `place`, and over the white space it takes.
    private mutating func close(at place: Int, sign: Unicode.Scalar?, trimsLine: Bool) {
        var end = place
        if sign == "-" {
            while end < source.count, source[end].isPythonSpace { end += 1 }
        } else if sign == nil, trimsLine, end < source.count, source[end] == "\n" {
            end += 1
        }
        isAtLineStart = source[end - 1] == "\n"
        advance(to: end)
    }

    private mutating func comment() throws {
        var place = position
        while place + 1 < source.count, !(source[place] == "#" && source[place + 1] == "}") { place += 1 }
        guard place + 1 < source.count else { throw failure("a comment is not closed with '#}'") }
        let sign = place > position ? self.sign(at: place - 1) : nil
        advance(to: place)
        close(at: place + 2, sign: sign, trimsLine: true)
    }

    /// The end of a block tag that holds one word only, and the sign before its end.
    private func tag(_ word: String, at start: Int) -> (end: Int, sign: Unicode.Scalar?)? {
        var place = start
        func skip(_ text: String) -> Bool {
            let wanted = Array(text.unicodeScalars)
            guard source[place...].starts(with: wanted) else { return false }
            place += wanted.count
            return true
        }
        func skipSpace() { while place < source.count, source[place].isPythonSpace { place += 1 } }
        guard skip("{%") else { return nil }
        if sign(at: place) != nil { place += 1 }
        skipSpace()
        guard skip(word) else { return nil }
        skipSpace()
        let closingSign = sign(at: place)
        if closingSign != nil { place += 1 }
        guard skip("%}") else { return nil }
        if closingSign == "-", word == "raw" { skipSpace() }
        return (place, closingSign)
    }

    /// Reads up to `{% endraw %}`.
    private mutating func raw() throws {
        isAtLineStart = source[position - 1] == "\n"
        for start in position..<source.count {
            guard source[start] == "{", let end = tag("endraw", at: start) else { continue }
            append(cut(source[position..<start], sign: sign(at: start + 2), isBlock: true))
            advance(to: start)
            return close(at: end.end, sign: end.sign, trimsLine: true)
        }
        throw failure("'raw' is not closed with 'endraw'")
    }

    /// Reads the tokens of a tag.
    private mutating func expression(
        _ begin: TemplateToken.Kind, _ end: TemplateToken.Kind, closing: Unicode.Scalar
    ) throws {
        tokens.append(TemplateToken(kind: begin, line: line))
        var tokenizer = TemplateTokenizer(source: source, position: position, line: line)
        while true {
            while tokenizer.position < source.count, source[tokenizer.position].isPythonSpace {
                tokenizer.skip()
            }
            (position, line) = (tokenizer.position, tokenizer.line)
            guard position < source.count else { throw failure("a tag is not closed") }
            // '+' closes blocks only: before '}}' it is an operator without an operand.
            let sign = self.sign(at: position)
            let bracket = position + (sign == nil || (sign == "+" && closing == "}") ? 0 : 1)
            if tokenizer.brackets.isEmpty, bracket + 1 < source.count, source[bracket] == closing,
                source[bracket + 1] == "}"
            {
                tokens.append(TemplateToken(kind: end, line: line))
                return close(at: bracket + 2, sign: sign, trimsLine: closing == "%")
            }
            tokens.append(try tokenizer.next())
        }
    }

    private func failure(_ reason: String) -> TemplateFailure { TemplateFailure(reason, line: line) }
}
