/// One question of a task, ready to be asked: what a model must score, and which answer is right.
public struct TaskQuestion: Sendable, Equatable {
    /// A text whose probability is wanted after another.
    public struct Request: Sendable, Hashable {
        public var context: String
        public var continuation: String

        public init(context: String, continuation: String) {
            self.context = context
            self.continuation = continuation
        }
    }

    /// One for each choice.
    public var requests: [Request]
    /// Length of each choice in Unicode scalars, without the blank before it: what `acc_norm` divides by.
    public var lengths: [Int]
    /// The right choices by their places, at least one.
    public var right: [Int]
    /// The right answer as the file of samples shows it.
    public var target: String

    /// The same context, several continuations.
    ///
    /// - Parameters:
    ///   - choices: without the blank that is put before each.
    ///   - right: places of the right ones.
    public static func choices(after context: String, _ choices: [String], right: [Int]) -> TaskQuestion {
        TaskQuestion(
            requests: choices.map { Request(context: context, continuation: " " + $0) },
            lengths: choices.map(\.unicodeScalars.count), right: right,
            target: right.map(String.init).joined(separator: ","))
    }

    /// Several contexts, the same continuation: partial evaluation.
    ///
    /// Source: Trinh and Le, *A Simple Method for Commonsense Reasoning*, 2018.
    public static func contexts(_ contexts: [String], before ending: String, right: Int) -> TaskQuestion {
        TaskQuestion(
            requests: contexts.map { Request(context: $0, continuation: " " + ending) },
            lengths: contexts.map(\.unicodeScalars.count), right: [right], target: ending)
    }

    /// One text that must follow.
    ///
    /// - Parameter target: with the blank before it.
    public static func continuation(of context: String, _ target: String) -> TaskQuestion {
        TaskQuestion(
            requests: [Request(context: context, continuation: target)],
            lengths: [target.unicodeScalars.count], right: [0], target: target)
    }
}

/// What a model says of a request.
public struct TaskAnswer: Sendable, Codable, Equatable {
    /// Natural logarithm of the probability of the continuation after the context.
    public var logProbability: Double
    /// Whether greedy decoding would write the continuation.
    public var isGreedy: Bool

    public init(logProbability: Double, isGreedy: Bool) {
        self.logProbability = logProbability
        self.isGreedy = isGreedy
    }

    enum CodingKeys: String, CodingKey {
        case logProbability = "sum"
        case isGreedy = "greedy"
    }
}
