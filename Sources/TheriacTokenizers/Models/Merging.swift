/// Applies merge rules to the symbols of one piece: the earliest rule first, the leftmost pair on ties.
struct MergeScratch: Sendable {
    /// The piece's symbols before, its tokens after ``merge(with:)``.
    var symbols: [Int32] = []
    /// How many bytes each symbol stands for, when that is wanted; empty otherwise. Joined with the symbols.
    var lengths: [Int32] = []
    /// Rule of each symbol with the next one.
    private var rules: [MergeTable.Rule] = []
    private var queue = MergeQueue()
    private var next: [Int32] = []
    private var previous: [Int32] = []

    /// Above this many symbols a queue is used instead of a search for each merge.
    static let shortPiece = 96

    mutating func merge(with table: MergeTable) {
        if symbols.count < 2 { return }
        if symbols.count <= Self.shortPiece { mergeShort(with: table) } else { mergeLong(with: table) }
    }

    /// Searches all pairs before each merge: quadratic, and the fastest way for words.
    private mutating func mergeShort(with table: MergeTable) {
        rules.removeAll(keepingCapacity: true)
        for index in 1..<symbols.count { rules.append(table.rule(symbols[index - 1], symbols[index])) }
        var count = symbols.count
        symbols.withUnsafeMutableBufferPointer { symbols in
            rules.withUnsafeMutableBufferPointer { rules in
                while count > 1 {
                    var (best, place) = (MergeTable.noRule, 0)
                    for index in 0..<count - 1 where rules[index] < best {
                        (best, place) = (rules[index], index)
                    }
                    if best == MergeTable.noRule { break }
                    symbols[place] = Int32(truncatingIfNeeded: best)
                    if !lengths.isEmpty { lengths[place] += lengths.remove(at: place + 1) }
                    count -= 1
                    for index in place + 1..<max(count, place + 1) { symbols[index] = symbols[index + 1] }
                    for index in place..<max(count - 1, place) { rules[index] = rules[index + 1] }
                    if place + 1 < count { rules[place] = table.rule(symbols[place], symbols[place + 1]) }
                    if place > 0 { rules[place - 1] = table.rule(symbols[place - 1], symbols[place]) }
                }
            }
        }
        symbols.removeSubrange(count...)
    }

    /// Keeps all pairs in a queue and the symbols in a linked list: n log n, for pieces of any length.
    private mutating func mergeLong(with table: MergeTable) {
        let count = symbols.count
        next = (1...count).map { $0 == count ? -1 : Int32($0) }
        previous = (0..<count).map { Int32($0) - 1 }
        queue.removeAll()
        for index in 0..<count - 1 {
            queue.add(table.rule(symbols[index], symbols[index + 1]), at: index)
        }
        queue.arrange()
        while let (rank, place) = queue.popFirst() {
            // Entries outlive the pairs they were made for; a dead symbol is -1 and has no rules.
            guard symbols[place] >= 0, next[place] >= 0 else { continue }
            let right = Int(next[place])
            let rule = table.rule(symbols[place], symbols[right])
            guard rule != MergeTable.noRule, rule >> 32 == rank else { continue }
            symbols[place] = Int32(truncatingIfNeeded: rule)
            symbols[right] = -1
            if !lengths.isEmpty {
                lengths[place] += lengths[right]
                lengths[right] = -1
            }
            next[place] = next[right]
            if next[place] >= 0 {
                let after = Int(next[place])
                previous[after] = Int32(place)
                queue.push(table.rule(symbols[place], symbols[after]), at: place)
            }
            if previous[place] >= 0 {
                let before = Int(previous[place])
                queue.push(table.rule(symbols[before], symbols[place]), at: before)
            }
        }
        symbols.removeAll { $0 < 0 }
        lengths.removeAll { $0 < 0 }
        // A piece of megabytes needs much room once; do not keep it.
        if count > 1 << 20 { (next, previous, queue) = ([], [], MergeQueue()) }
    }
}

/// A binary heap of (rank, place), smallest first.
private struct MergeQueue: Sendable {
    private var entries: [UInt64] = []

    mutating func removeAll() { entries.removeAll(keepingCapacity: true) }

    /// Adds without keeping order; ``arrange()`` must follow.
    mutating func add(_ rule: MergeTable.Rule, at place: Int) {
        if rule != MergeTable.noRule { entries.append((rule & ~0xFFFF_FFFF) | UInt64(place)) }
    }

    mutating func arrange() {
        for index in stride(from: entries.count / 2 - 1, through: 0, by: -1) { sink(index) }
    }

    mutating func push(_ rule: MergeTable.Rule, at place: Int) {
        guard rule != MergeTable.noRule else { return }
        let entry = (rule & ~0xFFFF_FFFF) | UInt64(place)
        entries.append(entry)
        var index = entries.count - 1
        while index > 0, entries[(index - 1) / 2] > entry {
            entries[index] = entries[(index - 1) / 2]
            index = (index - 1) / 2
        }
        entries[index] = entry
    }

    mutating func popFirst() -> (rank: UInt64, place: Int)? {
        guard let first = entries.first, let last = entries.popLast() else { return nil }
        if !entries.isEmpty {
            entries[0] = last
            sink(0)
        }
        return (first >> 32, Int(first & 0xFFFF_FFFF))
    }

    private mutating func sink(_ start: Int) {
        let entry = entries[start]
        var index = start
        while true {
            var child = 2 * index + 1
            guard child < entries.count else { break }
            if child + 1 < entries.count, entries[child + 1] < entries[child] { child += 1 }
            guard entries[child] < entry else { break }
            entries[index] = entries[child]
            index = child
        }
        entries[index] = entry
    }
}
