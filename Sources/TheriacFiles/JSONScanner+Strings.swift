extension JSONScanner {
    /// The raw bytes of a key and the colon after it. A key with escapes is returned as written, escapes
    /// and all.
    mutating func keyBytes() throws(JSONError) -> UnsafeRawBufferPointer {
        skipBlanks()
        let start = position + 1
        _ = try stringEnd()
        let key = UnsafeRawBufferPointer(rebasing: bytes[start..<(position - 1)])
        try colon()
        return key
    }

    mutating func string() throws(JSONError) -> String {
        let start = position + 1
        let hasEscapes = try stringEnd()
        let body = UnsafeRawBufferPointer(rebasing: bytes[start..<(position - 1)])
        guard hasEscapes else {
            guard let text = String(validating: body, as: UTF8.self) else {
                throw JSONError(offset: start, reason: "a string is not UTF-8")
            }
            return text
        }
        return try unescape(body, at: start)
    }

    /// Moves behind the closing quote and says whether there are escapes on the way.
    private mutating func stringEnd() throws(JSONError) -> Bool {
        guard peek() == UInt8(ascii: "\"") else { throw failure("a string is expected") }
        position += 1
        var hasEscapes = false
        while position < bytes.count {
            let byte = bytes[position]
            position += 1
            if byte == UInt8(ascii: "\"") { return hasEscapes }
            if byte < 0x20 { throw failure("a string holds a bare control character") }
            if byte == UInt8(ascii: "\\") {
                hasEscapes = true
                position += 1
            }
        }
        throw failure("it ends inside a string")
    }

    private func unescape(_ body: UnsafeRawBufferPointer, at start: Int) throws(JSONError) -> String {
        var output: [UInt8] = []
        output.reserveCapacity(body.count)
        var index = 0
        while index < body.count {
            guard body[index] == UInt8(ascii: "\\") else {
                output.append(body[index])
                index += 1
                continue
            }
            let escape = start + index
            index += 2
            switch body[index - 1] {
            case UInt8(ascii: "\""): output.append(0x22)
            case UInt8(ascii: "\\"): output.append(0x5C)
            case UInt8(ascii: "/"): output.append(0x2F)
            case UInt8(ascii: "b"): output.append(0x08)
            case UInt8(ascii: "f"): output.append(0x0C)
            case UInt8(ascii: "n"): output.append(0x0A)
            case UInt8(ascii: "r"): output.append(0x0D)
            case UInt8(ascii: "t"): output.append(0x09)
            case UInt8(ascii: "u"):
                guard let scalar = Self.scalar(body, at: &index) else {
                    throw JSONError(offset: escape, reason: "a \\u escape is not a character")
                }
                output.append(contentsOf: Character(scalar).utf8)
            default:
                throw JSONError(offset: escape, reason: "there is an unknown escape")
            }
        }
        guard let text = String(validating: output, as: UTF8.self) else {
            throw JSONError(offset: start, reason: "a string is not UTF-8")
        }
        return text
    }

    /// The character of a `\u` escape whose digits begin at `index`, with its second half when it has one.
    private static func scalar(_ body: UnsafeRawBufferPointer, at index: inout Int) -> Unicode.Scalar? {
        guard let first = fourDigits(body, at: index) else { return nil }
        index += 4
        guard first >= 0xD800, first < 0xDC00 else { return Unicode.Scalar(first) }
        guard index + 6 <= body.count, body[index] == UInt8(ascii: "\\"),
            body[index + 1] == UInt8(ascii: "u"),
            let second = fourDigits(body, at: index + 2), second >= 0xDC00, second < 0xE000
        else { return nil }
        index += 6
        return Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
    }

    private static func fourDigits(_ body: UnsafeRawBufferPointer, at index: Int) -> UInt32? {
        guard index + 4 <= body.count else { return nil }
        var value: UInt32 = 0
        for byte in body[index..<(index + 4)] {
            guard let digit = Character(Unicode.Scalar(byte)).hexDigitValue, byte < 0x80 else { return nil }
            value = value << 4 | UInt32(digit)
        }
        return value
    }
}
