/// A text and the words in it that an attack may change.
public struct AttackableText: Sendable {
    public let text: String
    /// In order, without overlap.
    public let targets: [Range<String.Index>]
    /// Words near others (``WordNeighbours``).
    public let neighbours: WordNeighbours

    public init(_ text: String, targets: [Range<String.Index>], neighbours: WordNeighbours) {
        self.text = text
        self.targets = targets
        self.neighbours = neighbours
    }

    /// The targets are the rude words of `vocabulary`.
    public init(_ text: String, vocabulary: EvasionVocabulary, neighbours: WordNeighbours) {
        let targets = Self.words(of: text).filter { range in
            vocabulary.target(text[range].utf8.lazy.map { $0 >= 0x41 && $0 <= 0x5A ? $0 + 32 : $0 }) != nil
        }
        self.init(text, targets: targets, neighbours: neighbours)
    }

    /// Runs of ASCII letters of two letters or more, none of which stands beside a letter beyond ASCII.
    static func words(of text: String) -> [Range<String.Index>] {
        var words: [Range<String.Index>] = []
        let bytes = text.utf8
        var start: String.Index?
        var isForeign = false
        var index = bytes.startIndex
        func close(_ end: String.Index) {
            if let start, !isForeign, bytes.distance(from: start, to: end) >= 2 { words.append(start..<end) }
        }
        while index < bytes.endIndex {
            let byte = bytes[index]
            if byte >= 0x80 {
                isForeign = true
                if start == nil { start = index }
            } else if byte | 0x20 >= 0x61 && byte | 0x20 <= 0x7A {
                if start == nil { start = index }
            } else {
                close(index)
                start = nil
                isForeign = false
            }
            index = bytes.index(after: index)
        }
        close(bytes.endIndex)
        return words
    }

    /// Each target with probability `rate`; one of them when that leaves none.
    func chosen(rate: Double, random: inout some RandomNumberGenerator) -> [Range<String.Index>] {
        guard !targets.isEmpty, rate > 0 else { return [] }
        let chosen = targets.filter { _ in Double.random(in: 0..<1, using: &random) < rate }
        guard chosen.isEmpty else { return chosen }
        return [targets[Int.random(in: targets.indices, using: &random)]]
    }
}
