/// Writes values as Python's `json.dumps` does.
struct TemplateJSON {
    /// Text for each level; nil for all on one line.
    var indentation: String?
    var itemSeparator: String
    var keySeparator: String
    var sortsKeys = false
    var escapesBeyondASCII = false
    private var text = ""

    init(indentation: String? = nil, itemSeparator: String? = nil, keySeparator: String? = nil) {
        self.indentation = indentation
        self.itemSeparator = itemSeparator ?? (indentation == nil ? ", " : ",")
        self.keySeparator = keySeparator ?? ": "
    }

    mutating func text(of value: TemplateValue, by evaluator: TemplateEvaluator) throws -> String {
        text = ""
        try write(value, level: 0, evaluator)
        return text
    }

    private mutating func write(_ value: TemplateValue, level: Int, _ evaluator: TemplateEvaluator) throws {
        try evaluator.spend()
        switch value {
        case .none: text += "null"
        case .bool(let value): text += value ? "true" : "false"
        case .integer(let value): text += String(value)
        case .number(let value): text += Self.number(value)
        case .text(let string):
            try evaluator.spend(bytes: string.string.utf8.count)
            write(string)
        case .list(let list):
            try enclose("[", "]", count: list.elements.count, level: level) { writer, index in
                try writer.write(list.elements[index], level: level + 1, evaluator)
            }
        case .mapping(let mapping):
            let names = try mapping.keys.map(Self.name)
            var order = Array(names.indices)
            if sortsKeys { order.sort { names[$0] < names[$1] } }
            try enclose("{", "}", count: order.count, level: level) { writer, index in
                writer.write(names[order[index]])
                writer.text += writer.keySeparator
                try writer.write(mapping.values[order[index]], level: level + 1, evaluator)
            }
        default: throw TemplateFailure("\(value.kind) cannot be written as JSON")
        }
    }

    private mutating func enclose(
        _ open: String, _ close: String, count: Int, level: Int,
        _ element: (inout TemplateJSON, Int) throws -> Void
    ) throws {
        text += open
        for index in 0..<count {
            if index > 0 { text += itemSeparator }
            newLine(level + 1)
            try element(&self, index)
        }
        if count > 0 { newLine(level) }
        text += close
    }

    private mutating func newLine(_ level: Int) {
        if let indentation { text += "\n" + String(repeating: indentation, count: level) }
    }

    private static func number(_ value: Double) -> String {
        value.isNaN
            ? "NaN" : value.isInfinite ? (value < 0 ? "-Infinity" : "Infinity") : value.pythonDescription
    }

    private static func name(_ key: TemplateValue) throws -> TemplateText {
        switch key {
        case .text(let text): return text
        case .integer(let value): return TemplateText(String(value))
        case .number(let value): return TemplateText(number(value))
        case .bool(let value): return value ? "true" : "false"
        case .none: return "null"
        default: throw TemplateFailure("\(key.kind) cannot be a name in JSON")
        }
    }

    private mutating func write(_ string: TemplateText) {
        text += "\""
        for scalar in string.scalars {
            switch scalar {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            case "\n": text += "\\n"
            case "\r": text += "\\r"
            case "\t": text += "\\t"
            case "\u{08}": text += "\\b"
            case "\u{0C}": text += "\\f"
            default:
                if scalar.value < 0x20 || (escapesBeyondASCII && scalar.value > 0x7E) {
                    for unit in UTF16.encode(scalar) ?? .init() {
                        let digits = String(unit, radix: 16)
                        text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
                    }
                } else {
                    text.unicodeScalars.append(scalar)
                }
            }
        }
        text += "\""
    }
}
