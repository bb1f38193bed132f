import Foundation

/// Reads JSON (RFC 8259) from bytes, strictly: a key given twice, an unpaired surrogate, a control
/// character in a string or anything after the value is an error. Deep nesting is refused instead of
/// exhausting the stack.
public struct JSONScanner {
    let bytes: UnsafeRawBufferPointer
    var position = 0
    private var depth = 0
    private static let maximumDepth = 200

    /// Reads the one value in `bytes`, with blanks around it allowed.
    /// - Throws: ``JSONError`` with the byte offset; never the text itself.
    public static func value(in bytes: UnsafeRawBufferPointer) throws(JSONError) -> JSONValue {
        var scanner = JSONScanner(bytes: bytes)
        let value = try scanner.value()
        try scanner.end()
        return value
    }

    /// Reads the object in `bytes` and keeps the members named in `names`; the others are checked and
    /// skipped. The result has one place for each name, nil where the object has no such member.
    public static func members(
        _ names: [String], in bytes: UnsafeRawBufferPointer
    ) throws(JSONError) -> [JSONValue?] {
        var scanner = JSONScanner(bytes: bytes)
        var found = [JSONValue?](repeating: nil, count: names.count)
        try scanner.open(UInt8(ascii: "{"), "an object")
        var first = true
        while try scanner.next(UInt8(ascii: "}"), first: &first) {
            let key = try scanner.keyBytes()
            let index = names.firstIndex { key.elementsEqual($0.utf8) }
            guard let index else {
                try scanner.skip()
                continue
            }
            guard found[index] == nil else {
                throw scanner.failure("the key '\(names[index])' appears twice")
            }
            found[index] = try scanner.value()
        }
        try scanner.end()
        return found
    }

    init(bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
    }

    // MARK: Values

    mutating func value() throws(JSONError) -> JSONValue {
        skipBlanks()
        guard position < bytes.count else { throw failure("it ends where a value should begin") }
        switch bytes[position] {
        case UInt8(ascii: "{"): return .object(try object())
        case UInt8(ascii: "["): return .array(try array())
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return .bool(try word("true", is: true))
        case UInt8(ascii: "f"): return .bool(try word("false", is: false))
        case UInt8(ascii: "n"): return try word("null", is: .null)
        default: return try number()
        }
    }

    private mutating func object() throws(JSONError) -> [String: JSONValue] {
        var members: [String: JSONValue] = [:]
        try open(UInt8(ascii: "{"), "an object")
        var first = true
        while try next(UInt8(ascii: "}"), first: &first) {
            skipBlanks()
            let start = position
            let key = try string()
            try colon()
            guard members.updateValue(try value(), forKey: key) == nil else {
                throw JSONError(offset: start, reason: "a key appears twice in one object")
            }
        }
        return members
    }

    private mutating func array() throws(JSONError) -> [JSONValue] {
        var elements: [JSONValue] = []
        try open(UInt8(ascii: "["), "a list")
        var first = true
        while try next(UInt8(ascii: "]"), first: &first) {
            elements.append(try value())
        }
        return elements
    }

    /// Checks a value without building it.
    mutating func skip() throws(JSONError) {
        skipBlanks()
        guard position < bytes.count else { throw failure("it ends where a value should begin") }
        switch bytes[position] {
        case UInt8(ascii: "{"):
            try open(UInt8(ascii: "{"), "an object")
            var first = true
            while try next(UInt8(ascii: "}"), first: &first) {
                _ = try keyBytes()
                try skip()
            }
        case UInt8(ascii: "["):
            try open(UInt8(ascii: "["), "a list")
            var first = true
            while try next(UInt8(ascii: "]"), first: &first) { try skip() }
        default:
            _ = try value()
        }
    }

    // MARK: Punctuation

    mutating func open(_ bracket: UInt8, _ what: String) throws(JSONError) {
        skipBlanks()
        guard position < bytes.count, bytes[position] == bracket else { throw failure("\(what) is expected") }
        position += 1
        depth += 1
        guard depth <= Self.maximumDepth else { throw failure("it is nested too deeply") }
    }

    /// Whether another member follows; consumes the comma before it, or the closing bracket.
    mutating func next(_ close: UInt8, first: inout Bool) throws(JSONError) -> Bool {
        skipBlanks()
        defer { first = false }
        guard position < bytes.count else { throw failure("it ends inside brackets") }
        if bytes[position] == close {
            position += 1
            depth -= 1
            return false
        }
        if first { return true }
        guard bytes[position] == UInt8(ascii: ",") else { throw failure("a comma is missing") }
        position += 1
        return true
    }

    mutating func colon() throws(JSONError) {
        skipBlanks()
        guard position < bytes.count, bytes[position] == UInt8(ascii: ":") else {
            throw failure("a colon is missing")
        }
        position += 1
    }

    mutating func end() throws(JSONError) {
        skipBlanks()
        guard position == bytes.count else { throw failure("something follows the value") }
    }

    mutating func skipBlanks() {
        while position < bytes.count {
            switch bytes[position] {
            case 0x20, 0x09, 0x0A, 0x0D: position += 1
            default: return
            }
        }
    }

    private mutating func word<Result>(_ word: StaticString, is result: Result) throws(JSONError) -> Result {
        let count = word.utf8CodeUnitCount
        guard bytes.count - position >= count, let base = bytes.baseAddress,
            memcmp(base + position, word.utf8Start, count) == 0
        else { throw failure("there is an unknown word") }
        position += count
        return result
    }

    func failure(_ reason: String) -> JSONError {
        JSONError(offset: position, reason: reason)
    }
}

// MARK: Numbers

extension JSONScanner {
    private mutating func number() throws(JSONError) -> JSONValue {
        let start = position
        var isInteger = true
        if peek() == UInt8(ascii: "-") { position += 1 }
        if peek() == UInt8(ascii: "0") { position += 1 } else { try digits() }
        if peek() == UInt8(ascii: ".") {
            isInteger = false
            position += 1
            try digits()
        }
        if peek() == UInt8(ascii: "e") || peek() == UInt8(ascii: "E") {
            isInteger = false
            position += 1
            if peek() == UInt8(ascii: "+") || peek() == UInt8(ascii: "-") { position += 1 }
            try digits()
        }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        if isInteger, let integer = Int(text) { return .integer(integer) }
        guard let double = Double(text), double.isFinite else { throw failure("a number is out of range") }
        return .number(double)
    }

    private mutating func digits() throws(JSONError) {
        let start = position
        while let byte = peek(), byte >= 0x30, byte <= 0x39 { position += 1 }
        guard position > start else { throw failure("a value is expected here") }
    }

    func peek() -> UInt8? {
        position < bytes.count ? bytes[position] : nil
    }
}
