public import TheriacModels
internal import TheriacTensors
internal import TheriacTokenizers

/// How likely a model answers a prompt with each of a few given words.
///
/// An answer of one token costs nothing beside the prompt; answers of several are read after it, those that begin alike
/// together. Only the last places of a prompt pass through the model's head.
public struct AnswerLikelihood {
    /// The tokens of each answer.
    public let answers: [[Int32]]
    private let loaded: LoadedModel
    private let batchTokens: Int
    /// What is read after a prompt: the answers without their last token, each that no other begins with.
    private let openings: [[Int32]]
    /// For each answer the opening that begins with it.
    private let opening: [Int]

    /// - Parameters:
    ///   - answers: with the blank before them, as they stand after the prompt: `" Yes"`.
    ///   - tail: how all prompts end, such as `"Answer:"`; the answers' tokens are those that follow its own.
    ///   - batchTokens: tokens computed together.
    /// - Throws: ``GenerationError/noAnswer(_:reason:)`` for an answer that is empty, the beginning of another, or not to
    ///   be told from the prompt.
    public init(_ loaded: LoadedModel, answers: [String], after tail: String, batchTokens: Int = 8192) throws
    {
        self.loaded = loaded
        self.batchTokens = batchTokens
        let end = loaded.tokenizer.encode(tail, addingSpecialTokens: false)
        var tokens: [[Int32]] = []
        for answer in answers {
            let whole = loaded.tokenizer.encode(tail + answer, addingSpecialTokens: false)
            guard whole.starts(with: end) else {
                throw GenerationError.noAnswer(
                    answer, reason: "its first letters melt into the prompt's last token")
            }
            guard whole.count > end.count else {
                throw GenerationError.noAnswer(answer, reason: "it has no token")
            }
            tokens.append(Array(whole[end.count...]))
        }
        for (index, answer) in tokens.enumerated() {
            let isPart = tokens.indices.contains { $0 != index && tokens[$0].starts(with: answer) }
            if isPart {
                throw GenerationError.noAnswer(answers[index], reason: "another answer begins with it")
            }
        }
        self.answers = tokens
        let beginnings = tokens.map { Array($0.dropLast()) }
        var kept: [[Int32]] = []
        for beginning in beginnings
        where !kept.contains(beginning)
            && !beginnings.contains(where: { $0.count > beginning.count && $0.starts(with: beginning) })
        {
            kept.append(beginning)
        }
        openings = kept
        opening = beginnings.map { beginning in kept.firstIndex { $0.starts(with: beginning) } ?? 0 }
    }

    /// Tokens the longest prompt may have.
    public var longestPrompt: Int {
        loaded.model.shape.context - (openings.map(\.count).max() ?? 0)
    }

    /// The natural logarithm of each answer's probability right after each prompt: `[prompts][answers]`.
    ///
    /// A prompt's values do not depend on the others.
    /// - Parameter prompts: token ids, at least one each.
    /// - Throws: ``GenerationError/promptTooLong(tokens:limit:)`` beyond ``longestPrompt``,
    ///   ``GenerationError/emptyPrompt``.
    public func logProbabilities(after prompts: [[Int32]]) throws -> [[Double]] {
        for prompt in prompts {
            guard !prompt.isEmpty else { throw GenerationError.emptyPrompt }
            guard prompt.count <= longestPrompt else {
                throw GenerationError.promptTooLong(tokens: prompt.count, limit: longestPrompt)
            }
        }
        let order = prompts.indices.sorted { prompts[$0].count < prompts[$1].count }
        var result = [[Double]](repeating: [], count: prompts.count)
        var start = 0
        while start < order.count {
            var end = start + 1
            // A batch's rows have the length of its longest.
            while end < order.count,
                (prompts[order[end]].count * (end + 1 - start)) * openings.count <= batchTokens
            {
                end += 1
            }
            let batch = order[start..<end].map { prompts[$0] }
            for (index, values) in zip(order[start..<end], try batchLogProbabilities(batch)) {
                result[index] = values
            }
            start = end
        }
        return result
    }

    private func batchLogProbabilities(_ prompts: [[Int32]]) throws -> [[Double]] {
        try Torch.withoutGradients {
            let model = loaded.model
            let device = model.parameters[0].tensor.device
            let rows = prompts.flatMap { prompt in openings.map { prompt + $0 } }
            let batch = try TokenBatch(rows, for: model.shape, on: device)
            let hidden = try model.hidden(batch)
            var places: [Int64] = []  // of the hidden states that predict an answer's tokens
            var firstPlaces: [Int] = []  // of each row among `places`
            for (row, tokens) in rows.enumerated() {
                firstPlaces.append(places.count)
                let opening = openings[row % openings.count].count
                for step in 0...opening {
                    places.append(Int64(row * batch.length + tokens.count - opening - 1 + step))
                }
            }
            let index = try Tensor(places, shape: [places.count], on: device)
            let flat = try hidden.reshape([rows.count * batch.length, -1]).select(0, index)
            let logits = try model.logits(flat).logSoftmax()  // [places, vocabulary]
            let vocabulary = logits.size(1)
            return try logits.withFloats { values in
                prompts.indices.map { prompt in
                    answers.indices.map { answer in
                        let first = firstPlaces[prompt * openings.count + opening[answer]]
                        return answers[answer].enumerated().reduce(0.0) { sum, token in
                            sum + Double(values[(first + token.offset) * vocabulary + Int(token.element)])
                        }
                    }
                }
            }
        }
    }
}
