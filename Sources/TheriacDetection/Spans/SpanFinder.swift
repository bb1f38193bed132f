public import TheriacCorpora

/// How much one word speaks for its text being toxic.
public struct WordEvidence: Sendable, Equatable {
    /// Unicode scalars of the text.
    public var scalars: Range<Int>
    /// More is more toxic; what it counts depends on the finder.
    public var weight: Float

    public init(scalars: Range<Int>, weight: Float) {
        self.scalars = scalars
        self.weight = weight
    }
}

/// Finds which words make a text toxic.
///
/// A finder weighs words; ``SpanRule`` turns weights into spans, with the same care for blanks and gaps whatever the
/// finder.
public protocol SpanFinder: Sendable {
    /// Name in kebab-case, as on the command line.
    static var name: String { get }
    /// What a weight is, in a sentence.
    static var summary: String { get }
    /// The rule chosen on the training part of the SemEval toxic spans.
    static var rule: SpanRule { get }

    /// A finder over `detector` for one attribute; nil when it needs another kind of detector, or one that knows the
    /// attribute.
    init?(_ detector: any Detector, attribute: Attribute)

    /// The words of each text with their weights, in the order of the text, none overlapping. A text's words depend
    /// on that text alone.
    func evidence(in texts: [String]) throws -> [[WordEvidence]]
}

extension SpanFinder {
    /// The toxic spans of each text as ranges of Unicode scalars, in order.
    public func spans(in texts: [String], by rule: SpanRule? = nil) throws -> [[Range<Int>]] {
        let rule = rule ?? Self.rule
        return zip(texts, try evidence(in: texts)).map { rule.spans(of: $1, in: $0) }
    }
}

/// The ways to find toxic spans.
public enum SpanFinders {
    /// Every finder, one a file; the first that fits a detector is the best for it.
    public static let all: [any SpanFinder.Type] = [
        TokenScores.self, LinearContributions.self, LexiconMatches.self, Occlusion.self,
    ]

    /// The best finder for `detector`; nil when it does not know the attribute.
    public static func best(
        for detector: any Detector, attribute: Attribute = .toxicity
    ) -> (any SpanFinder)? {
        all.lazy.compactMap { $0.init(detector, attribute: attribute) }.first
    }
}
