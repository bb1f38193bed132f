internal import NIOCore
internal import TheriacFiles

/// The members of a request's body while they are being read. It remembers which were asked for, so that ``finish()`` can
/// name those that nothing reads: a misspelt field must not pass for the default.
struct BodyFields {
    private let members: [String: JSONValue]
    private var known: Set<String> = []

    /// - Throws: ``OpenAIError``, `JSONError`.
    init(_ body: ByteBuffer) throws {
        let value = try body.withUnsafeReadableBytes { try JSONScanner.value(in: $0) }
        guard case .object(let members) = value else {
            throw OpenAIError.wrongType("body", expected: "an object")
        }
        self.members = members
    }

    init(_ members: [String: JSONValue]) { self.members = members }

    /// nil where the field is absent or null.
    mutating func value(_ name: String) -> JSONValue? {
        known.insert(name)
        guard let value = members[name], value != .null else { return nil }
        return value
    }

    mutating func text(_ name: String) throws(OpenAIError) -> String? {
        guard let value = value(name) else { return nil }
        guard let text = value.text else { throw .wrongType(name, expected: "a string") }
        return text
    }

    mutating func bool(_ name: String) throws(OpenAIError) -> Bool? {
        switch value(name) {
        case nil: return nil
        case .bool(let bool)?: return bool
        default: throw .wrongType(name, expected: "true or false")
        }
    }

    mutating func integer(_ name: String, in range: ClosedRange<Int>) throws(OpenAIError) -> Int? {
        guard let value = value(name) else { return nil }
        let whole: Int? =
            if case .integer(let integer) = value { integer } else {
                value.double.flatMap { Int(exactly: $0) }
            }
        guard let integer = whole else { throw .wrongType(name, expected: "a whole number") }
        guard range.contains(integer) else {
            throw .invalid(name, "It must be from \(range.lowerBound) to \(range.upperBound).")
        }
        return integer
    }

    mutating func number(_ name: String, in range: ClosedRange<Double>) throws(OpenAIError) -> Double? {
        guard let value = value(name) else { return nil }
        guard let number = value.double else { throw .wrongType(name, expected: "a number") }
        guard range.contains(number) else {
            throw .invalid(name, "It must be from \(range.lowerBound) to \(range.upperBound).")
        }
        return number
    }

    /// A list of token ids.
    mutating func tokens(_ name: String, vocabulary: Int) throws(OpenAIError) -> [Int32]? {
        guard let value = value(name) else { return nil }
        guard let list = value.elements else { throw .wrongType(name, expected: "a list of token ids") }
        return try list.tokens(name, vocabulary: vocabulary)
    }

    /// Refuses a field that is there, unless it says what happens anyway.
    mutating func refuse(_ name: String, unless harmless: [JSONValue] = []) throws(OpenAIError) {
        guard let value = value(name), !harmless.contains(value) else { return }
        throw OpenAIError(
            status: 400, message: "'\(name)' is not supported by this server.", parameter: name,
            code: "unsupported_parameter")
    }

    /// Fields that change nothing here.
    mutating func ignore(_ names: [String]) { known.formUnion(names) }

    /// - Throws: for a field that nothing has read.
    func finish() throws(OpenAIError) {
        guard let name = members.keys.sorted().first(where: { !known.contains($0) }) else { return }
        throw OpenAIError(
            status: 400, message: "Unrecognized request argument supplied: \(name.prefix(60))",
            parameter: String(name.prefix(60)), code: "unknown_parameter")
    }
}

extension [JSONValue] {
    /// Token ids.
    func tokens(_ name: String, vocabulary: Int) throws(OpenAIError) -> [Int32] {
        var tokens: [Int32] = []
        tokens.reserveCapacity(count)
        for element in self {
            guard case .integer(let id) = element else {
                throw .wrongType(name, expected: "a list of token ids")
            }
            guard (0..<vocabulary).contains(id) else {
                throw .invalid(name, "A token id must be from 0 to \(vocabulary - 1).")
            }
            tokens.append(Int32(id))
        }
        return tokens
    }
}

extension OpenAIError {
    static func invalid(_ field: String, _ reason: String) -> OpenAIError {
        OpenAIError(
            status: 400, message: "Invalid value for '\(field)'. \(reason)", parameter: field,
            code: "invalid_value")
    }
}
