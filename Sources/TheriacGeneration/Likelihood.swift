public import TheriacModels
internal import TheriacTensors
internal import TheriacTokenizers

/// How likely a model finds texts.
public struct Likelihood {
    private let loaded: LoadedModel
    /// Tokens computed together.
    private let batchTokens: Int

    public init(_ loaded: LoadedModel, batchTokens: Int = 8192) {
        self.loaded = loaded
        self.batchTokens = batchTokens
    }

    /// Negative log-likelihood of each continuation given its prompt, in nats, and the tokens it is over.
    ///
    /// Prompt and continuation are encoded as one text; tokens of the prompt are those both encodings begin with, so a
    /// token that reaches over the border counts to the continuation. An empty prompt is the begin-of-text token. nil
    /// for a continuation that adds no token, and for one that does not fit the context.
    ///
    /// Source: the perplexity of Liu et al., *DExperts*, ACL 2021, with the joint encoding of methods E.2.
    public func ofContinuations(
        _ texts: [(prompt: String, continuation: String)]
    ) throws -> [(sum: Double, tokens: Int)?] {
        var prompts: [String: [Int32]] = [:]
        var sequences: [(index: Int, tokens: [Int32], from: Int)] = []
        for (index, text) in texts.enumerated() {
            let prompt = prompts[text.prompt] ?? loaded.tokenizer.encode(text.prompt)
            prompts[text.prompt] = prompt
            var tokens = loaded.tokenizer.encode(text.prompt + text.continuation)
            var from = zip(prompt, tokens).prefix { $0 == $1 }.count
            if from == 0, let begin = loaded.beginOfText {
                tokens.insert(begin, at: 0)
                from = 1
            }
            guard from > 0, tokens.count > from, tokens.count <= loaded.model.shape.context else { continue }
            sequences.append((index, tokens, from))
        }
        var result = [(sum: Double, tokens: Int)?](repeating: nil, count: texts.count)
        let sums = try losses(of: sequences.map { ($0.tokens, $0.from) })
        for (sequence, sum) in zip(sequences, sums) {
            result[sequence.index] = (sum, sequence.tokens.count - sequence.from)
        }
        return result
    }

    /// Negative log-likelihood of each document in nats, and its tokens.
    ///
    /// A document begins after the begin-of-text token; a long one is read in windows of the model's context that do not
    /// overlap, each beginning after the last token of the one before.
    public func ofDocuments(_ texts: [String]) throws -> [(sum: Double, tokens: Int)] {
        let window = loaded.model.shape.context
        var sequences: [(tokens: [Int32], from: Int)] = []
        var owners: [Int] = []
        for (owner, text) in texts.enumerated() {
            let tokens = loaded.tokenizer.encode(text)
            // Without a begin-of-text token there is nothing before the first token, which then goes uncounted.
            var start = loaded.beginOfText == nil ? 1 : 0
            while start < tokens.count {
                let end = min(tokens.count, start + window - 1)
                let before = start == 0 ? loaded.beginOfText ?? 0 : tokens[start - 1]
                sequences.append(([before] + tokens[start..<end], 1))
                owners.append(owner)
                start = end
            }
        }
        var result = [(sum: Double, tokens: Int)](repeating: (0, 0), count: texts.count)
        for ((owner, sequence), sum) in zip(zip(owners, sequences), try losses(of: sequences)) {
            result[owner].sum += sum
            result[owner].tokens += sequence.tokens.count - 1
        }
        return result
    }

    /// ``losses(_:)`` in batches of sequences of like length, so that little padding is computed; in the given order.
    private func losses(of sequences: [(tokens: [Int32], from: Int)]) throws -> [Double] {
        let order = sequences.indices.sorted { sequences[$0].tokens.count < sequences[$1].tokens.count }
        var result = [Double](repeating: 0, count: sequences.count)
        var start = 0
        while start < order.count {
            var end = start + 1
            while end < order.count, sequences[order[end]].tokens.count * (end + 1 - start) <= batchTokens {
                end += 1
            }
            for (index, loss) in zip(order[start..<end], try losses(order[start..<end].map { sequences[$0] }))
            {
                result[index] = loss
            }
            start = end
        }
        return result
    }

    /// Summed negative log-likelihood of the tokens from `from` on, of each sequence.
    private func losses(_ sequences: [(tokens: [Int32], from: Int)]) throws -> [Double] {
        try Torch.withoutGradients {
            let model = loaded.model
            let device = model.parameters[0].tensor.device
            let batch = try TokenBatch(sequences.map(\.tokens), for: model.shape, on: device)
            let hidden = try model.hidden(batch)
            var places: [Int64] = []  // of the hidden states that predict counted tokens
            var targets: [Int64] = []
            var owners: [Int] = []
            for (row, sequence) in sequences.enumerated() {
                for position in sequence.from..<sequence.tokens.count {
                    places.append(Int64(row * batch.length + position - 1))
                    targets.append(Int64(sequence.tokens[position]))
                    owners.append(row)
                }
            }
            let index = try Tensor(places, shape: [places.count], on: device)
            let flat = try hidden.reshape([sequences.count * batch.length, -1]).select(0, index)
            let wanted = try Tensor(targets, shape: [targets.count], on: device)
            let losses = try model.logits(flat).to(.float32).crossEntropy(wanted, mean: false).floats()
            var sums = [Double](repeating: 0, count: sequences.count)
            for (owner, loss) in zip(owners, losses) { sums[owner] += Double(loss) }
            return sums
        }
    }
}
