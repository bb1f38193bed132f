/// Data that a chat template sees: what JSON can say, with the order of fields kept.
///
/// Templates print fields in the order they came in, so an ordinary dictionary will not do.
public enum ChatValue: Sendable, Equatable {
    case null, bool(Bool), integer(Int), number(Double), string(String), list([ChatValue])
    case object(ChatObject)

    /// Reads JSON text.
    ///
    /// - Throws: ``TokenizerError`` with the place where the text breaks the rules; `name` stands for it there.
    public init(json: String, name: String = "JSON") throws(TokenizerError) {
        self = try withBytes(of: Array(json.utf8), file: name) { (reader) throws(TokenizerError) in
            let value = try reader.chatValue()
            try reader.expectEnd()
            return value
        }
    }
}

/// Fields with names, in order. A name that comes twice keeps its first place and its last value, as in Python.
public struct ChatObject: Sendable {
    public private(set) var names: [String] = []
    public private(set) var values: [ChatValue] = []
    private var places: [TemplateText: Int] = [:]

    public init() {}

    public init(_ fields: some Sequence<(String, ChatValue)>) {
        for (name, value) in fields { self[name] = value }
    }

    public var isEmpty: Bool { names.isEmpty }

    /// The value of a field; nil where there is none. Setting nil takes the field away.
    public subscript(name: String) -> ChatValue? {
        get { places[TemplateText(name)].map { values[$0] } }
        set {
            let key = TemplateText(name)
            switch (places[key], newValue) {
            case (let place?, let value?): values[place] = value
            case (let place?, nil):
                names.remove(at: place)
                values.remove(at: place)
                places.removeAll(keepingCapacity: true)
                for (place, name) in names.enumerated() { places[TemplateText(name)] = place }
            case (nil, let value?):
                places[key] = names.count
                names.append(name)
                values.append(value)
            case (nil, nil): break
            }
        }
    }
}

extension ChatObject: Equatable {
    /// Equal names and values in equal order.
    public static func == (left: ChatObject, right: ChatObject) -> Bool {
        left.names.count == right.names.count && left.values == right.values
            && zip(left.names, right.names).allSatisfy { TemplateText($0) == TemplateText($1) }
    }
}

extension ChatObject: ExpressibleByDictionaryLiteral {
    public init(dictionaryLiteral elements: (String, ChatValue)...) { self.init(elements) }
}

extension ChatValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
    ExpressibleByBooleanLiteral, ExpressibleByNilLiteral, ExpressibleByArrayLiteral,
    ExpressibleByDictionaryLiteral
{
    public init(stringLiteral value: String) { self = .string(value) }
    public init(integerLiteral value: Int) { self = .integer(value) }
    public init(floatLiteral value: Double) { self = .number(value) }
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    public init(nilLiteral: ()) { self = .null }
    public init(arrayLiteral elements: ChatValue...) { self = .list(elements) }
    public init(dictionaryLiteral elements: (String, ChatValue)...) { self = .object(ChatObject(elements)) }
}

extension JSONReader {
    /// Reads any value and keeps the order of fields.
    mutating func chatValue() throws(TokenizerError) -> ChatValue {
        switch peek() {
        case UInt8(ascii: "{"):
            var fields = ChatObject()
            try object { (reader, key) throws(TokenizerError) in
                fields[String(decoding: key, as: UTF8.self)] = try reader.chatValue()
            }
            return .object(fields)
        case UInt8(ascii: "["):
            var elements: [ChatValue] = []
            try array { (reader) throws(TokenizerError) in elements.append(try reader.chatValue()) }
            return .list(elements)
        default:
            switch try value() {
            case .null, .list, .object: return .null
            case .bool(let value): return .bool(value)
            case .integer(let value): return .integer(value)
            case .number(let value): return .number(value)
            case .string(let value): return .string(value)
            }
        }
    }
}
