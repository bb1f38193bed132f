/// Which words of a text are toxic by their weights, and how words become spans.
public struct SpanRule: Sendable, Codable, Equatable {
    /// A word counts from this weight on.
    public var threshold: Float
    /// … and only with at least this share of the weight of the text's strongest word, 0...1.
    public var share: Float

    public init(threshold: Float, share: Float = 0) {
        self.threshold = threshold
        self.share = share
    }

    /// Spans of scalars: the words that count, neighbours joined over a single blank, then ``SpanRepair``.
    public func spans(of words: [WordEvidence], in text: String) -> [Range<Int>] {
        let scalars = Array(text.unicodeScalars)
        return SpanRepair.repaired(runs(of: words, in: scalars), in: scalars)
    }

    func runs(of words: [WordEvidence], in scalars: [Unicode.Scalar]) -> [Range<Int>] {
        let strongest = words.lazy.map(\.weight).max() ?? 0
        let least = max(threshold, share * strongest)
        var runs: [Range<Int>] = []
        for word in words where word.weight >= least {
            guard let last = runs.last, word.scalars.lowerBound <= last.upperBound + 1,
                word.scalars.lowerBound <= last.upperBound
                    || scalars[last.upperBound].properties.isWhitespace
            else {
                runs.append(word.scalars)
                continue
            }
            runs[runs.count - 1] = last.lowerBound..<max(last.upperBound, word.scalars.upperBound)
        }
        return runs
    }
}

/// Mends spans as the task's own helper does: white space at the ends of a run goes, and so does a run of one or two
/// characters.
///
/// Source: `fix_spans.py` of Pavlopoulos et al., SemEval-2021 Task 5.
public enum SpanRepair {
    static let shortest = 3

    /// `spans`: ranges of scalars in any order, which may touch or overlap. The result is in order and apart.
    public static func repaired(_ spans: [Range<Int>], in text: String) -> [Range<Int>] {
        repaired(spans, in: Array(text.unicodeScalars))
    }

    static func repaired(_ spans: [Range<Int>], in scalars: [Unicode.Scalar]) -> [Range<Int>] {
        merged(spans.map { $0.clamped(to: scalars.indices) }).compactMap { span in
            var (start, end) = (span.lowerBound, span.upperBound)
            while start < end && scalars[start].properties.isWhitespace { start += 1 }
            while end > start && scalars[end - 1].properties.isWhitespace { end -= 1 }
            return end - start >= shortest ? start..<end : nil
        }
    }

    /// The same characters as ranges in order that neither overlap nor touch; empty ranges go.
    static func merged(_ spans: [Range<Int>]) -> [Range<Int>] {
        var merged: [Range<Int>] = []
        let spans = spans.filter { !$0.isEmpty }
        for span in spans.sorted(by: { ($0.lowerBound, $0.upperBound) < ($1.lowerBound, $1.upperBound) }) {
            if let last = merged.last, span.lowerBound <= last.upperBound {
                merged[merged.count - 1] = last.lowerBound..<max(last.upperBound, span.upperBound)
            } else {
                merged.append(span)
            }
        }
        return merged
    }
}
