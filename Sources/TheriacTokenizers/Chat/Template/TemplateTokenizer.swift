/// Reads the names, numbers, strings and symbols within a tag.
struct TemplateTokenizer {
    let source: [Unicode.Scalar]
    private(set) var position: Int
    private(set) var line: Int
    /// What closes the brackets that are open. A tag's end is none while one is.
    private(set) var brackets: [Unicode.Scalar] = []

    init(source: [Unicode.Scalar], position: Int, line: Int) {
        (self.source, self.position, self.line) = (source, position, line)
    }

    private static let symbols = [
        "//", "**", "==", "!=", ">=", "<=", "+", "-", "/", "*", "%", "~", "[", "]", "(", ")", "{", "}", ">",
        "<", "=", ".", ":", "|", ",", ";",
    ].map { (text: $0, scalars: Array($0.unicodeScalars)) }

    mutating func skip() {
        if source[position] == "\n" { line += 1 }
        position += 1
    }

    /// The token at `position`, which is not white space.
    mutating func next() throws -> TemplateToken {
        let line = line
        let scalar = source[position]
        let kind: TemplateToken.Kind
        if scalar.isDigit {
            kind = try number()
        } else if scalar.isNamePart {
            kind = .name(take { $0.isNamePart })
        } else if scalar == "'" || scalar == "\"" {
            kind = .string(try string())
        } else {
            kind = .symbol(try symbol())
        }
        return TemplateToken(kind: kind, line: line)
    }

    private mutating func take(while condition: (Unicode.Scalar) -> Bool) -> String {
        let start = position
        while position < source.count, condition(source[position]) { position += 1 }
        return TemplateText(source[start..<position]).string
    }

    private func scalar(_ ahead: Int) -> Unicode.Scalar? {
        position + ahead < source.count ? source[position + ahead] : nil
    }

    private mutating func number() throws -> TemplateToken.Kind {
        // After a point, digits are an element's place: `messages.0`.
        let mayBeFraction = position == 0 || source[position - 1] != "."
        if source[position] == "0", let letter = scalar(1),
            let radix = ["x": 16, "o": 8, "b": 2][letter.asciiLowercase]
        {
            position += 2
            let digits = take { $0.isNamePart }.filter { $0 != "_" }
            guard let value = Int(digits, radix: radix) else { throw failure("a number has wrong digits") }
            return .integer(value)
        }
        var text = take { $0.isDigit || $0 == "_" }
        var isWhole = true
        if mayBeFraction, scalar(0) == ".", scalar(1)?.isDigit == true {
            position += 1
            text += "." + take { $0.isDigit || $0 == "_" }
            isWhole = false
        }
        if mayBeFraction, scalar(0)?.asciiLowercase == "e" {
            let isSigned = scalar(1) == "+" || scalar(1) == "-"
            if scalar(isSigned ? 2 : 1)?.isDigit == true {
                let sign = isSigned ? String(source[position + 1]) : ""
                position += isSigned ? 2 : 1
                text += "e" + sign + take { $0.isDigit || $0 == "_" }
                isWhole = false
            }
        }
        text = text.filter { $0 != "_" }
        if isWhole {
            guard let value = Int(text) else { throw failure("a whole number has more than 64 bits") }
            return .integer(value)
        }
        guard let value = Double(text) else { throw failure("a number cannot be read") }
        return .number(value)
    }

    private mutating func symbol() throws -> String {
        guard let symbol = Self.symbols.first(where: { source[position...].starts(with: $0.scalars) }) else {
            throw failure("'\(source[position])' means nothing here")
        }
        position += symbol.scalars.count
        switch symbol.text {
        case "(": brackets.append(")")
        case "[": brackets.append("]")
        case "{": brackets.append("}")
        case ")", "]", "}":
            guard brackets.popLast() == symbol.scalars[0] else {
                throw failure("'\(symbol.text)' closes nothing")
            }
        default: break
        }
        return symbol.text
    }

    /// A string with Python's escapes; unknown ones stay as they are.
    private mutating func string() throws -> String {
        let start = line
        let quote = source[position]
        position += 1
        var text = String.UnicodeScalarView()
        while position < source.count, source[position] != quote {
            let scalar = source[position]
            skip()
            if scalar == "\\" { try escape(into: &text) } else { text.append(scalar) }
        }
        guard position < source.count else { throw TemplateFailure("a string is not closed", line: start) }
        position += 1
        return String(text)
    }

    private mutating func escape(into text: inout String.UnicodeScalarView) throws {
        guard position < source.count else { return }
        let kind = source[position]
        skip()
        switch kind {
        case "\n": break
        case "\\", "'", "\"": text.append(kind)
        case "a": text.append("\u{07}")
        case "b": text.append("\u{08}")
        case "f": text.append("\u{0C}")
        case "n": text.append("\n")
        case "r": text.append("\r")
        case "t": text.append("\t")
        case "v": text.append("\u{0B}")
        case "x": text.append(try escaped(digits: 2))
        case "u": text.append(try escaped(digits: 4))
        case "U": text.append(try escaped(digits: 8))
        case "0"..."7":
            var value = kind.value - 48
            for _ in 0..<2 {
                guard let digit = scalar(0), ("0"..."7").contains(digit) else { break }
                value = value * 8 + digit.value - 48
                position += 1
            }
            if let scalar = Unicode.Scalar(value) { text.append(scalar) }
        default:
            text.append("\\")
            text.append(kind)
        }
    }

    private mutating func escaped(digits: Int) throws -> Unicode.Scalar {
        let digitsEnd = position + digits
        guard digitsEnd <= source.count,
            let value = UInt32(TemplateText(source[position..<digitsEnd]).string, radix: 16),
            let scalar = Unicode.Scalar(value)
        else { throw failure("an escape in a string needs \(digits) hexadecimal digits of a Unicode scalar") }
        position = digitsEnd
        return scalar
    }

    private func failure(_ reason: String) -> TemplateFailure { TemplateFailure(reason, line: line) }
}

extension Unicode.Scalar {
    fileprivate var isDigit: Bool { ("0"..."9").contains(self) }
    fileprivate var isNamePart: Bool {
        self == "_" || (value < 0x80 ? properties.isAlphabetic || isDigit : isWordScalar)
    }
    fileprivate var asciiLowercase: Unicode.Scalar {
        ("A"..."Z").contains(self) ? Unicode.Scalar(UInt8(value) + 32) : self
    }
}
