/// A settings value of any shape, wherever it came from: a recipe, a JSON file, a flag, a request.
public enum OptionValue: Sendable, Equatable {
    case null
    case bool(Bool)
    case integer(Int)
    case number(Double)
    case string(String)
    case list([OptionValue])
    case object([String: OptionValue])

    /// What this is, for messages: `12`, `'greedy'`, `a list`. Long strings are shortened.
    public var summary: String {
        switch self {
        case .null: "empty"
        case .bool(let bool): "\(bool)"
        case .integer(let integer): "\(integer)"
        case .number(let number): "\(number)"
        case .string(let text): "'\(text.count > 60 ? text.prefix(57) + "…" : text[...])'"
        case .list: "a list"
        case .object: "a group of options"
        }
    }

    /// This value with `override` laid over it: groups are merged key by key, anything else is replaced.
    public func merging(_ override: OptionValue) -> OptionValue {
        guard case .object(var members) = self, case .object(let others) = override else { return override }
        for (name, value) in others {
            members[name] = members[name].map { $0.merging(value) } ?? value
        }
        return .object(members)
    }
}

extension OptionValue: Codable {
    /// Reads any JSON value. Numbers with the value of a whole number become `integer`.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let text = try? container.decode(String.self) {
            self = .string(text)
        } else if let integer = try? container.decode(Int.self) {
            self = .integer(integer)
        } else if let number = try? container.decode(Double.self) {
            self = .number(number)
        } else if let bool = try? container.decode(Bool.self) {
            self = .bool(bool)
        } else if let elements = try? container.decode([OptionValue].self) {
            self = .list(elements)
        } else {
            self = .object(try container.decode([String: OptionValue].self))
        }
    }

    /// Writes plain JSON.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .null: try container.encodeNil()
        case .bool(let bool): try container.encode(bool)
        case .integer(let integer): try container.encode(integer)
        case .number(let number): try container.encode(number)
        case .string(let text): try container.encode(text)
        case .list(let elements): try container.encode(elements)
        case .object(let members): try container.encode(members)
        }
    }
}
