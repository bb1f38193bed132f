/// Reading member by member, for those who know what they expect: keeps the order of members and builds no tree.
///
/// ```swift
/// var first = true
/// try scanner.beginObject()
/// while let key = try scanner.nextKey(&first) { … }
/// ```
extension JSONScanner {
    /// What the next value is, by its first byte.
    public enum Kind: Sendable { case object, array, string, number, bool, null, nothing }

    /// The bytes must outlive the scanner.
    public init(reading bytes: UnsafeRawBufferPointer) { self.init(bytes: bytes) }

    public mutating func nextKind() -> Kind {
        skipBlanks()
        switch peek() {
        case nil: return .nothing
        case UInt8(ascii: "{"): return .object
        case UInt8(ascii: "["): return .array
        case UInt8(ascii: "\""): return .string
        case UInt8(ascii: "t"), UInt8(ascii: "f"): return .bool
        case UInt8(ascii: "n"): return .null
        default: return .number
        }
    }

    public mutating func beginObject() throws(JSONError) { try open(UInt8(ascii: "{"), "an object") }

    public mutating func beginArray() throws(JSONError) { try open(UInt8(ascii: "["), "a list") }

    /// The next member's key, with the scanner before its value; nil behind the last. `first` is true before the first.
    public mutating func nextKey(_ first: inout Bool) throws(JSONError) -> String? {
        guard try next(UInt8(ascii: "}"), first: &first) else { return nil }
        skipBlanks()
        let key = try string()
        try colon()
        return key
    }

    /// Whether another element follows.
    public mutating func nextElement(_ first: inout Bool) throws(JSONError) -> Bool {
        try next(UInt8(ascii: "]"), first: &first)
    }

    public mutating func readValue() throws(JSONError) -> JSONValue { try value() }

    public mutating func readText() throws(JSONError) -> String {
        skipBlanks()
        return try string()
    }

    /// Checks a value and passes it.
    public mutating func skipValue() throws(JSONError) { try skip() }

    /// Nothing but blanks may follow.
    public mutating func finish() throws(JSONError) { try end() }
}
