/// Filters by name; those of text, lists and numbers stand in files of their own.
enum TemplateFilters {
    typealias Filter = @Sendable (TemplateValue, TemplateArguments, TemplateEvaluator) throws -> TemplateValue

    static let all: [String: Filter] = [text, lists, numbers].reduce(values) {
        $0.merging($1) { first, _ in first }
    }

    private static let values: [String: Filter] = [
        "default": byDefault, "d": byDefault,
        "tojson": { value, arguments, evaluator in try json(value, arguments, evaluator) },
        "string": { value, arguments, evaluator in
            _ = try arguments.bound()
            return .text(try evaluator.string(value))
        },
        // Nothing is escaped, so nothing needs to be marked as safe.
        "safe": { value, arguments, evaluator in
            _ = try arguments.bound()
            return .text(try evaluator.string(value))
        },
        "items": { value, arguments, evaluator in
            _ = try arguments.bound()
            switch value {
            case .undefined: return try .iterator([])
            case .mapping(let mapping): return try .iterator(try mapping.items())
            default: throw TemplateFailure("'items' needs a mapping, and \(value.kind) is none")
            }
        },
        "attr": { value, arguments, evaluator in
            guard case .text(let name)? = try arguments.bound(to: "name")[0] else {
                throw TemplateFailure("'attr' needs a name")
            }
            if case .mapping = value { return .undefined(.attribute(name.string, of: value.kind)) }
            return try evaluator.attribute(name.string, of: value)
        },
    ]

    private static let byDefault: Filter = { value, arguments, _ in
        let given = try arguments.bound(to: "default_value", "boolean")
        let replaces = value.isUndefined || (given[1]?.isTrue ?? false && !value.isTrue)
        return replaces ? given[0] ?? .text("") : value
    }

    private static func json(
        _ value: TemplateValue, _ arguments: TemplateArguments, _ evaluator: TemplateEvaluator
    ) throws -> TemplateValue {
        let given = try arguments.bound(to: "ensure_ascii", "indent", "separators", "sort_keys")
        var indentation: String?
        switch given[1] {
        case nil, .some(.none): break
        case .text(let text): indentation = text.string
        case let size:
            guard let size = size?.wholeNumber else {
                throw TemplateFailure("an indentation must be a number")
            }
            try evaluator.spend(bytes: max(size, 0))
            indentation = String(repeating: " ", count: max(size, 0))
        }
        var separators: [String] = []
        if case .list(let list)? = given[2] {
            separators = try list.elements.map(evaluator.string)
            guard separators.count == 2 else { throw TemplateFailure("'separators' must be two strings") }
        }
        var writer = TemplateJSON(
            indentation: indentation, itemSeparator: separators.first, keySeparator: separators.last)
        writer.escapesBeyondASCII = given[0]?.isTrue ?? false
        writer.sortsKeys = given[3]?.isTrue ?? false
        let text = try writer.text(of: value, by: evaluator)
        try evaluator.spend(bytes: text.utf8.count)
        return .text(text)
    }
}
