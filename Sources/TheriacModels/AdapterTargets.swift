internal import Foundation

/// Which layers an adapter changes, by PEFT's rules.
///
/// Source: `check_target_module_exists` and `get_pattern_key` of peft 0.21.
struct AdapterTargets {
    enum Names {
        /// Ends of paths, or whole paths.
        case ends([String])
        /// A pattern for whole paths.
        case pattern(PathPattern)
        /// Every linear layer but the head.
        case all
    }

    var names: Names
    /// Numbers of the layers to change; nil is all. Counts for ``Names/ends(_:)`` only, and not for whole paths.
    var layers: [Int]?
    /// Names of the list of layers in a path; empty means whatever comes before the first number.
    var layerLists: [PathPattern] = []
    var excluded: Names?

    /// Whether the names alone say which layers.
    var isPlain: Bool {
        guard case .ends = names else { return false }
        return layers == nil && excluded == nil
    }

    func matches(_ path: String) -> Bool {
        if let excluded, Self.matches(excluded, path) { return false }
        guard Self.matches(names, path) else { return false }
        guard let layers, case .ends(let ends) = names, !ends.contains(path) else { return true }
        return layerNumber(of: path).map(layers.contains) ?? false
    }

    private static func matches(_ names: Names, _ path: String) -> Bool {
        switch names {
        case .ends(let ends): ends.contains { path == $0 || path.hasSuffix("." + $0) }
        case .pattern(let pattern): pattern.matches(path)
        case .all: true
        }
    }

    private func layerNumber(of path: String) -> Int? {
        for list in layerLists {
            if let number = list.number(after: path) { return number }
        }
        return nil
    }
}

/// A pattern of an adapter's configuration. Patterns are Python's, which agree with ICU's in what paths need.
struct PathPattern {
    private let expression: NSRegularExpression

    /// - Parameter field: the field of `adapter_config.json`, for the message.
    init(_ text: String, field: String) throws {
        guard let expression = try? NSRegularExpression(pattern: text) else {
            throw ModelError.adapterMismatch("\(field) of adapter_config.json holds an invalid pattern")
        }
        self.expression = expression
    }

    func matches(_ path: String) -> Bool { first(path) != nil }

    /// The number that the pattern's first group catches.
    func number(after path: String) -> Int? {
        guard let match = first(path), match.numberOfRanges > 1,
            let range = Range(match.range(at: 1), in: path)
        else {
            return nil
        }
        return Int(path[range])
    }

    private func first(_ path: String) -> NSTextCheckingResult? {
        expression.firstMatch(in: path, range: NSRange(path.startIndex..., in: path))
    }
}

extension PathPattern {
    /// The value of the first key, in the sorted order in which peft writes and reads them, that matches the end of the
    /// path, from the start of one of its segments on.
    static func value<Value>(in table: [String: Value], for path: String, field: String) throws -> Value? {
        for (key, value) in table.sorted(by: { $0.key < $1.key }) {
            if try PathPattern("^(?:.*\\.)?(?:\(key))$", field: field).matches(path) { return value }
        }
        return nil
    }
}
