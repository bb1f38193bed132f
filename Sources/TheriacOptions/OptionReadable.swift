public import Foundation

/// A type that a setting can have.
public protocol OptionReadable: Sendable {
    /// Reads `value`, found at `path`. Throws ``OptionsError`` when it is of another kind.
    static func read(_ value: OptionValue, path: String, source: String) throws(OptionsError) -> Self
    /// The value as a recipe would give it.
    var option: OptionValue { get }
}

extension Bool: OptionReadable {
    public var option: OptionValue { .bool(self) }

    public static func read(_ value: OptionValue, path: String, source: String) throws(OptionsError) -> Bool {
        guard case .bool(let bool) = value else {
            throw .wrongKind(path: path, found: value.summary, expected: "true or false")
        }
        return bool
    }
}

extension Int: OptionReadable {
    public var option: OptionValue { .integer(self) }

    /// Whole numbers, also when written as `1e3` or `3.0`.
    public static func read(_ value: OptionValue, path: String, source: String) throws(OptionsError) -> Int {
        if case .integer(let integer) = value { return integer }
        if case .number(let number) = value, let integer = Int(exactly: number) { return integer }
        throw .wrongKind(path: path, found: value.summary, expected: "a whole number")
    }
}

extension UInt64: OptionReadable {
    public var option: OptionValue { .integer(Int(clamping: self)) }

    public static func read(_ value: OptionValue, path: String, source: String) throws(OptionsError) -> UInt64
    {
        guard let whole = UInt64(exactly: try Int.read(value, path: path, source: source)) else {
            throw .wrongKind(
                path: path, found: value.summary, expected: "a whole number that is not negative")
        }
        return whole
    }
}

extension Double: OptionReadable {
    public var option: OptionValue { .number(self) }

    public static func read(_ value: OptionValue, path: String, source: String) throws(OptionsError) -> Double
    {
        switch value {
        case .integer(let integer): return Double(integer)
        case .number(let number) where number.isFinite: return number
        default: throw .wrongKind(path: path, found: value.summary, expected: "a number")
        }
    }
}

extension Float: OptionReadable {
    public var option: OptionValue { .number(Double(self)) }

    public static func read(_ value: OptionValue, path: String, source: String) throws(OptionsError) -> Float
    {
        let float = Float(try Double.read(value, path: path, source: source))
        guard float.isFinite else { throw .wrongKind(path: path, found: value.summary, expected: "a number") }
        return float
    }
}

extension String: OptionReadable {
    public var option: OptionValue { .string(self) }

    public static func read(_ value: OptionValue, path: String, source: String) throws(OptionsError) -> String
    {
        guard case .string(let text) = value else {
            throw .wrongKind(path: path, found: value.summary, expected: "a text (put it in quotes)")
        }
        return text
    }
}

extension URL: OptionReadable {
    public var option: OptionValue { .string(path) }

    /// A file path; `~` stands for the home folder.
    public static func read(_ value: OptionValue, path: String, source: String) throws(OptionsError) -> URL {
        guard case .string(let text) = value, !text.isEmpty else {
            throw .wrongKind(path: path, found: value.summary, expected: "a path")
        }
        return URL(fileURLWithPath: NSString(string: text).expandingTildeInPath)
    }
}

extension OptionValue: OptionReadable {
    public var option: OptionValue { self }

    public static func read(
        _ value: OptionValue, path: String, source: String
    ) throws(OptionsError) -> OptionValue { value }
}

extension Array: OptionReadable where Element: OptionReadable {
    public var option: OptionValue { .list(map(\.option)) }

    /// A list; paths of its elements are `name[0]`, `name[1]`, …
    public static func read(_ value: OptionValue, path: String, source: String) throws(OptionsError)
        -> [Element]
    {
        guard case .list(let elements) = value else {
            throw .wrongKind(path: path, found: value.summary, expected: "a list")
        }
        var result: [Element] = []
        for (index, element) in elements.enumerated() {
            result.append(try Element.read(element, path: "\(path)[\(index)]", source: source))
        }
        return result
    }
}

extension Dictionary: OptionReadable where Key == String, Value: OptionReadable {
    public var option: OptionValue { .object(mapValues(\.option)) }

    /// A group whose names are free.
    public static func read(
        _ value: OptionValue, path: String, source: String
    ) throws(OptionsError) -> [String: Value] {
        guard case .object(let members) = value else {
            throw .wrongKind(path: path, found: value.summary, expected: "a group of options")
        }
        var result: [String: Value] = [:]
        for (name, member) in members.sorted(by: { $0.key < $1.key }) {
            result[name] = try Value.read(member, path: "\(path).\(name)", source: source)
        }
        return result
    }
}

extension Optional: OptionReadable where Wrapped: OptionReadable {
    public var option: OptionValue { self?.option ?? .null }

    /// A value, or null for none.
    public static func read(_ value: OptionValue, path: String, source: String) throws(OptionsError)
        -> Wrapped?
    {
        value == .null ? nil : try Wrapped.read(value, path: path, source: source)
    }
}

extension OptionReadable where Self: RawRepresentable & CaseIterable, RawValue == String {
    public var option: OptionValue { .string(rawValue) }

    /// One of the words of an enumeration.
    public static func read(_ value: OptionValue, path: String, source: String) throws(OptionsError) -> Self {
        let choices = allCases.map(\.rawValue)
        guard case .string(let word) = value else {
            throw .wrongKind(
                path: path, found: value.summary, expected: "one of \(choices.joined(separator: ", "))")
        }
        guard let choice = Self(rawValue: word) else {
            throw .unknownChoice(
                path: path, found: word, choices: choices, suggestion: nearestName(to: word, among: choices))
        }
        return choice
    }
}
