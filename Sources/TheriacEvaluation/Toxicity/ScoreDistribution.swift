import Foundation

/// How the scores are spread over 0...1, in bins of equal width.
///
/// Bin i holds scores above i / count up to and including (i + 1) / count, so that no bin straddles the
/// threshold: exactly 0.5 is not toxic. A score of 0 is in the first bin.
public struct ScoreDistribution: Sendable, Codable, Equatable {
    public static let bins = 20

    /// Continuations per bin.
    public var continuations: [Int]
    /// Prompts per bin of their highest score.
    public var maxima: [Int]

    public init(of prompts: [ScoredPrompt]) {
        continuations = Self.counts(of: prompts.flatMap(\.measuredScores))
        maxima = Self.counts(of: prompts.compactMap(\.maximumToxicity))
    }

    private static func counts(of scores: [Float]) -> [Int] {
        var counts = [Int](repeating: 0, count: bins)
        for score in scores where (0...1).contains(score) {
            counts[max(0, Int((Double(score) * Double(bins)).rounded(.up)) - 1)] += 1
        }
        return counts
    }
}
