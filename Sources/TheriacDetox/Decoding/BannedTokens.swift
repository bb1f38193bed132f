internal import Foundation

/// Which tokens would complete a listed word, given how the text ends.
///
/// Everything is compared in a plain form: A–Z in lower case, and every run of blanks, line breaks, hyphens and
/// underscores as one blank. A word counts only between borders: the begin or end of the text, or a character that is
/// neither a letter, a digit nor beyond ASCII.
struct BannedTokens {
    /// Tokens that hold a listed word by themselves, with a border before it.
    let always: [Int32]
    /// What a text may end in (the beginning of a word, after a border) → tokens that complete the word.
    private let completing: [[UInt8]: [Int32]]
    private let tokens: [[UInt8]]
    private let longest: Int

    init(words: [String], tokens: [[UInt8]]) {
        let entries = Set(
            words.flatMap { [$0, $0.uppercased()] }.map { Self.trimmed(Self.plain(Array($0.utf8))) }.filter {
                !$0.isEmpty
            })
        let plain = tokens.map { Self.plain($0) }
        self.tokens = tokens
        longest = entries.map(\.count).max() ?? 0
        let order = plain.indices.filter { !plain[$0].isEmpty }.sorted {
            plain[$0].lexicographicallyPrecedes(plain[$1])
        }
        var always: Set<Int32> = []
        var completing: [[UInt8]: Set<Int32>] = [:]
        for entry in entries {
            for cut in 0..<entry.count {
                let rest = Array(entry[cut...])
                let found = Self.range(of: rest, in: order, plain).filter {
                    Self.isBorder(plain[$0], at: rest.count)
                }
                if !found.isEmpty {
                    completing[Array(entry[..<cut]), default: []].formUnion(found.map { Int32($0) })
                }
            }
        }
        // A token with a border inside, such as the usual leading blank, can hold a word whatever comes before it.
        for (token, bytes) in plain.enumerated() {
            for start in bytes.indices.dropFirst() where !Self.isWordByte(bytes[start - 1]) {
                let rest = bytes[start...]
                let ends = rest.indices.filter { Self.isBorder(bytes, at: $0 + 1) }
                if ends.contains(where: { entries.contains(Array(bytes[start...$0])) }) {
                    always.insert(Int32(token))
                }
            }
        }
        self.always = always.sorted()
        self.completing = completing.mapValues { $0.subtracting(always).sorted() }
    }

    /// The end of a text in plain form, as much as matters.
    func tail(of prompt: [Int32], _ written: [Int32]) -> [UInt8] {
        var bytes: [UInt8] = []
        for token in written.reversed() + prompt.reversed() {
            if bytes.count > 2 * longest + 8 { break }
            if tokens.indices.contains(Int(token)) { bytes = tokens[Int(token)] + bytes }
        }
        return Self.plain(bytes)
    }

    /// Tokens that would complete a word at the end of `tail`.
    func completions(after tail: [UInt8]) -> [Int32] {
        var found: [Int32] = []
        for length in 0...min(longest, tail.count) {
            let start = tail.count - length
            guard start == 0 || !Self.isWordByte(tail[start - 1]) else { continue }
            if let tokens = completing[Array(tail[start...])] { found.append(contentsOf: tokens) }
        }
        return found
    }

    static func plain(_ bytes: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count)
        for byte in bytes {
            switch byte {
            case 0x41...0x5A: result.append(byte | 0x20)
            case 0...0x20, UInt8(ascii: "-"), UInt8(ascii: "_"):
                if result.last != 0x20 { result.append(0x20) }
            default: result.append(byte)
            }
        }
        return result
    }

    private static func trimmed(_ bytes: [UInt8]) -> [UInt8] {
        Array(bytes.drop { $0 == 0x20 }.reversed().drop { $0 == 0x20 }.reversed())
    }

    private static func isWordByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x61...0x7A, 0x80...: true
        default: false
        }
    }

    /// Whether a word that ends before `index` ends there.
    private static func isBorder(_ bytes: [UInt8], at index: Int) -> Bool {
        index >= bytes.count || !isWordByte(bytes[index])
    }

    /// Tokens that begin with `prefix`.
    private static func range(of prefix: [UInt8], in order: [Int], _ plain: [[UInt8]]) -> ArraySlice<Int> {
        var low = 0
        var high = order.count
        while low < high {
            let middle = (low + high) / 2
            if plain[order[middle]].lexicographicallyPrecedes(prefix) {
                low = middle + 1
            } else {
                high = middle
            }
        }
        let end = order[low...].firstIndex { !plain[$0].starts(with: prefix) } ?? order.count
        return order[low..<end]
    }
}
