/// Writes JSON straight into bytes, in the order it is told, compact or with two blanks a level.
///
/// With a ``FieldMask`` members it leaves out are not written; their closures are not run.
struct JSONWriter {
    private(set) var bytes: [UInt8] = []
    private let isPretty: Bool
    private var mask: FieldMask
    private var depth = 0
    /// Whether nothing stands yet inside the innermost brackets.
    private var isFirst = true

    init(pretty: Bool = false, mask: FieldMask = .all, capacity: Int = 512) {
        isPretty = pretty
        self.mask = mask
        bytes.reserveCapacity(capacity)
    }

    /// The finished document; a pretty one ends with a line end.
    consuming func finish() -> [UInt8] {
        if isPretty { bytes.append(UInt8(ascii: "\n")) }
        return bytes
    }

    mutating func object(_ body: (inout JSONWriter) throws -> Void) rethrows {
        try brackets(UInt8(ascii: "{"), UInt8(ascii: "}"), body)
    }

    mutating func array(_ body: (inout JSONWriter) throws -> Void) rethrows {
        try brackets(UInt8(ascii: "["), UInt8(ascii: "]"), body)
    }

    mutating func member(_ key: String, _ body: (inout JSONWriter) throws -> Void) rethrows {
        guard let inner = mask.child(key) else { return }
        separate()
        string(key)
        bytes.append(UInt8(ascii: ":"))
        if isPretty { bytes.append(UInt8(ascii: " ")) }
        let outer = mask
        mask = inner
        try body(&self)
        mask = outer
    }

    /// Before each element of a list.
    mutating func element(_ body: (inout JSONWriter) throws -> Void) rethrows {
        separate()
        try body(&self)
    }

    mutating func member(_ key: String, _ text: String) { member(key) { $0.string(text) } }

    mutating func member(_ key: String, _ number: Int) { member(key) { $0.integer(number) } }

    mutating func member(_ key: String, _ number: Float) { member(key) { $0.number(number) } }

    mutating func member(_ key: String, _ isTrue: Bool) { member(key) { $0.bool(isTrue) } }

    mutating func member(_ key: String, _ texts: [String]) {
        member(key) { writer in
            writer.array { writer in
                for text in texts { writer.element { $0.string(text) } }
            }
        }
    }

    mutating func memberNull(_ key: String) { member(key) { $0.raw("null") } }

    mutating func integer(_ number: Int) { raw(number.description) }

    mutating func bool(_ isTrue: Bool) { raw(isTrue ? "true" : "false") }

    /// The shortest text that reads back as the same single; null where JSON has no such number.
    mutating func number(_ number: Float) { raw(number.isFinite ? number.description : "null") }

    mutating func string(_ text: String) {
        bytes.append(UInt8(ascii: "\""))
        var text = text
        text.withUTF8 { utf8 in
            guard utf8.contains(where: { $0 < 0x20 || $0 == 0x22 || $0 == 0x5C }) else {
                bytes.append(contentsOf: utf8)
                return
            }
            for byte in utf8 { escape(byte) }
        }
        bytes.append(UInt8(ascii: "\""))
    }

    /// JSON as it stands.
    mutating func raw(_ json: String) { bytes.append(contentsOf: json.utf8) }

    private mutating func brackets(
        _ open: UInt8, _ close: UInt8, _ body: (inout JSONWriter) throws -> Void
    ) rethrows {
        bytes.append(open)
        depth += 1
        let wasFirst = isFirst
        isFirst = true
        try body(&self)
        depth -= 1
        if !isFirst { breakLine() }
        isFirst = wasFirst
        bytes.append(close)
    }

    private mutating func separate() {
        if !isFirst { bytes.append(UInt8(ascii: ",")) }
        isFirst = false
        breakLine()
    }

    private mutating func breakLine() {
        guard isPretty else { return }
        bytes.append(UInt8(ascii: "\n"))
        for _ in 0..<2 * depth { bytes.append(UInt8(ascii: " ")) }
    }

    private mutating func escape(_ byte: UInt8) {
        switch byte {
        case 0x22: raw("\\\"")
        case 0x5C: raw("\\\\")
        case 0x0A: raw("\\n")
        case 0x0D: raw("\\r")
        case 0x09: raw("\\t")
        case 0..<0x20: raw("\\u00" + (byte < 16 ? "0" : "") + String(byte, radix: 16))
        default: bytes.append(byte)
        }
    }
}
