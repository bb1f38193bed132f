/// The candidate nearest to `word`, when it is near enough to be a misspelling of it: at most a third of
/// its letters changed, and at least one change allowed. Neighbouring letters exchanged count as one
/// change.
public func nearestName(to word: String, among candidates: [String]) -> String? {
    let allowed = max(1, word.count / 3)
    return candidates.map { (name: $0, distance: editDistance(word.lowercased(), $0.lowercased())) }
        .filter { $0.distance <= allowed && $0.distance < $0.name.count }
        .min { ($0.distance, $0.name) < ($1.distance, $1.name) }?.name
}

/// Number of letters to insert, delete, replace or exchange with a neighbour to turn `first` into `second`
/// (optimal string alignment).
public func editDistance(_ first: String, _ second: String) -> Int {
    let (rows, columns) = (Array(first), Array(second))
    var beforeLast: [Int] = []
    var last = Array(0...columns.count)
    for i in rows.indices {
        var current = [i + 1]
        for j in columns.indices {
            let replaced = last[j] + (rows[i] == columns[j] ? 0 : 1)
            var best = min(replaced, last[j + 1] + 1, current[j] + 1)
            if i > 0, j > 0, rows[i] == columns[j - 1], rows[i - 1] == columns[j] {
                best = min(best, beforeLast[j - 1] + 1)
            }
            current.append(best)
        }
        (beforeLast, last) = (last, current)
    }
    return last[columns.count]
}
