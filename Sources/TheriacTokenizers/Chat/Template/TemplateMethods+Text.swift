extension TemplateMethods {
    /// Methods of strings.
    static let text: [String: Method] = [
        "strip": stripping(left: true, right: true),
        "lstrip": stripping(left: true, right: false),
        "rstrip": stripping(left: false, right: true),
        "split": splitting(fromRight: false),
        "rsplit": splitting(fromRight: true),
        "splitlines": { receiver, arguments, evaluator in
            let keepsEnds = try arguments.bound(to: "keepends")[0]?.isTrue ?? false
            return try .list(try text(receiver, evaluator).lines(keepingEnds: keepsEnds).map { .text($0) })
        },
        "startswith": affix { $0.starts(with: $1) },
        "endswith": affix { $0.reversed().starts(with: $1.reversed()) },
        "removeprefix": { receiver, arguments, evaluator in
            let (whole, affix) = (try text(receiver, evaluator), try required(arguments, "prefix"))
            guard whole.string.utf8.starts(with: affix.string.utf8) else { return receiver }
            return .text(TemplateText(whole.bytes[affix.string.utf8.count...]))
        },
        "removesuffix": { receiver, arguments, evaluator in
            let (whole, affix) = (try text(receiver, evaluator), try required(arguments, "suffix"))
            guard whole.string.utf8.reversed().starts(with: affix.string.utf8.reversed()) else {
                return receiver
            }
            return .text(TemplateText(whole.bytes.dropLast(affix.string.utf8.count)))
        },
        "replace": { receiver, arguments, evaluator in
            let given = try arguments.bound(to: "old", "new", "count")
            guard case .text(let old)? = given[0], case .text(let new)? = given[1] else {
                throw TemplateFailure("'replace' needs two strings")
            }
            let limit = given[2]?.wholeNumber.flatMap { $0 < 0 ? nil : $0 } ?? .max
            return try TemplateFilters.replaced(try text(receiver, evaluator), old, new, limit, evaluator)
        },
        "upper": mapping { .text($0.string.pythonUppercased) },
        "lower": mapping { .text($0.string.pythonLowercased) },
        "capitalize": mapping { .text($0.capitalized) },
        "title": mapping { .text(title($0)) },
        "isdigit": scalars { $0.properties.numericType == .decimal || $0.properties.numericType == .digit },
        "isnumeric": scalars { $0.properties.numericType != nil },
        "isalpha": scalars { $0.isPythonLetter },
        "isalnum": scalars { $0.isPythonLetter || $0.properties.numericType != nil },
        "isspace": scalars { $0.isPythonSpace },
        "isupper": mapping { .bool(TemplateTests.isCased($0.string, isUpper: true)) },
        "islower": mapping { .bool(TemplateTests.isCased($0.string, isUpper: false)) },
        "find": { receiver, arguments, evaluator in
            let (whole, part) = (try text(receiver, evaluator), try required(arguments, "sub"))
            guard let range = whole.ranges(of: part, atMost: 1).first else { return .integer(-1) }
            return .integer(TemplateText(whole.bytes[..<range.lowerBound]).scalars.count)
        },
        "count": { receiver, arguments, evaluator in
            let (whole, part) = (try text(receiver, evaluator), try required(arguments, "sub"))
            return .integer(whole.ranges(of: part).count)
        },
        "join": { receiver, arguments, evaluator in
            let separator = try text(receiver, evaluator)
            guard let list = try arguments.bound(to: "iterable")[0] else {
                throw TemplateFailure("'join' needs a list")
            }
            let parts = try evaluator.elements(of: list).map { element in
                guard case .text(let text) = element else {
                    throw TemplateFailure("'join' needs strings, and \(element.kind) is none")
                }
                return text.string
            }
            try evaluator.spend(bytes: parts.count * separator.string.utf8.count)
            let joined = parts.joined(separator: separator.string)
            try evaluator.spend(bytes: joined.utf8.count)
            return .text(joined)
        },
    ]

    private static func text(_ receiver: TemplateValue, _ evaluator: TemplateEvaluator) throws -> TemplateText
    {
        try TemplateFilters.text(receiver, evaluator)
    }

    private static func required(_ arguments: TemplateArguments, _ name: String) throws -> TemplateText {
        guard case .text(let text)? = try arguments.bound(to: name)[0] else {
            throw TemplateFailure("a method of a string needs a string")
        }
        return text
    }

    private static func mapping(_ map: @escaping @Sendable (TemplateText) -> TemplateValue) -> Method {
        { receiver, arguments, evaluator in
            _ = try arguments.bound()
            return map(try text(receiver, evaluator))
        }
    }

    private static func scalars(_ holds: @escaping @Sendable (Unicode.Scalar) -> Bool) -> Method {
        mapping { .bool(!$0.isEmpty && $0.scalars.allSatisfy(holds)) }
    }

    private static func stripping(left: Bool, right: Bool) -> Method {
        { receiver, arguments, evaluator in
            let characters = try TemplateFilters.characters(try arguments.bound(to: "chars")[0])
            return .text(try text(receiver, evaluator).stripped(of: characters, left: left, right: right))
        }
    }

    private static func affix(_ holds: @escaping @Sendable (String.UTF8View, String.UTF8View) -> Bool)
        -> Method
    {
        { receiver, arguments, evaluator in
            let whole = try text(receiver, evaluator).string.utf8
            switch try arguments.bound(to: "affix")[0] {
            case .text(let affix)?: return .bool(holds(whole, affix.string.utf8))
            case .list(let list)? where list.isTuple:
                return .bool(
                    try list.elements.contains { element in
                        guard case .text(let affix) = element else {
                            throw TemplateFailure("\(element.kind) cannot begin or end a string")
                        }
                        return holds(whole, affix.string.utf8)
                    })
            default: throw TemplateFailure("what begins or ends a string must be a string or a tuple of them")
            }
        }
    }

    /// `split` and `rsplit`: without a separator, at white space, and without empty parts.
    private static func splitting(fromRight: Bool) -> Method {
        { receiver, arguments, evaluator in
            let given = try arguments.bound(to: "sep", "maxsplit")
            let whole = try text(receiver, evaluator)
            let limit = given[1]?.wholeNumber.flatMap { $0 < 0 ? nil : $0 } ?? .max
            let parts: [TemplateText]
            if let separator = try TemplateFilters.characters(given[0]) {
                if separator.isEmpty { throw TemplateFailure("a string cannot be split at nothing") }
                parts =
                    fromRight
                    ? whole.partsFromRight(separator, limit)
                    : whole.pieces(between: whole.ranges(of: separator, atMost: limit))
            } else {
                parts = whole.words(atMost: limit, fromRight: fromRight)
            }
            try evaluator.spend(parts.count)
            return try .list(parts.map { .text($0) })
        }
    }

    /// Python's `str.title`: letters after what is no letter in title case, all others in lower case.
    private static func title(_ text: TemplateText) -> String {
        var isInWord = false
        return text.scalars.reduce(into: "") { result, scalar in
            result += isInWord ? scalar.properties.lowercaseMapping : scalar.properties.titlecaseMapping
            isInWord = scalar.properties.isCased
        }
    }
}

extension TemplateText {
    /// The parts between the last `limit` places where `separator` stands, found from the end.
    fileprivate func partsFromRight(_ separator: TemplateText, _ limit: Int) -> [TemplateText] {
        func mirrored(_ text: TemplateText) -> TemplateText { TemplateText(text.scalars.reversed()) }
        let mirror = mirrored(self)
        return mirror.pieces(between: mirror.ranges(of: mirrored(separator), atMost: limit)).reversed().map(
            mirrored)
    }

    /// The words between white space; after `limit` of them the rest in one.
    fileprivate func words(atMost limit: Int, fromRight: Bool) -> [TemplateText] {
        var rest = Array(scalars)[...]
        if fromRight { rest = Array(rest.reversed())[...] }
        var words: [[Unicode.Scalar]] = []
        while true {
            rest = rest.drop { $0.isPythonSpace }
            if rest.isEmpty { break }
            if words.count == limit {
                words.append(Array(rest))
                break
            }
            words.append(Array(rest.prefix { !$0.isPythonSpace }))
            rest = rest.drop { !$0.isPythonSpace }
        }
        return fromRight
            ? words.reversed().map { TemplateText($0.reversed()) } : words.map { TemplateText($0) }
    }
}

extension Unicode.Scalar {
    fileprivate var isPythonLetter: Bool {
        switch properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter: true
        default: false
        }
    }
}
