import Foundation
import TheriacDetection

/// A measure over the questions of a task.
public protocol TaskMetric: Sendable {
    /// As lm-evaluation-harness calls it.
    var name: String { get }
    var isHigherBetter: Bool { get }
    /// What a question adds: one number for a mean, several for other measures.
    ///
    /// - Parameter answers: one for each of the question's requests.
    func item(_ question: TaskQuestion, _ answers: [TaskAnswer]) -> [Double]
    /// - Parameter items: at least one.
    func value(of items: [[Double]]) -> Double
    /// nil where the harness gives none, and for a single question.
    func standardError(of items: [[Double]]) -> Double?
}

extension TaskMetric {
    public var isHigherBetter: Bool { true }

    /// The mean.
    public func value(of items: [[Double]]) -> Double {
        items.reduce(0) { $0 + ($1.first ?? 0) } / Double(items.count)
    }

    /// Sample standard deviation (n − 1) over the square root of n.
    public func standardError(of items: [[Double]]) -> Double? {
        guard items.count > 1 else { return nil }
        let mean = value(of: items)
        let squares = items.reduce(0) { $0 + pow(($1.first ?? 0) - mean, 2) }
        return (squares / Double(items.count - 1)).squareRoot() / Double(items.count).squareRoot()
    }
}

/// Whether the likeliest choice is a right one; of equal ones the first counts.
public struct ChoiceAccuracy: TaskMetric {
    public let name = "acc"

    public init() {}

    public func item(_ question: TaskQuestion, _ answers: [TaskAnswer]) -> [Double] {
        [question.right.contains(answers.map(\.logProbability).firstOfLargest) ? 1 : 0]
    }
}

/// Whether the choice with the largest logarithm of probability per character is a right one.
///
/// Characters are Unicode scalars, as in the harness (its `acc_bytes` divides by bytes).
public struct NormalizedAccuracy: TaskMetric {
    public let name = "acc_norm"

    public init() {}

    public func item(_ question: TaskQuestion, _ answers: [TaskAnswer]) -> [Double] {
        let values = zip(answers, question.lengths).map { $0.logProbability / Double($1) }
        return [question.right.contains(values.firstOfLargest) ? 1 : 0]
    }
}

/// Whether greedy decoding writes the continuation.
public struct GreedyAccuracy: TaskMetric {
    public let name = "acc"

    public init() {}

    public func item(_ question: TaskQuestion, _ answers: [TaskAnswer]) -> [Double] {
        [answers.first?.isGreedy == true ? 1 : 0]
    }
}

/// Perplexity per continuation, not per token: `exp(−mean of the logarithms of probability)`.
///
/// The standard error comes from a bootstrap over questions, as in the harness, which draws 100,000 resamples where this
/// draws 2,000.
public struct TargetPerplexity: TaskMetric {
    public let name = "perplexity"
    public let isHigherBetter = false
    static let resamples = 2000

    public init() {}

    public func item(_ question: TaskQuestion, _ answers: [TaskAnswer]) -> [Double] {
        [answers.first?.logProbability ?? 0]
    }

    public func value(of items: [[Double]]) -> Double {
        exp(-items.reduce(0) { $0 + ($1.first ?? 0) } / Double(items.count))
    }

    public func standardError(of items: [[Double]]) -> Double? {
        guard items.count > 1 else { return nil }
        let values = items.map { $0.first ?? 0 }
        var random = SplitMix(seed: 1)
        let drawn = (0..<Self.resamples).map { _ in
            var sum = 0.0
            for _ in values { sum += values[random.index(below: values.count)] }
            return exp(-sum / Double(values.count))
        }
        let mean = drawn.reduce(0, +) / Double(drawn.count)
        let squares = drawn.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        return (squares / Double(drawn.count - 1)).squareRoot()
    }
}

/// F1 of each class against the others, averaged over the classes.
public struct MacroF1: TaskMetric {
    public let name = "f1"
    private let classes: Int

    public init(classes: Int) { self.classes = classes }

    /// The right class and the likeliest.
    public func item(_ question: TaskQuestion, _ answers: [TaskAnswer]) -> [Double] {
        [Double(question.right.first ?? 0), Double(answers.map(\.logProbability).firstOfLargest)]
    }

    public func value(of items: [[Double]]) -> Double {
        (0..<classes).reduce(0) { sum, number in
            let kind = Double(number)
            let hits = items.count { $0[0] == kind && $0[1] == kind }
            let either = items.count { $0[0] == kind } + items.count { $0[1] == kind }
            return sum + (either == 0 ? 0 : 2 * Double(hits) / Double(either))
        } / Double(classes)
    }

    public func standardError(of items: [[Double]]) -> Double? { nil }
}

/// The share of the right choices in the probability of all choices together.
public struct RightShare: TaskMetric {
    public let name = "acc"

    public init() {}

    public func item(_ question: TaskQuestion, _ answers: [TaskAnswer]) -> [Double] {
        let largest = answers.map(\.logProbability).max() ?? 0
        let shares = answers.map { exp($0.logProbability - largest) }
        return [question.right.reduce(0) { $0 + shares[$1] } / shares.reduce(0, +)]
    }
}

extension [Double] {
    /// The place of the largest value; of equal ones the first.
    var firstOfLargest: Int { indices.max { self[$0] < self[$1] || (self[$0] == self[$1] && $0 > $1) } ?? 0 }
}
