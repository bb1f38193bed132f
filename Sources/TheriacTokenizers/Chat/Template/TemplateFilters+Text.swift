extension TemplateFilters {
    /// Filters of text. What is not text is printed first.
    static let text: [String: Filter] = [
        "trim": { value, arguments, evaluator in
            let given = try arguments.bound(to: "chars")
            return .text(try text(value, evaluator).stripped(of: try characters(given[0])))
        },
        "upper": { value, arguments, evaluator in
            _ = try arguments.bound()
            return .text(try text(value, evaluator).string.pythonUppercased)
        },
        "lower": { value, arguments, evaluator in
            _ = try arguments.bound()
            return .text(try text(value, evaluator).string.pythonLowercased)
        },
        "capitalize": { value, arguments, evaluator in
            _ = try arguments.bound()
            return .text(try text(value, evaluator).capitalized)
        },
        "title": { value, arguments, evaluator in
            _ = try arguments.bound()
            return .text(title(try text(value, evaluator)))
        },
        "replace": { value, arguments, evaluator in
            let given = try arguments.bound(to: "old", "new", "count")
            guard let old = given[0], let new = given[1] else {
                throw TemplateFailure("'replace' needs what to replace, and with what")
            }
            var limit = Int.max
            if let count = given[2]?.wholeNumber, count >= 0 { limit = count }
            return try replaced(
                try text(value, evaluator), try text(old, evaluator), try text(new, evaluator), limit,
                evaluator)
        },
        "indent": { value, arguments, evaluator in
            let given = try arguments.bound(to: "width", "first", "blank")
            var margin = "    "
            if case .text(let text)? = given[0] {
                margin = text.string
            } else if let width = given[0]?.wholeNumber {
                try evaluator.spend(bytes: max(width, 0))
                margin = String(repeating: " ", count: max(width, 0))
            }
            return try indented(
                try text(value, evaluator), by: margin, first: given[1]?.isTrue ?? false,
                blank: given[2]?.isTrue ?? false, evaluator)
        },
        "escape": escape, "e": escape,
        "wordcount": { value, arguments, evaluator in
            _ = try arguments.bound()
            return .integer(
                try text(value, evaluator).string.split { !$0.isLetter && !$0.isNumber && $0 != "_" }.count)
        },
        "center": { value, arguments, evaluator in
            let width = try arguments.bound(to: "width")[0]?.wholeNumber ?? 80
            let text = try text(value, evaluator)
            let missing = max(width - text.scalars.count, 0)
            try evaluator.spend(bytes: missing)
            // Of an odd number of blanks, Python puts the last one left when the width is odd too.
            let left = missing / 2 + (missing & width & 1)
            return .text(
                String(repeating: " ", count: left) + text.string
                    + String(repeating: " ", count: missing - left))
        },
    ]

    static func text(_ value: TemplateValue, _ evaluator: TemplateEvaluator) throws -> TemplateText {
        let text = try evaluator.string(value)
        try evaluator.spend(bytes: text.utf8.count)
        return TemplateText(text)
    }

    static func characters(_ value: TemplateValue?) throws -> TemplateText? {
        switch value {
        case nil, .some(.none): return nil
        case .text(let text): return text
        default: throw TemplateFailure("what to strip must be a string, not \(value?.kind ?? "nothing")")
        }
    }

    static func replaced(
        _ text: TemplateText, _ old: TemplateText, _ new: TemplateText, _ limit: Int,
        _ evaluator: TemplateEvaluator
    ) throws -> TemplateValue {
        let ranges = text.ranges(of: old, atMost: limit)
        let (growth, overflow) = ranges.count.multipliedReportingOverflow(by: new.string.utf8.count)
        if overflow { throw TemplateFailure("a string becomes too long") }
        try evaluator.spend(bytes: growth)
        return .text(text.replacing(ranges, with: new))
    }

    /// Words begin after blanks, hyphens and opening brackets.
    private static func title(_ text: TemplateText) -> String {
        var (result, word) = ("", String.UnicodeScalarView())
        func finished() -> String { word.isEmpty ? "" : TemplateText(String(word)).wordWithCapital }
        for scalar in text.scalars {
            if scalar.isPythonSpace || "-({[<".unicodeScalars.contains(scalar) {
                result += finished()
                word = .init()
                result.unicodeScalars.append(scalar)
            } else {
                word.append(scalar)
            }
        }
        return result + finished()
    }

    private static func indented(
        _ text: TemplateText, by margin: String, first: Bool, blank: Bool, _ evaluator: TemplateEvaluator
    ) throws -> TemplateValue {
        let lines = TemplateText(text.string + "\n").lines()
        try evaluator.spend(bytes: lines.count * margin.utf8.count)
        var result = first ? margin : ""
        for (index, line) in lines.enumerated() {
            if index > 0 { result += "\n" + (line.isEmpty && !blank ? "" : margin) }
            result += line.string
        }
        return .text(result)
    }

    private static let escape: Filter = { value, arguments, evaluator in
        _ = try arguments.bound()
        var result = String.UnicodeScalarView()
        for scalar in try text(value, evaluator).scalars {
            switch scalar {
            case "&": result.append(contentsOf: "&amp;".unicodeScalars)
            case "<": result.append(contentsOf: "&lt;".unicodeScalars)
            case ">": result.append(contentsOf: "&gt;".unicodeScalars)
            case "'": result.append(contentsOf: "&#39;".unicodeScalars)
            case "\"": result.append(contentsOf: "&#34;".unicodeScalars)
            default: result.append(scalar)
            }
        }
        return .text(String(result))
    }
}

extension TemplateText {
    /// The first scalar in upper case, the rest in lower case.
    fileprivate var wordWithCapital: String {
        guard let first = scalars.first else { return string }
        return first.properties.uppercaseMapping + String(scalars.dropFirst()).pythonLowercased
    }
}
