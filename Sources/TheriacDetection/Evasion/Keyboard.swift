/// Which keys lie side by side on an English keyboard.
enum Keyboard {
    private static let rows = ["qwertyuiop", "asdfghjkl", "zxcvbnm"].map { Array($0.utf8) }

    /// The keys beside that of a small letter.
    static func beside(_ letter: UInt8) -> [UInt8] {
        for row in rows {
            guard let place = row.firstIndex(of: letter) else { continue }
            return [place - 1, place + 1].filter { row.indices.contains($0) }.map { row[$0] }
        }
        return []
    }

    /// Whether one slip turns `word` into `slip`: a letter left out, two swapped, a key beside the right one hit in its
    /// place or as well, or a letter hit twice.
    static func isSlip(from word: [UInt8], to slip: [UInt8]) -> Bool {
        let start = zip(word, slip).prefix { $0 == $1 }.count
        if slip.count < word.count { return start < slip.count }
        if slip.count == word.count {
            guard start < word.count else { return false }
            if start + 1 < word.count, word[start] == slip[start + 1], word[start + 1] == slip[start] {
                return true
            }
            // Vowels lie side by side and make other words: `spit`, `spot`.
            let vowels = Array("aeiou".utf8)
            if vowels.contains(word[start]) && vowels.contains(slip[start]) { return false }
            return beside(word[start]).contains(slip[start])
        }
        guard start < slip.count else { return false }
        let neighbours = [start - 1, start + 1].filter { slip.indices.contains($0) }.map { slip[$0] }
        return neighbours.contains { $0 == slip[start] || beside($0).contains(slip[start]) }
    }
}
