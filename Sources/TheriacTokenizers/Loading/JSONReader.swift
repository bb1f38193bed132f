/// Reads JSON in one pass over its bytes, value by value.
///
/// A tokenizer holds some 150 000 small strings; reading them into a tree of objects first takes ten times as
/// long.
struct JSONReader {
    let bytes: UnsafeBufferPointer<UInt8>
    /// The file's name, for messages.
    let file: String
    private(set) var position = 0
    private var depth = 0

    /// Deeper nesting is refused, so that a hostile file cannot exhaust the stack.
    static let maximumDepth = 64

    init(_ bytes: UnsafeBufferPointer<UInt8>, file: String) {
        self.bytes = bytes
        self.file = file
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
    }

    /// The next byte that is not white space, without taking it; 0 at the end.
    mutating func peek() -> UInt8 {
        while position < bytes.count {
            let byte = bytes[position]
            if byte != 0x20 && byte != 0x0A && byte != 0x0D && byte != 0x09 { return byte }
            position += 1
        }
        return 0
    }

    func fail(_ reason: String) -> TokenizerError {
        .malformed(file: file, byte: position, reason: reason)
    }

    mutating func expectEnd() throws(TokenizerError) {
        if peek() != 0 || position < bytes.count { throw fail("text after the end of the JSON value") }
    }

    /// Reads `{…}`: `field` is called after each key and must read its value.
    mutating func object(
        _ field: (_ reader: inout JSONReader, _ key: [UInt8]) throws(TokenizerError) -> Void
    ) throws(TokenizerError) {
        try open("{")
        var key: [UInt8] = []
        var isFirst = true
        while try !closes("}", isFirst: isFirst) {
            isFirst = false
            key.removeAll(keepingCapacity: true)
            try string(into: &key)
            guard peek() == UInt8(ascii: ":") else { throw fail("expected ':'") }
            position += 1
            try field(&self, key)
        }
    }

    /// Reads `[…]`: `element` must read one value each time.
    mutating func array(_ element: (_ reader: inout JSONReader) throws(TokenizerError) -> Void)
        throws(TokenizerError)
    {
        try open("[")
        var isFirst = true
        while try !closes("]", isFirst: isFirst) {
            isFirst = false
            try element(&self)
        }
    }

    /// Reads a string and appends its UTF-8.
    mutating func string(into output: inout [UInt8]) throws(TokenizerError) {
        guard peek() == UInt8(ascii: "\"") else { throw fail("expected a string") }
        position += 1
        while position < bytes.count {
            let start = position
            while position < bytes.count, bytes[position] != 0x22, bytes[position] != 0x5C,
                bytes[position] >= 0x20
            {
                position += 1
            }
            output.append(contentsOf: UnsafeBufferPointer(rebasing: bytes[start..<position]))
            guard position < bytes.count else { break }
            switch bytes[position] {
            case 0x22:
                position += 1
                return
            case 0x5C: try escape(into: &output)
            default: throw fail("a control character within a string")
            }
        }
        throw fail("the file ends within a string")
    }

    /// Reads a number that must be whole and fit an `Int`.
    mutating func integer() throws(TokenizerError) -> Int {
        guard case .integer(let value) = try number() else { throw fail("expected a whole number") }
        return value
    }

    mutating func number() throws(TokenizerError) -> JSONValue {
        _ = peek()
        let start = position
        while position < bytes.count, "+-.0123456789eE".utf8.contains(bytes[position]) { position += 1 }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        if let value = Int(text) { return .integer(value) }
        guard let value = Double(text), value.isFinite else { throw fail("expected a number") }
        return .number(value)
    }

    /// Reads a number as the reference does, which is not always the nearest one: digits as a whole number,
    /// as many as 64 bits hold, then one multiplication or division. Scores of equal sums depend on it.
    mutating func referenceNumber() throws(TokenizerError) -> Double {
        _ = peek()
        let start = position
        let exact =
            switch try number() {
            case .integer(let value): Double(value)
            case .number(let value): value
            default: 0.0
            }
        var (significand, exponent, written): (UInt64, Int, Int) = (0, 0, 0)
        var (isAfterPoint, isFull) = (false, false)
        var index = start
        loop: while index < position {
            let byte = bytes[index]
            index += 1
            switch byte {
            case 0x2E: isAfterPoint = true
            case 0x45, 0x65:
                written = Int(String(decoding: bytes[index..<position], as: UTF8.self)) ?? 0
                break loop
            case 0x30...0x39:
                let (tens, overflow) = significand.multipliedReportingOverflow(by: 10)
                let (sum, carry) = tens.addingReportingOverflow(UInt64(byte - 0x30))
                if isFull || overflow || carry {
                    isFull = true
                    exponent += isAfterPoint ? 0 : 1
                } else {
                    significand = sum
                    exponent -= isAfterPoint ? 1 : 0
                }
            default: break
            }
        }
        exponent += written
        guard abs(exponent) <= 308, let power = Double("1e\(abs(exponent))") else { return exact }
        let value = exponent < 0 ? Double(significand) / power : Double(significand) * power
        return exact < 0 ? -value : value
    }

    /// Reads any value.
    mutating func value() throws(TokenizerError) -> JSONValue {
        switch peek() {
        case UInt8(ascii: "{"):
            var fields: [String: JSONValue] = [:]
            try object { (reader, key) throws(TokenizerError) in
                fields[String(decoding: key, as: UTF8.self)] = try reader.value()
            }
            return .object(fields)
        case UInt8(ascii: "["):
            var elements: [JSONValue] = []
            try array { (reader) throws(TokenizerError) in elements.append(try reader.value()) }
            return .list(elements)
        case UInt8(ascii: "\""):
            var text: [UInt8] = []
            try string(into: &text)
            return .string(String(decoding: text, as: UTF8.self))
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        case 0: throw fail("the file ends where a value should be")
        default: return try number()
        }
    }

    /// Passes over any value and says where it was.
    mutating func skip() throws(TokenizerError) -> Range<Int> {
        switch peek() {
        case UInt8(ascii: "{"):
            let start = position
            try object { (reader, _) throws(TokenizerError) in _ = try reader.skip() }
            return start..<position
        case UInt8(ascii: "["):
            let start = position
            try array { (reader) throws(TokenizerError) in _ = try reader.skip() }
            return start..<position
        default:
            let start = position
            _ = try value()
            return start..<position
        }
    }

    /// A reader at an earlier place.
    func at(_ position: Int) -> JSONReader {
        var reader = self
        (reader.position, reader.depth) = (position, 0)
        return reader
    }

    private mutating func open(_ bracket: Unicode.Scalar) throws(TokenizerError) {
        guard peek() == UInt8(ascii: bracket) else { throw fail("expected '\(bracket)'") }
        depth += 1
        if depth > Self.maximumDepth { throw fail("nested deeper than \(Self.maximumDepth) levels") }
        position += 1
    }

    /// Takes the closing bracket, or the comma before the next element.
    private mutating func closes(_ bracket: Unicode.Scalar, isFirst: Bool) throws(TokenizerError) -> Bool {
        let next = peek()
        if next == UInt8(ascii: bracket) {
            depth -= 1
            position += 1
            return true
        }
        if isFirst { return false }
        guard next == UInt8(ascii: ",") else { throw fail("expected ',' or '\(bracket)'") }
        position += 1
        return false
    }

    private mutating func word(_ word: StaticString, _ value: JSONValue) throws(TokenizerError) -> JSONValue {
        let expected = UnsafeBufferPointer(start: word.utf8Start, count: word.utf8CodeUnitCount)
        guard bytes[position...].starts(with: expected) else { throw fail("expected \(word)") }
        position += expected.count
        return value
    }

    private mutating func escape(into output: inout [UInt8]) throws(TokenizerError) {
        guard position + 1 < bytes.count else { throw fail("the file ends within a string") }
        let kind = bytes[position + 1]
        position += 2
        switch kind {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): output.append(kind)
        case UInt8(ascii: "b"): output.append(0x08)
        case UInt8(ascii: "f"): output.append(0x0C)
        case UInt8(ascii: "n"): output.append(0x0A)
        case UInt8(ascii: "r"): output.append(0x0D)
        case UInt8(ascii: "t"): output.append(0x09)
        case UInt8(ascii: "u"):
            var value = try hexadecimal()
            if value & 0xFC00 == 0xD800, bytes[position...].starts(with: [0x5C, UInt8(ascii: "u")]) {
                position += 2
                let low = try hexadecimal()
                guard low & 0xFC00 == 0xDC00 else { throw fail("half of a surrogate pair") }
                value = 0x10000 + (value & 0x3FF) << 10 + low & 0x3FF
            }
            guard let scalar = Unicode.Scalar(value) else { throw fail("half of a surrogate pair") }
            output.append(contentsOf: UTF8.encode(scalar).unsafelyUnwrapped)
        default: throw fail("an unknown escape in a string")
        }
    }

    private mutating func hexadecimal() throws(TokenizerError) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard position < bytes.count, let digit = Character(Unicode.Scalar(bytes[position])).hexDigitValue
            else {
                throw fail("expected four hexadecimal digits")
            }
            value = value << 4 | UInt32(digit)
            position += 1
        }
        return value
    }
}
