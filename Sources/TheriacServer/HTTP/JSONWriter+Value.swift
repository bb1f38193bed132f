internal import TheriacFiles

extension JSONWriter {
    /// Any value, members in the order of their names.
    mutating func value(_ value: JSONValue) {
        switch value {
        case .null: raw("null")
        case .bool(let isTrue): bool(isTrue)
        case .integer(let number): integer(number)
        case .number(let number): raw(number.isFinite ? number.description : "null")
        case .string(let text): string(text)
        case .array(let elements):
            array { writer in for element in elements { writer.element { $0.value(element) } } }
        case .object(let members):
            object { writer in
                for (name, member) in members.sorted(by: { $0.key < $1.key }) {
                    writer.member(name) { $0.value(member) }
                }
            }
        }
    }
}

extension JSONValue {
    /// Compact.
    var bytes: [UInt8] {
        var writer = JSONWriter()
        writer.value(self)
        return writer.finish()
    }

    init(bytes: [UInt8]) throws {
        self = try bytes.withUnsafeBytes { try JSONScanner.value(in: $0) }
    }

    /// The members, when this is an object.
    var members: [String: JSONValue]? {
        if case .object(let members) = self { members } else { nil }
    }

    var isTrue: Bool { self == .bool(true) }

    var whole: Int? {
        if case .integer(let number) = self { number } else { nil }
    }
}

/// Puts a member into an object's JSON and leaves every other byte as it is.
enum JSONSplice {
    /// - Parameters:
    ///   - object: the JSON of an object, already checked, that has no such member.
    ///   - json: the member's value.
    static func adding(_ name: String, _ json: [UInt8], to object: [UInt8]) -> [UInt8] {
        guard let end = object.lastIndex(of: UInt8(ascii: "}")) else { return object }
        let isEmpty = object[..<end].last { !$0.isBlank } == UInt8(ascii: "{")
        let head = (isEmpty ? "" : ",") + "\"\(name)\":"
        return object[..<end] + Array(head.utf8) + json + object[end...]
    }
}

extension UInt8 {
    /// A blank between JSON's tokens.
    fileprivate var isBlank: Bool { self == 0x20 || self == 0x0A || self == 0x0D || self == 0x09 }
}
