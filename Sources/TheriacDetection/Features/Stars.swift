/// Stars that are no letters. Both functions change a word in place and return its new length.
enum Stars {
    private static let star = UInt8(ascii: "*")

    /// `*word*` and `**word**` lose their stars; stars alone become `**`.
    static func strip(_ word: UnsafeMutablePointer<UInt8>, count: Int) -> Int {
        guard count > 0, word[0] == star else { return count }
        var start = 0
        while start < count && word[start] == star { start += 1 }
        guard start < count else { return min(2, count) }
        guard word[count - 1] == star else { return count }
        var end = count
        while word[end - 1] == star { end -= 1 }
        for index in start..<end { word[index - start] = word[index] }
        return end - start
    }

    /// `h*e*c*k` becomes `heck`.
    static func dropAlternate(_ word: UnsafeMutablePointer<UInt8>, count: Int) -> Int {
        guard count >= 5, count % 2 == 1 else { return count }
        for index in 0..<count where (word[index] == star) != (index % 2 == 1) { return count }
        for index in 0...(count / 2) { word[index] = word[2 * index] }
        return count / 2 + 1
    }
}
