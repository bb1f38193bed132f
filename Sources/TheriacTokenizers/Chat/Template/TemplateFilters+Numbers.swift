import Foundation

extension TemplateFilters {
    /// Filters that give numbers.
    static let numbers: [String: Filter] = [
        "int": { value, arguments, evaluator in
            let given = try arguments.bound(to: "default", "base")
            return wholeNumber(value, base: given[1]?.wholeNumber ?? 10) ?? given[0] ?? .integer(0)
        },
        "float": { value, arguments, evaluator in
            let given = try arguments.bound(to: "default")
            if let number = value.anyNumber { return .number(number) }
            if case .text(let text) = value, let number = number(text) { return .number(number) }
            return given[0] ?? .number(0)
        },
        "abs": { value, arguments, evaluator in
            _ = try arguments.bound()
            if let number = value.wholeNumber {
                return number < 0 ? try evaluator.signed(value, isNegative: true) : .integer(number)
            }
            guard let number = value.anyNumber else { throw TemplateFailure("\(value.kind) has no size") }
            return .number(abs(number))
        },
        "round": { value, arguments, evaluator in
            let given = try arguments.bound(to: "precision", "method")
            return try rounded(
                value, precision: given[0]?.wholeNumber ?? 0,
                method: try given[1].map(evaluator.string) ?? "common")
        },
    ]

    /// Python's `int`, else the whole part of Python's `float`.
    private static func wholeNumber(_ value: TemplateValue, base: Int) -> TemplateValue? {
        if let number = value.wholeNumber { return .integer(number) }
        var number = value.anyNumber
        if case .text(let text) = value {
            if let digits = digits(text), (2...36).contains(base) {
                let prefixes = [16: "0x", 8: "0o", 2: "0b"]
                let sign = digits.hasPrefix("-") ? "-" : ""
                var plain = digits.lowercased().drop { $0 == "-" || $0 == "+" }
                if let prefix = prefixes[base], plain.hasPrefix(prefix) { plain = plain.dropFirst(2) }
                if let whole = Int(sign + plain, radix: base) { return .integer(whole) }
            }
            number = self.number(text)
        }
        return number.flatMap { Int(exactly: $0.rounded(.towardZero)) }.map { .integer($0) }
    }

    /// The text without white space around and underscores between digits; nil when they stand elsewhere.
    private static func digits(_ text: TemplateText) -> String? {
        let plain = text.stripped().string
        let isWrong = plain.hasPrefix("_") || plain.hasSuffix("_") || plain.contains("__")
        return isWrong ? nil : plain.filter { $0 != "_" }
    }

    private static func number(_ text: TemplateText) -> Double? {
        // Python does not read hexadecimal digits here.
        guard let digits = digits(text), !digits.lowercased().contains("x") else { return nil }
        return Double(digits)
    }

    private static func rounded(_ value: TemplateValue, precision: Int, method: String) throws
        -> TemplateValue
    {
        guard ["common", "ceil", "floor"].contains(method) else {
            throw TemplateFailure("'round' knows 'common', 'ceil' and 'floor'")
        }
        guard let number = value.anyNumber else { throw TemplateFailure("\(value.kind) cannot be rounded") }
        let scale = pow(10, Double(precision))
        if method != "common" {
            return .number((number * scale).rounded(method == "ceil" ? .up : .down) / scale)
        }
        if let whole = value.wholeNumber {
            if precision >= 0 { return .integer(whole) }
            let tens = pow(10, Double(-precision))
            return .integer(Int(exactly: (number / tens).rounded(.toNearestOrEven) * tens) ?? whole)
        }
        if !number.isFinite || precision > 300 { return value }
        if precision < 0 { return .number((number * scale).rounded(.toNearestOrEven) / scale) }
        // Printing rounds the exact value, as Python does; multiplying first would not.
        return .number(Double(String(format: "%.\(precision)f", number)) ?? number)
    }
}
