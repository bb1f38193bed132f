/// A small JSON value, read whole.
enum JSONValue: Equatable {
    case null, bool(Bool), integer(Int), number(Double), string(String), list([JSONValue])
    case object([String: JSONValue])
}

/// A value with its place, so that messages can name it.
struct JSONNode {
    let value: JSONValue
    let file: String
    let path: String

    var isNull: Bool { value == .null }

    /// A field of an object; null when it is absent.
    func field(_ name: String) throws(TokenizerError) -> JSONNode {
        guard case .object(let fields) = value else { throw wrongType("an object") }
        return JSONNode(
            value: fields[name] ?? .null, file: file, path: path.isEmpty ? name : "\(path).\(name)")
    }

    /// The elements of a list; none when it is absent.
    func elements() throws(TokenizerError) -> [JSONNode] {
        switch value {
        case .null: return []
        case .list(let elements):
            return elements.enumerated().map { JSONNode(value: $1, file: file, path: "\(path)[\($0)]") }
        default: throw wrongType("a list")
        }
    }

    func bool(default absent: Bool) throws(TokenizerError) -> Bool {
        switch value {
        case .null: return absent
        case .bool(let value): return value
        default: throw wrongType("true or false")
        }
    }

    func optionalString() throws(TokenizerError) -> String? {
        switch value {
        case .null: return nil
        case .string(let value): return value
        default: throw wrongType("a string")
        }
    }

    func string() throws(TokenizerError) -> String {
        guard let value = try optionalString() else { throw wrongType("a string") }
        return value
    }

    func integer() throws(TokenizerError) -> Int {
        guard case .integer(let value) = value else { throw wrongType("a whole number") }
        return value
    }

    func wrongType(_ expected: String) -> TokenizerError {
        let found =
            switch value {
            case .null: "is missing or null"
            case .bool: "is true or false"
            case .integer, .number: "is a number"
            case .string: "is a string"
            case .list: "is a list"
            case .object: "is an object"
            }
        return .invalidField(file: file, field: path, reason: "\(found), but must be \(expected)")
    }

    func unsupported(_ value: String, _ supported: [String]) -> TokenizerError {
        .unsupported(file: file, field: path, value: value, supported: supported)
    }
}
