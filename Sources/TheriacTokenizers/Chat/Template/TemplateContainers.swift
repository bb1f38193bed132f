/// A list or tuple. Templates never change one.
struct TemplateList {
    let elements: [TemplateValue]
    let isTuple: Bool
    let depth: Int

    init(_ elements: [TemplateValue], isTuple: Bool = false) throws {
        depth = 1 + elements.reduce(0) { max($0, $1.depth) }
        if depth > TemplateValue.maximumDepth { throw TemplateValue.tooDeep }
        (self.elements, self.isTuple) = (elements, isTuple)
    }
}

/// Elements that can be gone through once.
final class TemplateIterator {
    private var elements: ArraySlice<TemplateValue>
    let depth: Int

    init(_ list: TemplateList) { (elements, depth) = (list.elements[...], list.depth) }

    func takeAll() -> [TemplateValue] {
        defer { elements = [] }
        return Array(elements)
    }

    func takeFirst() -> TemplateValue? { elements.popFirst() }
}

/// Keys with values, in order.
struct TemplateMapping {
    private(set) var keys: [TemplateValue] = []
    private(set) var values: [TemplateValue] = []
    private var places: [Key: Int] = [:]
    private(set) var depth = 1

    var count: Int { keys.count }

    /// What makes keys equal: 1, 1.0 and true are one key, as in Python.
    private enum Key: Hashable {
        case none, integer(Int), number(Double), text(TemplateText), tuple([Key])

        init?(_ value: TemplateValue) {
            switch value {
            case .none: self = .none
            case .bool(let value): self = .integer(value ? 1 : 0)
            case .integer(let value): self = .integer(value)
            case .number(let value): self = Int(exactly: value).map { .integer($0) } ?? .number(value)
            case .text(let text): self = .text(text)
            case .list(let list) where list.isTuple:
                let keys = list.elements.compactMap(Key.init)
                guard keys.count == list.elements.count else { return nil }
                self = .tuple(keys)
            default: return nil
            }
        }
    }

    /// The value of a key; nil when there is none, or the key is of a kind that cannot be one.
    func value(of key: TemplateValue) -> TemplateValue? { Key(key).flatMap { places[$0] }.map { values[$0] } }

    func value(of name: String) -> TemplateValue? { places[.text(TemplateText(name))].map { values[$0] } }

    mutating func set(_ key: TemplateValue, to value: TemplateValue) throws {
        guard let place = Key(key) else { throw TemplateFailure("\(key.kind) cannot be a key") }
        depth = max(depth, value.depth + 1)
        if depth > TemplateValue.maximumDepth { throw TemplateValue.tooDeep }
        if let known = places[place] {
            values[known] = value
        } else {
            places[place] = keys.count
            keys.append(key)
            values.append(value)
        }
    }

    /// Pairs of key and value.
    func items() throws -> [TemplateValue] {
        try zip(keys, values).map { try .list([$0, $1], isTuple: true) }
    }
}

/// What `namespace()` makes: the only values that templates change.
final class TemplateNamespace {
    var values: [String: TemplateValue] = [:]
}

/// `loop` within a loop.
final class TemplateLoop {
    let elements: TemplateList
    /// From 0.
    var index = 0
    /// What `changed` was last called with.
    var watched: TemplateValue?
    var depth: Int { elements.depth + 1 }

    init(_ elements: TemplateList) { self.elements = elements }

    func value(of name: String) -> TemplateValue? {
        let count = elements.elements.count
        switch name {
        case "index": return .integer(index + 1)
        case "index0": return .integer(index)
        case "revindex": return .integer(count - index)
        case "revindex0": return .integer(count - index - 1)
        case "first": return .bool(index == 0)
        case "last": return .bool(index + 1 == count)
        case "length": return .integer(count)
        // Loops count as nested only when they call themselves, which none here does.
        case "depth": return .integer(1)
        case "depth0": return .integer(0)
        case "previtem":
            return index > 0
                ? elements.elements[index - 1] : .undefined(.other("there is no previous element"))
        case "nextitem":
            return index + 1 < count
                ? elements.elements[index + 1] : .undefined(.other("there is no next element"))
        default: return nil
        }
    }
}
