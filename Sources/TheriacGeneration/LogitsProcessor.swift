public import TheriacTensors

/// What a decoding step knows of the rows it continues.
public struct GenerationState {
    /// Tokens of each prompt.
    public let prompts: [[Int32]]
    /// Consecutive rows a prompt.
    public let group: Int
    /// Tokens each row has written so far, without the prompt.
    public internal(set) var written: [[Int32]]
    /// Rows that have ended; their logits no longer matter.
    public internal(set) var finished: [Bool]

    public var rows: Int { written.count }

    public init(prompts: [[Int32]], group: Int) {
        self.prompts = prompts
        self.group = group
        written = Array(repeating: [], count: prompts.count * group)
        finished = Array(repeating: false, count: prompts.count * group)
    }

    /// The prompt row `row` continues.
    public func prompt(of row: Int) -> [Int32] { prompts[row / group] }
}

/// Changes next-token logits before a token is drawn. It may own models and caches of its own.
///
/// The contract: shape and dtype stay, `-inf` stays `-inf`, strength zero changes nothing, and what happens to one row
/// does not depend on the others.
public protocol LogitsProcessor {
    /// Called once per batch, before the first token.
    mutating func begin(_ state: GenerationState) throws
    /// - Parameter logits: float32 `[rows, vocabulary]`, to be left as they are.
    /// - Returns: float32 of the same shape.
    mutating func process(_ logits: Tensor, _ state: GenerationState) throws -> Tensor
}

extension LogitsProcessor {
    public mutating func begin(_ state: GenerationState) throws {}
}
