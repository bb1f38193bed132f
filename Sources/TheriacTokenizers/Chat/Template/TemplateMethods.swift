/// Methods of strings, lists and mappings, by name.
enum TemplateMethods {
    typealias Method = TemplateFunction.Method

    /// A method of a value; nil when values of its kind have none of that name.
    static func method(_ name: String, of value: TemplateValue) -> TemplateValue? {
        let (methods, changing): ([String: Method], Set<String>) =
            switch value {
            case .text: (text, [])
            case .list(let list): (lists, list.isTuple ? [] : listChanging)
            case .mapping: (mappings, mappingChanging)
            case .loop: (loops, [])
            default: ([:], [])
            }
        if let method = methods[name] { return .function(.method(name, method, receiver: value)) }
        guard changing.contains(name) else { return nil }
        return .undefined(
            .other(
                "'\(name)' would change \(value.kind), which chat templates may not do; use '+' or a namespace"
            ))
    }

    // transformers' sandbox refuses these too.
    private static let listChanging: Set<String> = [
        "append", "clear", "pop", "reverse", "insert", "sort", "extend", "remove",
    ]
    private static let mappingChanging: Set<String> = ["clear", "pop", "popitem", "setdefault", "update"]

    private static let mappings: [String: Method] = [
        "get": { receiver, arguments, _ in
            guard case .mapping(let mapping) = receiver, arguments.named.isEmpty,
                let key = try arguments.bound(to: "key", "default")[0]
            else { throw TemplateFailure("'get' needs a key, and perhaps a default, without names") }
            return mapping.value(of: key) ?? arguments.positional.dropFirst().first ?? .none
        },
        "items": { receiver, arguments, _ in
            guard case .mapping(let mapping) = receiver else { return .none }
            _ = try arguments.bound()
            return try .list(try mapping.items())
        },
        "keys": { receiver, arguments, _ in
            guard case .mapping(let mapping) = receiver else { return .none }
            _ = try arguments.bound()
            return try .list(mapping.keys)
        },
        "values": { receiver, arguments, _ in
            guard case .mapping(let mapping) = receiver else { return .none }
            _ = try arguments.bound()
            return try .list(mapping.values)
        },
        "copy": { receiver, arguments, _ in
            _ = try arguments.bound()
            return receiver
        },
    ]

    private static let lists: [String: Method] = [
        "index": { receiver, arguments, evaluator in
            let wanted = try arguments.bound(to: "value")[0] ?? .none
            let place = try evaluator.elements(of: receiver).firstIndex { try evaluator.isEqual($0, wanted) }
            guard let place else { throw TemplateFailure("a list has no such element") }
            return .integer(place)
        },
        "count": { receiver, arguments, evaluator in
            let wanted = try arguments.bound(to: "value")[0] ?? .none
            return .integer(
                try evaluator.elements(of: receiver).count { try evaluator.isEqual($0, wanted) })
        },
        "copy": { receiver, arguments, _ in
            _ = try arguments.bound()
            return receiver
        },
    ]

    private static let loops: [String: Method] = [
        "cycle": { receiver, arguments, _ in
            guard case .loop(let loop) = receiver, !arguments.positional.isEmpty else {
                throw TemplateFailure("'cycle' needs values")
            }
            return arguments.positional[loop.index % arguments.positional.count]
        },
        "changed": { receiver, arguments, evaluator in
            guard case .loop(let loop) = receiver else { return .none }
            let current = try TemplateValue.list(arguments.positional, isTuple: true)
            let isEqual = try loop.watched.map { try evaluator.isEqual($0, current) } ?? false
            loop.watched = current
            return .bool(!isEqual)
        },
    ]
}
