extension TemplateFilters {
    /// Filters of lists and whatever else has elements.
    static let lists: [String: Filter] = [
        "length": length, "count": length,
        "first": { value, arguments, evaluator in
            _ = try arguments.bound()
            if case .iterator(let iterator) = value { return iterator.takeFirst() ?? noElement }
            return try evaluator.elements(of: value).first ?? noElement
        },
        "last": { value, arguments, evaluator in
            _ = try arguments.bound()
            if case .iterator = value {
                throw TemplateFailure("an iterator has no known last element; use 'list' first")
            }
            return try evaluator.elements(of: value).last ?? noElement
        },
        "list": { value, arguments, evaluator in
            _ = try arguments.bound()
            return try .list(try evaluator.elements(of: value))
        },
        "reverse": { value, arguments, evaluator in
            _ = try arguments.bound()
            if case .text(let text) = value { return .text(TemplateText(text.scalars.reversed())) }
            return try .iterator(try evaluator.elements(of: value).reversed())
        },
        "join": { value, arguments, evaluator in
            let given = try arguments.bound(to: "d", "attribute")
            var elements = try evaluator.elements(of: value)
            if let attribute = given[1] {
                elements = try elements.map { try evaluator.part(attribute, of: $0) }
            }
            let separator = try given[0].map(evaluator.string) ?? ""
            try evaluator.spend(bytes: min(elements.count, 1 << 32) * separator.utf8.count)
            let texts = try elements.map(evaluator.string)
            let joined = texts.joined(separator: separator)
            try evaluator.spend(bytes: joined.utf8.count)
            return .text(joined)
        },
        "map": { value, arguments, evaluator in
            var rest = arguments
            if rest.positional.isEmpty {
                let given = try arguments.bound(to: "attribute", "default")
                guard let attribute = given[0] else {
                    throw TemplateFailure("'map' needs a filter or an attribute")
                }
                return try .iterator(
                    try evaluator.elements(of: value).map { element in
                        try evaluator.part(attribute, of: element, default: given[1])
                    })
            }
            let name = try evaluator.string(rest.positional.removeFirst())
            return try .iterator(
                try evaluator.elements(of: value).map { try evaluator.filter($0, name, rest) })
        },
        "select": { try chosen($0, $1, $2, byAttribute: false, keeping: true) },
        "reject": { try chosen($0, $1, $2, byAttribute: false, keeping: false) },
        "selectattr": { try chosen($0, $1, $2, byAttribute: true, keeping: true) },
        "rejectattr": { try chosen($0, $1, $2, byAttribute: true, keeping: false) },
        "sort": { value, arguments, evaluator in
            let given = try arguments.bound(to: "reverse", "case_sensitive", "attribute")
            let elements = try evaluator.elements(of: value)
            return try .list(
                try evaluator.sorted(
                    elements, isReversed: given[0]?.isTrue ?? false,
                    isCaseSensitive: given[1]?.isTrue ?? false,
                    attribute: given[2]))
        },
        "unique": { value, arguments, evaluator in
            let given = try arguments.bound(to: "case_sensitive", "attribute")
            var seen = TemplateMapping()
            var kept: [TemplateValue] = []
            for element in try evaluator.elements(of: value) {
                let part = try given[1].map { try evaluator.part($0, of: element) } ?? element
                let key = part.folded(isCaseSensitive: given[0]?.isTrue ?? false)
                if seen.value(of: key) != nil { continue }
                try seen.set(key, to: .none)
                kept.append(element)
            }
            return try .iterator(kept)
        },
        "dictsort": { value, arguments, evaluator in
            let given = try arguments.bound(to: "case_sensitive", "by", "reverse")
            guard case .mapping(let mapping) = value else {
                throw TemplateFailure("'dictsort' needs a mapping, and \(value.kind) is none")
            }
            let by = try given[1].map(evaluator.string) ?? "key"
            guard ["key", "value"].contains(by) else {
                throw TemplateFailure("'dictsort' sorts by 'key' or 'value'")
            }
            return try .list(
                try evaluator.sorted(
                    try mapping.items(), isReversed: given[2]?.isTrue ?? false,
                    isCaseSensitive: given[0]?.isTrue ?? false, attribute: .integer(by == "key" ? 0 : 1)))
        },
        "min": { try extreme($0, $1, $2, isLargest: false) },
        "max": { try extreme($0, $1, $2, isLargest: true) },
        "sum": { value, arguments, evaluator in
            let given = try arguments.bound(to: "attribute", "start")
            return try evaluator.elements(of: value).reduce(given[1] ?? .integer(0)) { sum, element in
                if let attribute = given[0], attribute.isTrue {
                    return try evaluator.calculate(sum, .add, try evaluator.part(attribute, of: element))
                }
                return try evaluator.calculate(sum, .add, element)
            }
        },
    ]

    private static var noElement: TemplateValue { TemplateValue.undefined(.other("there is no element")) }

    private static let length: Filter = { value, arguments, evaluator in
        _ = try arguments.bound()
        switch value {
        case .undefined: return .integer(0)
        case .text(let text): return .integer(text.scalars.count)
        case .list(let list): return .integer(list.elements.count)
        case .mapping(let mapping): return .integer(mapping.count)
        case .loop(let loop): return .integer(loop.elements.elements.count)
        default: throw TemplateFailure("\(value.kind) has no length")
        }
    }

    /// `select` and its relatives: elements, or those with a part, for which a test holds; without a test, the
    /// true ones.
    private static func chosen(
        _ value: TemplateValue, _ arguments: TemplateArguments, _ evaluator: TemplateEvaluator,
        byAttribute: Bool, keeping: Bool
    ) throws -> TemplateValue {
        var rest = arguments
        guard !byAttribute || !rest.positional.isEmpty else {
            throw TemplateFailure("an attribute is missing")
        }
        let attribute = byAttribute ? rest.positional.removeFirst() : nil
        let test = rest.positional.isEmpty ? nil : try evaluator.string(rest.positional.removeFirst())
        return try .iterator(
            try evaluator.elements(of: value).filter { element in
                let part = try attribute.map { try evaluator.part($0, of: element) } ?? element
                return try (test.map { try evaluator.test(part, $0, rest) } ?? part.isTrue) == keeping
            })
    }

    private static func extreme(
        _ value: TemplateValue, _ arguments: TemplateArguments, _ evaluator: TemplateEvaluator,
        isLargest: Bool
    ) throws -> TemplateValue {
        let given = try arguments.bound(to: "case_sensitive", "attribute")
        func key(_ element: TemplateValue) throws -> TemplateValue {
            let part = try given[1].map { try evaluator.part($0, of: element) } ?? element
            return part.folded(isCaseSensitive: given[0]?.isTrue ?? false)
        }
        var best: (element: TemplateValue, key: TemplateValue)?
        for element in try evaluator.elements(of: value) {
            let key = try key(element)
            if let current = best,
                try !(isLargest ? evaluator.isLess(current.key, key) : evaluator.isLess(key, current.key))
            {
                continue
            }
            best = (element, key)
        }
        return best?.element ?? noElement
    }
}

extension TemplateEvaluator {
    /// A part of a value by an attribute's path, `function.name` or `0.id`, or by a number. The default stands in
    /// at each step of the path.
    func part(
        _ path: TemplateValue, of value: TemplateValue, default standIn: TemplateValue? = nil
    ) throws -> TemplateValue {
        var keys = [path]
        if case .text(let text) = path {
            keys = text.string.split(separator: ".", omittingEmptySubsequences: false).map { key in
                Int(key).map { .integer($0) } ?? .text(String(key))
            }
        }
        return try keys.reduce(value) { owner, key in
            let part = try item(key, of: owner)
            return part.isUndefined ? standIn ?? part : part
        }
    }

    /// Elements in order, equal ones as they came; by parts of them when `attribute` names some, with commas between.
    func sorted(
        _ elements: [TemplateValue], isReversed: Bool, isCaseSensitive: Bool, attribute: TemplateValue?
    ) throws -> [TemplateValue] {
        var paths: [TemplateValue] = []
        if case .text(let text)? = attribute {
            paths = text.string.split(separator: ",").map { .text(String($0)) }
        } else if let attribute, attribute.wholeNumber != nil {
            paths = [attribute]
        }
        let keyed = try elements.map { element in
            let parts = paths.isEmpty ? [element] : try paths.map { try part($0, of: element) }
            return (element: element, keys: parts.map { $0.folded(isCaseSensitive: isCaseSensitive) })
        }
        return try keyed.sorted { left, right in
            for (left, right) in zip(left.keys, right.keys) {
                if try isReversed ? isLess(right, left) : isLess(left, right) { return true }
                if try !isEqual(left, right) { return false }
            }
            return false
        }.map(\.element)
    }
}

extension TemplateValue {
    fileprivate func folded(isCaseSensitive: Bool) -> TemplateValue {
        if case .text(let text) = self, !isCaseSensitive { .text(text.string.pythonLowercased) } else { self }
    }
}
