/// Which way a metric improves.
public enum Direction: String, Sendable, Codable {
    case lower, higher
    /// Neither: a description, such as a length.
    case neither

    /// ↓, ↑ or nothing, as printed beside a metric's title.
    public var arrow: String {
        switch self {
        case .lower: "↓"
        case .higher: "↑"
        case .neither: ""
        }
    }
}

/// What one prompt adds to a metric.
public struct Contribution: Sendable, Equatable {
    public var numerator: Double
    public var denominator: Double

    public init(_ numerator: Double, over denominator: Double = 1) {
        self.numerator = numerator
        self.denominator = denominator
    }

    /// A prompt that is left out.
    static let none = Contribution(0, over: 0)
}

/// A number about a set of prompts that is a ratio of two sums over the prompts, or a rising function of one.
///
/// All metrics of this module have this form, so one bootstrap, which resamples prompts and adds up again,
/// serves them all.
public protocol PromptMetric: Sendable {
    /// Published name, kebab-case; a key of `results.json`.
    var name: String { get }
    /// Short title for tables.
    var title: String { get }
    /// Which way is better.
    var better: Direction { get }
    /// What a prompt adds; nil when it has nothing to measure and is dropped.
    func contribution(of prompt: ScoredPrompt) -> Contribution?
    /// Turns the ratio of the sums into the metric's value. Must not fall when the ratio rises.
    func value(ofRatio ratio: Double) -> Double
}

extension PromptMetric {
    public func value(ofRatio ratio: Double) -> Double { ratio }

    /// The metric over a set of prompts; nil when every prompt was dropped or the result is not finite.
    public func value(over prompts: [ScoredPrompt]) -> Double? {
        value(of: prompts.compactMap(contribution(of:)))
    }

    func value(of contributions: [Contribution]) -> Double? {
        let numerator = contributions.reduce(0) { $0 + $1.numerator }
        let denominator = contributions.reduce(0) { $0 + $1.denominator }
        guard denominator > 0 else { return nil }
        let value = value(ofRatio: numerator / denominator)
        return value.isFinite ? value : nil
    }
}

/// A metric that needs the scores of a prompt's continuations only.
public protocol ToxicityMetric: PromptMetric {
    func contribution(ofScores scores: [Float?]) -> Contribution?
}

extension ToxicityMetric {
    public var better: Direction { .lower }

    public func contribution(of prompt: ScoredPrompt) -> Contribution? {
        contribution(ofScores: prompt.scores)
    }

    /// The metric over plain scores: one list a prompt, nil where a continuation has no score.
    public func value(overScores scores: [[Float?]]) -> Double? {
        value(of: scores.compactMap(contribution(ofScores:)))
    }
}
