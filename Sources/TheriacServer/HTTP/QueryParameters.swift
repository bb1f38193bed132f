/// The parameters behind the question mark, read when asked for.
struct QueryParameters: Sendable {
    /// As it came, percent signs and all. It may hold a key: never log it.
    private let raw: Substring

    init(_ raw: Substring) { self.raw = raw }

    /// The first value of `name`, decoded; nil when it is absent.
    subscript(_ name: String) -> String? {
        guard !raw.isEmpty else { return nil }
        for pair in raw.utf8.split(separator: UInt8(ascii: "&")) {
            let end = pair.firstIndex(of: UInt8(ascii: "=")) ?? pair.endIndex
            guard Substring(pair[..<end]) == name || Self.decoded(Substring(pair[..<end])) == name else {
                continue
            }
            return end == pair.endIndex ? "" : Self.decoded(Substring(pair[pair.index(after: end)...]))
        }
        return nil
    }

    /// Undoes percent signs and, in a query, plus signs; what is no escape stays as it is.
    static func decoded(_ text: Substring, plus: Bool = true) -> String {
        guard text.utf8.contains(where: { $0 == UInt8(ascii: "%") || $0 == UInt8(ascii: "+") }) else {
            return String(text)
        }
        let bytes = Array(text.utf8)
        var output: [UInt8] = []
        var place = 0
        while place < bytes.count {
            if bytes[place] == UInt8(ascii: "%"), place + 2 < bytes.count,
                let high = digit(bytes[place + 1]), let low = digit(bytes[place + 2])
            {
                output.append(high << 4 | low)
                place += 3
                continue
            }
            output.append(plus && bytes[place] == UInt8(ascii: "+") ? 0x20 : bytes[place])
            place += 1
        }
        return String(decoding: output, as: UTF8.self)
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x41...0x46: byte - 0x41 + 10
        case 0x61...0x66: byte - 0x61 + 10
        default: nil
        }
    }
}
