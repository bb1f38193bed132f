/// What an expression of a template stands for: Python's values, as far as templates meet them.
enum TemplateValue {
    case undefined(Missing)
    case none, bool(Bool), integer(Int), number(Double), text(TemplateText)
    /// Lists and tuples.
    case list(TemplateList)
    case mapping(TemplateMapping)
    /// What `map`, `select` and others give: elements to go through once.
    case iterator(TemplateIterator)
    case namespace(TemplateNamespace)
    case loop(TemplateLoop)
    case function(TemplateFunction)

    /// Containers within containers; ``TemplateList`` and the others refuse more than this.
    static let maximumDepth = 100

    /// Why there is no value. It may be printed, looped over and asked for its truth, and nothing else.
    enum Missing {
        case variable(String)
        case attribute(String, of: String)
        case element(of: String)
        case other(String)

        var reason: String {
            switch self {
            case .variable(let name): "'\(name)' is not defined"
            case .attribute(let name, let kind): "\(kind) has no '\(name)'"
            case .element(let kind): "\(kind) has no such element"
            case .other(let reason): reason
            }
        }
    }

    static func text(_ string: String) -> TemplateValue { .text(TemplateText(string)) }

    static func list(_ elements: [TemplateValue], isTuple: Bool = false) throws -> TemplateValue {
        .list(try TemplateList(elements, isTuple: isTuple))
    }

    static func iterator(_ elements: [TemplateValue]) throws -> TemplateValue {
        .iterator(TemplateIterator(try TemplateList(elements)))
    }

    /// Data from outside.
    init(_ value: ChatValue) throws { self = try Self.value(value, depth: 0) }

    private static func value(_ value: ChatValue, depth: Int) throws -> TemplateValue {
        if depth > maximumDepth { throw tooDeep }
        switch value {
        case .null: return .none
        case .bool(let value): return .bool(value)
        case .integer(let value): return .integer(value)
        case .number(let value): return .number(value)
        case .string(let value): return .text(value)
        case .list(let elements): return try .list(elements.map { try self.value($0, depth: depth + 1) })
        case .object(let fields):
            var mapping = TemplateMapping()
            for (name, element) in zip(fields.names, fields.values) {
                try mapping.set(.text(name), to: try self.value(element, depth: depth + 1))
            }
            return .mapping(mapping)
        }
    }

    init(_ literal: TemplateExpression.Literal) {
        switch literal {
        case .none: self = .none
        case .bool(let value): self = .bool(value)
        case .integer(let value): self = .integer(value)
        case .number(let value): self = .number(value)
        case .text(let value): self = .text(value)
        }
    }

    static let tooDeep = TemplateFailure("values are nested deeper than \(maximumDepth) levels")

    /// Containers within this one, itself included; 0 for what is none.
    var depth: Int {
        switch self {
        case .list(let list): list.depth
        case .mapping(let mapping): mapping.depth
        case .iterator(let iterator): iterator.depth
        case .loop(let loop): loop.depth
        case .function(.method(_, _, let receiver)): receiver.depth + 1
        default: 0
        }
    }

    var isUndefined: Bool { if case .undefined = self { true } else { false } }

    /// Whether the value counts as true.
    var isTrue: Bool {
        switch self {
        case .undefined, .none: false
        case .bool(let value): value
        case .integer(let value): value != 0
        case .number(let value): value != 0
        case .text(let text): !text.isEmpty
        case .list(let list): !list.elements.isEmpty
        case .mapping(let mapping): mapping.count > 0
        case .iterator, .namespace, .loop, .function: true
        }
    }

    /// The kind of value for messages.
    var kind: String {
        switch self {
        case .undefined: "an undefined value"
        case .none: "none"
        case .bool: "a boolean"
        case .integer, .number: "a number"
        case .text: "a string"
        case .list(let list): list.isTuple ? "a tuple" : "a list"
        case .mapping: "a mapping"
        case .iterator: "an iterator"
        case .namespace: "a namespace"
        case .loop: "'loop'"
        case .function: "a function"
        }
    }
}
