public import TheriacModels
internal import TheriacTensors
internal import TheriacTokenizers

/// How likely a model finds texts.
public struct Likelihood {
    private let loaded: LoadedModel
    /// Tokens computed together.
    private let batchTokens: Int
    /// Logits held at once, as numbers; a large vocabulary takes fewer tokens at a time.
    private static let logitsAtOnce = 1 << 25

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
        var sequences: [(index: Int, scored: ScoredTokens)] = []
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
            sequences.append((index, ScoredTokens(tokens: tokens, from: from)))
        }
        var result = [(sum: Double, tokens: Int)?](repeating: nil, count: texts.count)
        for (sequence, score) in zip(sequences, try scores(of: sequences.map(\.scored))) {
            result[sequence.index] = (score.loss, sequence.scored.count)
        }
        return result
    }

    /// Negative log-likelihood of each document in nats, and its tokens.
    ///
    /// A document begins after the begin-of-text token; a long one is read in windows of the model's context that do not
    /// overlap, each beginning after the last token of the one before.
    public func ofDocuments(_ texts: [String]) throws -> [(sum: Double, tokens: Int)] {
        let window = loaded.model.shape.context
        var sequences: [ScoredTokens] = []
        var owners: [Int] = []
        for (owner, text) in texts.enumerated() {
            let tokens = loaded.tokenizer.encode(text)
            // Without a begin-of-text token there is nothing before the first token, which then goes uncounted.
            var start = loaded.beginOfText == nil ? 1 : 0
            while start < tokens.count {
                let end = min(tokens.count, start + window - 1)
                let before = start == 0 ? loaded.beginOfText ?? 0 : tokens[start - 1]
                sequences.append(ScoredTokens(tokens: [before] + tokens[start..<end], from: 1))
                owners.append(owner)
                start = end
            }
        }
        var result = [(sum: Double, tokens: Int)](repeating: (0, 0), count: texts.count)
        for ((owner, sequence), score) in zip(zip(owners, sequences), try scores(of: sequences)) {
            result[owner].sum += score.loss
            result[owner].tokens += sequence.count
        }
        return result
    }

    /// Tokens of which those from `from` on are scored, each after all before it.
    struct ScoredTokens {
        var tokens: [Int32]
        /// At least 1: the first token has nothing before it.
        var from: Int

        /// How many are scored.
        var count: Int { tokens.count - from }
        /// What the model reads: the last token is only predicted.
        var input: ArraySlice<Int32> { tokens.dropLast() }
    }

    /// What is found of a sequence.
    struct Score {
        /// Summed negative log-likelihood of the scored tokens, in nats.
        var loss = 0.0
        /// Whether each scored token is the likeliest one at its place; true unless asked for.
        var isGreedy = true
    }

    /// Scores in the given order. Sequences of like length are computed together, so that little padding is; those with
    /// the same input share a row.
    ///
    /// - Parameter greedy: also find out whether the tokens are the likeliest ones.
    func scores(of sequences: [ScoredTokens], greedy: Bool = false) throws -> [Score] {
        var rows: [(input: ArraySlice<Int32>, members: [Int])] = []
        var known: [ArraySlice<Int32>: Int] = [:]
        for (index, sequence) in sequences.enumerated() {
            if let row = known[sequence.input] {
                rows[row].members.append(index)
            } else {
                known[sequence.input] = rows.count
                rows.append((sequence.input, [index]))
            }
        }
        rows.sort { $0.input.count < $1.input.count }
        var result = [Score](repeating: Score(), count: sequences.count)
        var start = 0
        while start < rows.count {
            var end = start + 1
            while end < rows.count, rows[end].input.count * (end + 1 - start) <= batchTokens { end += 1 }
            let batch = rows[start..<end]
            let members = batch.enumerated().flatMap { row, entry in
                entry.members.map { (row: row, index: $0) }
            }
            let found = try scores(
                rows: batch.map { Array($0.input) },
                members: members.map { ($0.row, sequences[$0.index]) }, greedy: greedy)
            for (member, score) in zip(members, found) { result[member.index] = score }
            start = end
        }
        return result
    }

    /// Scores of sequences whose inputs are the rows they name.
    private func scores(
        rows: [[Int32]], members: [(row: Int, sequence: ScoredTokens)], greedy: Bool
    ) throws -> [Score] {
        try Torch.withoutGradients {
            let model = loaded.model
            let device = model.parameters[0].tensor.device
            let batch = try TokenBatch(rows, for: model.shape, on: device)
            let states = try hidden(batch).reshape([rows.count * batch.length, -1])
            var places: [Int64] = []  // of the hidden states that predict scored tokens
            var targets: [Int64] = []
            var owners: [Int] = []
            for (owner, member) in members.enumerated() {
                for position in member.sequence.from..<member.sequence.tokens.count {
                    places.append(Int64(member.row * batch.length + position - 1))
                    targets.append(Int64(member.sequence.tokens[position]))
                    owners.append(owner)
                }
            }
            var result = [Score](repeating: Score(), count: members.count)
            let step = max(1, Self.logitsAtOnce / model.shape.vocabulary)
            for start in stride(from: 0, to: places.count, by: step) {
                let part = start..<min(start + step, places.count)
                let index = try Tensor(Array(places[part]), shape: [part.count], on: device)
                let wanted = try Tensor(Array(targets[part]), shape: [part.count], on: device)
                let logits = try model.logits(states.select(0, index))
                let losses = try logits.crossEntropy(wanted, mean: false).floats()
                for (place, loss) in zip(part, losses) { result[owners[place]].loss += Double(loss) }
                guard greedy else { continue }
                for (place, likeliest) in zip(part, try logits.argmax(-1).integers())
                where likeliest != targets[place] {
                    result[owners[place]].isGreedy = false
                }
            }
            return result
        }
    }

    /// The last layer's states, `[rows, length, width]`.
    private func hidden(_ batch: TokenBatch) throws -> Tensor {
        try loaded.model.hidden(batch)
    }
}

extension Likelihood {
    /// What a model says of an answer that stands after a context.
    public struct Answer: Sendable, Equatable {
        /// Natural logarithm of the probability of all its tokens, one after the other.
        public var logProbability: Double
        public var tokens: Int
        /// Whether greedy decoding after the context would write exactly these tokens.
        public var isGreedy: Bool
    }

    /// How likely each continuation is after its context, as lm-evaluation-harness counts.
    ///
    /// White space at the end of a context goes over to the continuation. Both are encoded as one text, and the
    /// continuation's tokens are those beyond as many as the context alone has; what precedes them are the tokens of the
    /// context alone. An empty context is the begin-of-text token. A context too long for the model loses its beginning.
    /// nil for a continuation that adds no token, or alone does not fit the model.
    ///
    /// Source: lm-evaluation-harness 0.4.13, `TemplateLM._encode_pair`, `HFLM._loglikelihood_tokens`.
    public func ofAnswers(_ pairs: [(context: String, continuation: String)]) throws -> [Answer?] {
        var contexts: [String: [Int32]] = [:]
        var sequences: [(index: Int, scored: ScoredTokens)] = []
        for (index, pair) in pairs.enumerated() {
            guard let scored = encoded(pair.context, pair.continuation, contexts: &contexts) else { continue }
            sequences.append((index, scored))
        }
        var result = [Answer?](repeating: nil, count: pairs.count)
        for (sequence, score) in zip(sequences, try scores(of: sequences.map(\.scored), greedy: true)) {
            result[sequence.index] = Answer(
                logProbability: -score.loss, tokens: sequence.scored.count, isGreedy: score.isGreedy)
        }
        return result
    }

    private func encoded(
        _ context: String, _ continuation: String, contexts: inout [String: [Int32]]
    ) -> ScoredTokens? {
        let tokenizer = loaded.tokenizer
        let limit = loaded.model.shape.context
        let (head, space) = context.splittingTrailingWhiteSpace()
        var before: [Int32]
        var answer: [Int32]
        if head.isEmpty {
            answer = tokenizer.encode(space + continuation, addingSpecialTokens: false)
            guard let begin = loaded.beginOfText else { return nil }
            before = [begin]
            if answer.first == begin { answer.removeFirst() }
        } else {
            before = contexts[head] ?? tokenizer.encode(head)
            contexts[head] = before
            answer = Array(tokenizer.encode(context + continuation).dropFirst(before.count))
        }
        guard !before.isEmpty, !answer.isEmpty, answer.count <= limit else { return nil }
        let tokens = Array((before + answer).suffix(limit + 1))
        return ScoredTokens(tokens: tokens, from: tokens.count - answer.count)
    }
}

extension String {
    /// The text up to its last character that is not white space, and the rest.
    fileprivate func splittingTrailingWhiteSpace() -> (String, String) {
        let scalars = unicodeScalars
        let last = scalars.lastIndex { !$0.properties.isWhitespace && !(0x1C...0x1F).contains($0.value) }
        let end = last.map { scalars.index(after: $0) } ?? scalars.startIndex
        return (String(scalars[..<end]), String(scalars[end...]))
    }
}
