/// A text without disguises, and where each of its scalars comes from.
public struct NormalizedText: Sendable, Equatable {
    public let text: String
    public let alignment: TextAlignment

    /// Whether anything was rewritten.
    public var isChanged: Bool { !alignment.isIdentity }
}

/// Leads from places in a normalised text back to the text it was made of, in Unicode scalars.
///
/// A scalar that replaced one other leads to that one; the letters of a word that was rewritten as a whole all lead to
/// the whole word. Lower and upper ends never go back from one scalar to the next.
public struct TextAlignment: Sendable, Equatable {
    /// A rewritten stretch. Of equal lengths: scalar by scalar.
    struct Edit: Sendable, Equatable {
        var original: Range<Int>
        var normalized: Range<Int>
    }

    /// Edits of each pass, in the order of the passes; of one pass in the order of the text. Between them nothing moved.
    private(set) var passes: [[Edit]] = []

    public var isIdentity: Bool { passes.isEmpty }

    mutating func append(_ pass: [Edit]) { passes.append(pass) }

    /// The scalars of the original that `range` of the normalised text was made of. An empty range stays empty.
    public func original(_ range: Range<Int>) -> Range<Int> {
        passes.reversed().reduce(range) { Self.source(of: $0, $1) }
    }

    private static func source(of range: Range<Int>, _ edits: [Edit]) -> Range<Int> {
        let lower = place(range.lowerBound, edits).lowerBound
        guard !range.isEmpty else { return lower..<lower }
        return lower..<max(lower, place(range.upperBound - 1, edits).upperBound)
    }

    /// What one scalar was made of.
    private static func place(_ scalar: Int, _ edits: [Edit]) -> Range<Int> {
        var low = 0
        var high = edits.count
        while low < high {
            let middle = (low + high) / 2
            if edits[middle].normalized.lowerBound <= scalar { low = middle + 1 } else { high = middle }
        }
        guard low > 0 else { return scalar..<(scalar + 1) }
        let edit = edits[low - 1]
        if scalar >= edit.normalized.upperBound {
            let moved = edit.original.upperBound + scalar - edit.normalized.upperBound
            return moved..<(moved + 1)
        }
        guard edit.original.count == edit.normalized.count else { return edit.original }
        let moved = edit.original.lowerBound + scalar - edit.normalized.lowerBound
        return moved..<(moved + 1)
    }
}
