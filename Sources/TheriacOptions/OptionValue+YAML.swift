public import Foundation
import Yams

extension OptionValue {
    /// Reads a YAML file; JSON is YAML too.
    public init(yamlFile url: URL) throws(OptionsError) {
        guard let text = String(validating: try Self.contents(of: url), as: UTF8.self) else {
            throw .syntax(source: url.path, reason: "it is not UTF-8")
        }
        try self.init(yaml: text, source: url.path)
    }

    /// Reads YAML. `source` names it in errors.
    ///
    /// Plain words follow the YAML 1.2 core schema, not 1.1: only `true` and `false` are booleans (`yes`,
    /// `no`, `on` and `off` are words), `1e-3` is a number, `010` is ten, and dates stay text. Anchors and
    /// merge keys work; a key given twice is refused. An empty document is an empty object.
    public init(yaml: String, source: String) throws(OptionsError) {
        let root: Node?
        do {
            root = try Yams.compose(yaml: yaml, .basic)
        } catch let error as YamlError {
            throw .syntax(source: source, reason: Self.reason(error))
        } catch {
            throw .syntax(source: source, reason: "not valid YAML")
        }
        var budget = Self.maximumNodes
        self =
            try root.map { node throws(OptionsError) in
                try Self.value(of: node, source: source, depth: 0, budget: &budget)
            } ?? .object([:])
    }

    /// Reads the value of a flag such as `--set alpha=2.5` as a YAML scalar or flow value.
    public init(flag text: String, path: String) throws(OptionsError) {
        do {
            try self.init(yaml: text, source: path)
        } catch {
            self = .string(text)
        }
        if self == .object([:]), !text.contains("{") { self = .string(text) }
    }

    /// Guards against documents whose anchors unfold without end ("billion laughs").
    private static let maximumNodes = 100_000
    private static let maximumDepth = 100

    private static func value(
        of node: Node, source: String, depth: Int, budget: inout Int
    ) throws(OptionsError) -> OptionValue {
        budget -= 1
        guard budget > 0, depth < maximumDepth else {
            throw .syntax(source: source, reason: "it is too large or nested too deeply")
        }
        switch node {
        case .scalar(let scalar):
            return Self.scalar(scalar)
        case .sequence(let sequence):
            var elements: [OptionValue] = []
            for node in sequence {
                elements.append(try value(of: node, source: source, depth: depth + 1, budget: &budget))
            }
            return .list(elements)
        case .mapping(let mapping):
            return .object(try members(of: mapping, source: source, depth: depth, budget: &budget))
        case .alias:
            throw .syntax(source: source, reason: "an alias\(place(node.mark)) has no anchor")
        }
    }

    /// The members of a group; those merged in by `<<` yield to the group's own.
    private static func members(
        of mapping: Node.Mapping, source: String, depth: Int, budget: inout Int
    ) throws(OptionsError) -> [String: OptionValue] {
        var own: [String: OptionValue] = [:]
        var merged: [String: OptionValue] = [:]
        for (key, node) in mapping {
            guard let name = key.scalar else {
                throw .syntax(source: source, reason: "a key\(place(key.mark)) is not a word")
            }
            let value = try value(of: node, source: source, depth: depth + 1, budget: &budget)
            if name.string == "<<", name.style == .plain {
                try merge(value, into: &merged, at: key.mark, source: source)
            } else if own.updateValue(value, forKey: name.string) != nil {
                throw .syntax(
                    source: source, reason: "the key '\(name.string)'\(place(key.mark)) appears twice")
            }
        }
        return merged.merging(own) { _, own in own }
    }

    private static func merge(
        _ value: OptionValue, into merged: inout [String: OptionValue], at mark: Mark?, source: String
    ) throws(OptionsError) {
        var groups = [value]
        if case .list(let elements) = value { groups = elements }
        for group in groups {
            guard case .object(let members) = group else {
                throw .syntax(source: source, reason: "the merge key\(place(mark)) is not given a group")
            }
            merged.merge(members) { first, _ in first }  // of several, the first named wins
        }
    }

    private static func scalar(_ scalar: Node.Scalar) -> OptionValue {
        let text = scalar.string
        guard scalar.style == .plain else { return .string(text) }
        switch text {
        case "", "~", "null", "Null", "NULL": return .null
        case "true", "True", "TRUE": return .bool(true)
        case "false", "False", "FALSE": return .bool(false)
        case ".inf", ".Inf", ".INF", "+.inf": return .number(.infinity)
        case "-.inf", "-.Inf", "-.INF": return .number(-.infinity)
        case ".nan", ".NaN", ".NAN": return .number(.nan)
        default: break
        }
        guard let first = text.utf8.first, "+-.0123456789".utf8.contains(first) else { return .string(text) }
        if text.wholeMatch(of: /[-+]?[0-9]+/) != nil, let integer = Int(text) { return .integer(integer) }
        if text.wholeMatch(of: /[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?/) != nil,
            let number = number(text)
        {
            return .number(number)
        }
        if let match = text.wholeMatch(of: /0x([0-9a-fA-F]+)/), let integer = Int(match.1, radix: 16) {
            return .integer(integer)
        }
        return .string(text)
    }

    /// Swift reads neither `.5` nor `5.`, which YAML allows.
    private static func number(_ text: String) -> Double? {
        strtod(text, nil)
    }

    private static func reason(_ error: YamlError) -> String {
        switch error {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            "not valid YAML\(place(mark)): \(problem)"
        case .duplicatedKeysInMapping(let names, let context):
            "the key '\(names.first ?? "")'\(place(context.mark)) appears twice in one group"
        case .reader(let problem, let offset, _, _):
            "not valid YAML\(offset.map { " at byte \($0)" } ?? ""): \(problem)"
        default:
            "not valid YAML"
        }
    }

    private static func place(_ mark: Mark?) -> String {
        mark.map { " at line \($0.line), column \($0.column)" } ?? ""
    }
}
