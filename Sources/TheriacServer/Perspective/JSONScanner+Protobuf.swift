internal import TheriacFiles

/// Reading as protobuf's JSON mapping allows: null is absent, numbers and truth values may be written as texts.
/// One leniency is ours: a text may be written as a number, because old scripts send `sessionId` so.
extension JSONScanner {
    /// Reads an object, or null, and hands each key to `member`, which returns false for one it does not know.
    mutating func message(
        _ path: String, _ member: (inout JSONScanner, String) throws -> Bool
    ) throws {
        switch nextKind() {
        case .null: _ = passNull()
        case .object:
            try beginObject()
            var first = true
            while let key = try nextKey(&first) {
                guard try member(&self, key) else { throw PerspectiveError.unknownField(key, in: path) }
            }
        case .nothing: try beginObject()
        default:
            throw path.isEmpty
                ? PerspectiveError.payload("Invalid JSON payload received. Root element must be a message.")
                : PerspectiveError.wrongKind(path, expected: "TYPE_MESSAGE")
        }
    }

    /// Passes null; for use as a statement's value, always true.
    mutating func passNull() -> Bool {
        _ = try? skipValue()
        return true
    }

    mutating func protoText(_ path: String) throws -> String? {
        switch nextKind() {
        case .string: return try readText()
        case .null: return passNull() ? nil : nil
        case .number:
            switch try readValue() {
            case .integer(let integer): return "\(integer)"
            case .number(let number): return "\(number)"
            default: return nil
            }
        default: throw PerspectiveError.wrongKind(path, expected: "TYPE_STRING")
        }
    }

    mutating func protoBool(_ path: String) throws -> Bool {
        switch try readValue() {
        case .bool(let isTrue): return isTrue
        case .null, .string("false"): return false
        case .string("true"): return true
        default: throw PerspectiveError.wrongKind(path, expected: "TYPE_BOOL")
        }
    }

    mutating func protoFloat(_ path: String) throws -> Float? {
        let value = try readValue()
        if value == .null { return nil }
        if let number = value.double ?? value.text.flatMap(Double.init), number.isFinite {
            return Float(number)
        }
        throw PerspectiveError.wrongKind(path, expected: "TYPE_FLOAT")
    }

    mutating func protoInteger(_ path: String) throws -> Int? {
        let value = try readValue()
        if value == .null { return nil }
        if case .integer(let integer) = value { return integer }
        if let number = value.double ?? value.text.flatMap(Double.init), let whole = Int(exactly: number) {
            return whole
        }
        throw PerspectiveError.wrongKind(path, expected: "TYPE_INT32")
    }

    /// A list of at most a thousand texts; a single one counts as a list of one.
    mutating func protoTexts(_ path: String) throws -> [String] {
        guard nextKind() == .array else { return try protoText(path).map { [$0] } ?? [] }
        try beginArray()
        var texts: [String] = []
        var first = true
        while try nextElement(&first) {
            guard texts.count < 1000 else {
                throw PerspectiveError.payload("Too many elements at '\(path)'", field: path)
            }
            if let text = try protoText("\(path)[\(texts.count)]") { texts.append(text) }
        }
        return texts
    }
}
