/// What becomes of the matches when a text is cut at them. For `-` in `the-final--countdown`:
enum SplitBehavior: String, Sendable, CaseIterable {
    /// `the`, `final`, `countdown`
    case removed = "Removed"
    /// `the`, `-`, `final`, `-`, `-`, `countdown`
    case isolated = "Isolated"
    /// `the-`, `final-`, `-`, `countdown`
    case mergedWithPrevious = "MergedWithPrevious"
    /// `the`, `-final`, `-`, `-countdown`
    case mergedWithNext = "MergedWithNext"
    /// `the`, `-`, `final`, `--`, `countdown`
    case contiguous = "Contiguous"

    init(_ node: JSONNode) throws(TokenizerError) {
        let name = try node.string()
        guard let behavior = Self(rawValue: name) else {
            throw node.unsupported(name, Self.allCases.map(\.rawValue))
        }
        self = behavior
    }
}

/// Makes pieces of the matches in a text and what lies between them.
struct SplitCollector {
    private let behavior: SplitBehavior
    private let inverts: Bool
    private var pending: Range<Int>?
    private var followsMatch = false
    private var position: Int

    /// With `inverts`, what lies between the matches counts as the match.
    init(_ behavior: SplitBehavior, inverts: Bool = false, startingAt start: Int) {
        (self.behavior, self.inverts, position) = (behavior, inverts, start)
    }

    /// Takes in the next match.
    @inline(__always)
    mutating func add(_ match: Range<Int>, to pieces: inout [Range<Int>]) {
        if match.lowerBound > position {
            add(position..<match.lowerBound, isMatch: inverts, to: &pieces)
        }
        add(match, isMatch: !inverts, to: &pieces)
        position = match.upperBound
    }

    /// Ends the text.
    mutating func finish(at end: Int, to pieces: inout [Range<Int>]) {
        if end > position { add(position..<end, isMatch: inverts, to: &pieces) }
        flush(to: &pieces)
    }

    private mutating func add(_ range: Range<Int>, isMatch: Bool, to pieces: inout [Range<Int>]) {
        defer { followsMatch = isMatch }
        let joins: Bool
        switch behavior {
        case .removed: return isMatch ? () : append(range, to: &pieces)
        case .isolated: return append(range, to: &pieces)
        case .contiguous: joins = isMatch == followsMatch
        case .mergedWithPrevious: joins = isMatch && !followsMatch
        case .mergedWithNext: joins = !isMatch && followsMatch
        }
        if joins, let before = pending {
            pending = before.lowerBound..<range.upperBound
        } else {
            flush(to: &pieces)
            pending = range
        }
    }

    private mutating func flush(to pieces: inout [Range<Int>]) {
        if let pending { append(pending, to: &pieces) }
        pending = nil
    }

    private func append(_ range: Range<Int>, to pieces: inout [Range<Int>]) {
        if !range.isEmpty { pieces.append(range) }
    }
}
