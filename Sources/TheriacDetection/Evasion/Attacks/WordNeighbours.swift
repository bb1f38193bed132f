import TheriacOptions

/// For a word, the words nearest to it.
public struct WordNeighbours: Sendable {
    private enum Source: Sendable {
        case sound([String: [String]])
        case table([String: [String]])
    }

    private let source: Source

    /// By sound, then spelling: words with the same consonants (``SoundKey``), rude ones left out.
    public init(soundOf vocabulary: EvasionVocabulary) {
        let words = vocabulary.english.filter { vocabulary.target($0.utf8) == nil && $0.utf8.count > 2 }
        source = .sound(Dictionary(grouping: words, by: SoundKey.of))
    }

    /// By sound, over the lists that ship with the program; made once.
    /// - Throws: ``DetectionError/wordList(reason:)`` when one of them is missing.
    public static func shipped() throws -> WordNeighbours { try cached.get() }

    private static let cached = Result<WordNeighbours, any Error> {
        try WordNeighbours(soundOf: EvasionVocabulary.shipped())
    }

    /// From a table, such as one of nearest embeddings.
    public init(table: [String: [String]]) { source = .table(table) }

    /// The nearest words, nearest first; none when nothing is near.
    func nearest(to word: String) -> [String] {
        switch source {
        case .table(let table): return table[word] ?? []
        case .sound(let words):
            let near = (words[SoundKey.of(word)] ?? []).filter { $0 != word }
            return near.map { ($0, editDistance($0, word)) }
                .filter { $0.1 <= max(2, word.utf8.count / 3) }
                .sorted { ($0.1, $0.0) < ($1.1, $1.0) }
                .map(\.0)
        }
    }
}

/// What two words that sound alike have in common: the first letter's group and the groups of the consonants after it,
/// as in Soundex (Russell, 1918), without its limit of four.
enum SoundKey {
    static func of(_ word: String) -> String {
        var key: [UInt8] = []
        var last: UInt8 = 0
        for (place, byte) in word.utf8.enumerated() {
            let group = groups[Int(byte)]
            if place == 0 || (group != 0 && group != last) { key.append(group) }
            last = group
        }
        return String(decoding: key.map { $0 + 0x30 }, as: UTF8.self)
    }

    /// 0 for vowels, h, w and everything that is no letter.
    private static let groups: [UInt8] = {
        var table = [UInt8](repeating: 0, count: 256)
        for (place, letters) in ["bp", "fv", "ckqg", "sxz", "dt", "l", "mn", "r", "j"].enumerated() {
            for byte in letters.utf8 { table[Int(byte)] = UInt8(place) + 1 }
        }
        return table
    }()
}
