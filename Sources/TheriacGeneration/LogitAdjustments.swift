/// Changes to a row's logits that its caller asks for, made after all methods and before temperature and top-p.
public struct LogitAdjustments: Sendable, Equatable {
    /// Added to single tokens.
    public var bias: [Int32: Float] = [:]
    /// Taken off a token's logit for each time it has been written.
    public var frequencyPenalty: Float = 0
    /// Taken off once for tokens that have been written.
    public var presencePenalty: Float = 0
    /// Divides positive logits of tokens that stand in the prompt or have been written, and multiplies negative ones; 1
    /// leaves them.
    ///
    /// Source: Keskar et al., *CTRL*, 2019, with the treatment of negative logits of transformers.
    public var repetitionPenalty: Float = 1
    /// Tokens that must be written before a text may end.
    public var minNewTokens = 0

    public init() {}

    public var isNone: Bool { self == LogitAdjustments() }

    /// - Parameters:
    ///   - logits: one row.
    ///   - ends: tokens that end a text.
    func apply(
        to logits: inout [Float], prompt: [Int32], written: some Collection<Int32>, ends: Set<Int32>
    ) {
        if repetitionPenalty != 1 {
            for token in Set(prompt).union(written) where logits.indices.contains(Int(token)) {
                let value = logits[Int(token)]
                logits[Int(token)] = value > 0 ? value / repetitionPenalty : value * repetitionPenalty
            }
        }
        if frequencyPenalty != 0 || presencePenalty != 0 {
            var counts: [Int32: Int] = [:]
            for token in written { counts[token, default: 0] += 1 }
            for (token, count) in counts where logits.indices.contains(Int(token)) {
                logits[Int(token)] -= frequencyPenalty * Float(count) + presencePenalty
            }
        }
        for (token, value) in bias where logits.indices.contains(Int(token)) { logits[Int(token)] += value }
        if written.count < minNewTokens {
            for token in ends where logits.indices.contains(Int(token)) { logits[Int(token)] = -.infinity }
        }
    }
}
