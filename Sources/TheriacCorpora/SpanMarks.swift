import TheriacFiles

/// How many raters marked each scalar of a text, while the marks are being counted.
struct SpanMarks {
    private var counts: [Int]

    init(of text: String) { counts = [Int](repeating: 0, count: text.unicodeScalars.count) }

    /// The same text without marks.
    var blank: SpanMarks {
        var marks = self
        for place in counts.indices { marks.counts[place] = 0 }
        return marks
    }

    /// Adds `raters` to each scalar of `range`, which must lie in the text.
    mutating func add(_ raters: Int, in range: Range<Int>) {
        for place in range.clamped(to: counts.indices) { counts[place] += raters }
    }

    /// As ``add(_:in:)``, from the two ends as a file gives them; false when they are no range in the text.
    @discardableResult
    mutating func add(_ raters: Int, from start: JSONValue?, to end: JSONValue?) -> Bool {
        guard case .integer(let start)? = start, case .integer(let end)? = end,
            start >= 0, start <= end, end <= counts.count
        else { return false }
        add(raters, in: start..<end)
        return true
    }

    /// Adds one rater wherever `other`, of the same text, has a mark: overlapping marks of one rater count once.
    mutating func addWhereMarked(_ other: SpanMarks) {
        for (place, count) in other.counts.enumerated() where count > 0 { counts[place] += 1 }
    }

    /// The marked stretches in order, cut where the number of raters changes.
    func spans(raters: Int) -> [ToxicSpan] {
        var spans: [ToxicSpan] = []
        var start = 0
        while start < counts.count {
            let count = counts[start]
            var end = start + 1
            while end < counts.count && counts[end] == count { end += 1 }
            if count > 0 {
                let share = min(1, Float(count) / Float(max(1, raters)))
                spans.append(ToxicSpan(scalars: start..<end, share: share))
            }
            start = end
        }
        return spans
    }
}
