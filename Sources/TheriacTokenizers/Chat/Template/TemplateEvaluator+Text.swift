extension TemplateEvaluator {
    /// A value as templates print it: Python's `str`.
    func string(_ value: TemplateValue) throws -> String {
        if case .text(let text) = value { return text.string }
        if case .undefined = value { return "" }
        var text = ""
        try write(value, into: &text)
        return text
    }

    /// Appends Python's `repr` of a value.
    private func write(_ value: TemplateValue, into text: inout String) throws {
        try spend()
        switch value {
        case .undefined: text += "Undefined"
        case .none: text += "None"
        case .bool(let value): text += value ? "True" : "False"
        case .integer(let value): text += String(value)
        case .number(let value): text += value.pythonDescription
        case .text(let string):
            try spend(bytes: string.string.utf8.count)
            text += string.pythonLiteral
        case .list(let list):
            text += list.isTuple ? "(" : "["
            for (index, element) in list.elements.enumerated() {
                if index > 0 { text += ", " }
                try write(element, into: &text)
            }
            text += list.isTuple ? list.elements.count == 1 ? ",)" : ")" : "]"
        case .mapping(let mapping):
            text += "{"
            for (index, (key, element)) in zip(mapping.keys, mapping.values).enumerated() {
                if index > 0 { text += ", " }
                try write(key, into: &text)
                text += ": "
                try write(element, into: &text)
            }
            text += "}"
        case .iterator, .namespace, .loop, .function:
            throw TemplateFailure("\(value.kind) cannot be printed")
        }
    }
}

extension Double {
    /// Python's `repr`: the fewest digits that give the number again.
    var pythonDescription: String {
        if isNaN { return "nan" }
        if isInfinite { return self < 0 ? "-inf" : "inf" }
        if self == 0 { return sign == .minus ? "-0.0" : "0.0" }
        // Swift finds the same digits, but has its own rule for when to write an exponent.
        let parts = magnitude.description.split(separator: "e")
        let written = parts[0].split(separator: ".", omittingEmptySubsequences: false)
        let whole = written[0]
        let fraction = written.count > 1 ? written[1] : ""
        var point = whole.count + (parts.count > 1 ? Int(parts[1]) ?? 0 : 0)
        var digits = Array(whole + fraction)
        while digits.first == "0", digits.count > 1 {
            digits.removeFirst()
            point -= 1
        }
        while digits.last == "0", digits.count > 1 { digits.removeLast() }
        let sign = self < 0 ? "-" : ""
        let exponent = point - 1
        if exponent < -4 || exponent >= 16 {
            let rest = digits.count > 1 ? "." + String(digits[1...]) : ""
            let size = String(exponent.magnitude)
            return sign + String(digits[0]) + rest + "e" + (exponent < 0 ? "-" : "+")
                + (size.count < 2 ? "0" : "") + size
        }
        if point <= 0 { return sign + "0." + String(repeating: "0", count: -point) + String(digits) }
        if point >= digits.count {
            return sign + String(digits) + String(repeating: "0", count: point - digits.count) + ".0"
        }
        return sign + String(digits[..<point]) + "." + String(digits[point...])
    }
}

extension TemplateText {
    /// Python's `repr` of a string.
    fileprivate var pythonLiteral: String {
        let quote: Unicode.Scalar = scalars.contains("'") && !scalars.contains("\"") ? "\"" : "'"
        var text = String.UnicodeScalarView([quote])
        for scalar in scalars {
            switch scalar {
            case "\\", quote: text.append(contentsOf: ["\\", scalar])
            case "\n": text.append(contentsOf: ["\\", "n"])
            case "\r": text.append(contentsOf: ["\\", "r"])
            case "\t": text.append(contentsOf: ["\\", "t"])
            default:
                if scalar.isPythonPrintable {
                    text.append(scalar)
                } else {
                    let digits = String(scalar.value, radix: 16)
                    let (letter, length) =
                        scalar.value < 0x100 ? ("x", 2) : scalar.value < 0x10000 ? ("u", 4) : ("U", 8)
                    let zeros = String(repeating: "0", count: length - digits.count)
                    text.append(contentsOf: ("\\" + letter + zeros + digits).unicodeScalars)
                }
            }
        }
        text.append(quote)
        return String(text)
    }
}

extension Unicode.Scalar {
    fileprivate var isPythonPrintable: Bool {
        switch properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator:
            false
        case .spaceSeparator: self == " "
        default: true
        }
    }
}
