import Foundation
import TheriacCorpora
import TheriacFiles

/// Words and phrases to be found in texts, in normalised form.
///
/// A phrase is found as whole words of the text (``WordScanner``), so "class" does not hold "ass". Found are
/// also, for each entry:
/// - other case, accents, stretched letters and letters with single separators between them (`Fück`,
///   `fuuuck`, `f-u-c-k`);
/// - plurals: the last word with `s` or `es` added, and `y` turned into `ies`;
/// - several words written as one or with a hyphen (`son of a gun` → `sonofagun`, `son-of-a-gun`), and one
///   word written as two of at least three letters (`numbskull` → `numb skull`).
struct WordList: Sendable {
    static let hash = FeatureHash(seed: 0x1E71C0)
    static let shortestHalf = 3

    /// Names of all forms: chained hashes of their words.
    private(set) var forms: Set<UInt64> = []
    private(set) var longest = 1

    /// - Throws: ``DetectionError/wordList(reason:)`` when there is no entry, or one has no word.
    init(_ entries: [String]) throws {
        for (line, entry) in entries.enumerated() {
            let words = Self.words(of: entry)
            guard !words.isEmpty else {
                throw DetectionError.wordList(reason: "entry \(line + 1) has no letter or symbol")
            }
            add(words)
            if words.count > 1 { add([words.flatMap { $0 }]) }
        }
        guard !forms.isEmpty else { throw DetectionError.wordList(reason: "it has no entry") }
    }

    private mutating func add(_ words: [[UInt8]]) {
        longest = max(longest, words.count)
        guard let last = words.last else { return }
        let start = words.dropLast().reduce(0) { Self.chain($0, $1) }
        for form in Self.plurals(of: last) + [last] { forms.insert(Self.chain(start, form)) }
    }

    private static func plurals(of word: [UInt8]) -> [[UInt8]] {
        guard let last = word.last, word.count > 1, ByteClass.isLetter(last) else { return [] }
        var plurals = [word + Array("s".utf8), word + Array("es".utf8)]
        if last == UInt8(ascii: "y") { plurals.append(word.dropLast() + Array("ies".utf8)) }
        return plurals
    }

    /// Whether any entry stands in `text`; nil for a text without words.
    func isFound(in text: String) -> Bool? {
        var finder = Finder(list: self)
        text.withUTF8Bytes { WordScanner.scan($0, into: &finder) }
        return finder.words > 0 ? finder.isFound : nil
    }

    private static func words(of text: String) -> [[UInt8]] {
        var gatherer = Gatherer()
        // Two blanks keep single letters of an entry from being read as one spelled-out word.
        let text = text.split(whereSeparator: \.isWhitespace).joined(separator: "  ")
        text.withUTF8Bytes { WordScanner.scan($0, into: &gatherer) }
        return gatherer.words
    }

    static func chain(_ start: UInt64, _ word: [UInt8]) -> UInt64 {
        (word + [UInt8](repeating: 0, count: 8)).withUnsafeBufferPointer { bytes in
            guard let base = bytes.baseAddress else { return start }
            return hash.pair(start, hash.word(base, count: word.count))
        }
    }

    private struct Gatherer: WordSink {
        var words: [[UInt8]] = []

        mutating func take(_ bytes: UnsafeMutablePointer<UInt8>, count: Int) {
            words.append(Array(UnsafeBufferPointer(start: bytes, count: count)))
        }
    }

    /// Looks up every run of up to `longest` words that ends at the current one.
    private struct Finder: WordSink {
        let list: WordList
        var words = 0
        var isFound = false
        /// Chained hashes of the runs that end at the previous word, the shortest first.
        private var runs: [UInt64]
        /// The previous word, with room for the current one after it and for reads beyond.
        private var joined = [UInt8](repeating: 0, count: 2 * WordLimits.bufferSize)
        private var previousCount = 0

        init(list: WordList) {
            self.list = list
            runs = [UInt64](repeating: 0, count: list.longest + 1)
        }

        mutating func take(_ bytes: UnsafeMutablePointer<UInt8>, count: Int) {
            defer { words += 1 }
            guard !isFound else { return }
            let name = WordList.hash.word(bytes, count: count)
            for length in stride(from: min(list.longest, words + 1), to: 0, by: -1) {
                runs[length] = WordList.hash.pair(length == 1 ? 0 : runs[length - 1], name)
                isFound = isFound || list.forms.contains(runs[length])
            }
            isFound = isFound || isFoundJoined(bytes, count)
        }

        /// Whether the previous word and this one are an entry when written as one; keeps this one.
        private mutating func isFoundJoined(_ bytes: UnsafeMutablePointer<UInt8>, _ count: Int) -> Bool {
            let previous = previousCount
            previousCount = count
            return joined.withUnsafeMutableBufferPointer { buffer in
                guard let base = buffer.baseAddress else { return false }
                defer { base.update(from: bytes, count: count) }
                guard previous >= shortestHalf, count >= shortestHalf,
                    previous + count <= WordLimits.longestWord
                else { return false }
                (base + previous).update(from: bytes, count: count)
                let name = WordList.hash.word(base, count: previous + count)
                return list.forms.contains(WordList.hash.pair(0, name))
            }
        }
    }
}
