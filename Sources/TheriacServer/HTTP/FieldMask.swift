/// Which fields of an answer the caller wants, as Google's `fields` parameter says it:
/// `attributeScores/TOXICITY/summaryScore,languages`, `attributeScores(TOXICITY,INSULT)`, `*`.
///
/// Lists are passed through: a mask names fields of their elements. Names that the answer lacks select nothing.
struct FieldMask: Sendable, Equatable {
    /// Wanted members, by name; empty with `isAll`.
    private var children: [String: FieldMask] = [:]
    private var isAll = false

    /// Everything.
    static let all = FieldMask(children: [:], isAll: true)

    private init(children: [String: FieldMask], isAll: Bool) {
        self.children = children
        self.isAll = isAll
    }

    /// - Returns: nil when `text` is no mask: names missing, or brackets that do not match.
    init?(_ text: String) {
        var reader = Reader(text: Array(text.utf8).filter { $0 != 0x20 })
        guard let mask = reader.list(depth: 0), reader.place == reader.text.count else { return nil }
        self = mask
    }

    /// The mask inside the member `name`; nil when it is not wanted.
    func child(_ name: String) -> FieldMask? {
        if isAll { return self }
        return children[name] ?? children["*"]
    }

    private mutating func add(_ path: ArraySlice<String>, _ last: FieldMask) {
        guard let name = path.first else {
            isAll = isAll || last.isAll
            for (name, child) in last.children { children[name, default: .none].add([], child) }
            return
        }
        children[name, default: .none].add(path.dropFirst(), last)
    }

    private static let none = FieldMask(children: [:], isAll: false)

    private struct Reader {
        let text: [UInt8]
        var place = 0

        mutating func list(depth: Int) -> FieldMask? {
            guard depth < 20 else { return nil }
            var mask = FieldMask.none
            while true {
                var path: [String] = []
                repeat {
                    guard let name = name() else { return nil }
                    path.append(name)
                } while take(UInt8(ascii: "/"))
                var last = FieldMask.all
                if take(UInt8(ascii: "(")) {
                    guard let inner = list(depth: depth + 1), take(UInt8(ascii: ")")) else { return nil }
                    last = inner
                }
                mask.add(path[...], last)
                guard take(UInt8(ascii: ",")) else { return mask }
            }
        }

        private mutating func name() -> String? {
            let start = place
            while place < text.count, !"/(),".utf8.contains(text[place]) { place += 1 }
            return place > start ? String(decoding: text[start..<place], as: UTF8.self) : nil
        }

        private mutating func take(_ byte: UInt8) -> Bool {
            guard place < text.count, text[place] == byte else { return false }
            place += 1
            return true
        }
    }
}
