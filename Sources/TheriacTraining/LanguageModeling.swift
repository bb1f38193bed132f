internal import Foundation
public import TheriacModels
internal import TheriacTensors

/// Documents as one endless ribbon of tokens, joined by the end-of-text token and cut into blocks.
public struct PackedTokens: Sendable {
    /// Tokens of all documents, each followed by the end-of-text token.
    public private(set) var tokens: [Int32] = []
    /// Tokens that are read but not learnt, such as those of a prompt.
    private var unlearnt: [Bool] = []
    public let blockLength: Int
    let endOfText: Int32

    public init(blockLength: Int, endOfText: Int32) {
        self.blockLength = blockLength
        self.endOfText = endOfText
    }

    /// - Parameters:
    ///   - context: how many tokens at the beginning are only read.
    ///   - isComplete: the text ends here; otherwise it was cut, and that it stops is not learnt.
    public mutating func append(_ document: [Int32], context: Int = 0, isComplete: Bool = true) {
        guard !document.isEmpty else { return }
        tokens.append(contentsOf: document)
        tokens.append(endOfText)
        unlearnt.append(contentsOf: document.indices.map { $0 < context })
        unlearnt.append(!isComplete)
    }

    /// Whole blocks; what is left over at the end is not used. A block needs two tokens: one to read and one to guess.
    public var blocks: Int { blockLength < 2 ? 0 : tokens.count / blockLength }

    func block(_ index: Int) -> ArraySlice<Int32> { tokens[range(index)] }

    /// What is to be predicted in a block: its tokens, −100 for those that are only read.
    func targets(_ index: Int) -> [Int64] {
        range(index).map { unlearnt[$0] ? -100 : Int64(tokens[$0]) }
    }

    private func range(_ index: Int) -> Range<Int> { index * blockLength..<(index + 1) * blockLength }
}

/// Next-token prediction on packed text: the loss of pre-training, DAPT and SGEAT.
public struct LanguageModeling: TrainingTask {
    private let model: any CausalLanguageModel
    private let corpus: PackedTokens
    private let recomputesActivations: Bool

    public init(_ model: any CausalLanguageModel, _ corpus: PackedTokens, recomputesActivations: Bool = false)
    {
        self.model = model
        self.corpus = corpus
        self.recomputesActivations = recomputesActivations
    }

    public var examples: Int { corpus.blocks }
    public var tokensPerExample: Int { corpus.blockLength }

    public func accumulate(_ examples: [Int], scale: Double) throws -> Double {
        let batch = try TokenBatch(
            examples.map { Array(corpus.block($0)) }, for: model.shape, on: model.parameters[0].tensor.device)
        let targets = try Tensor(
            examples.flatMap { corpus.targets($0).dropFirst() },
            shape: [examples.count * (corpus.blockLength - 1)],
            on: batch.tokens.device)
        return recomputesActivations
            ? try accumulateRecomputing(batch, targets: targets, scale: scale)
            : try accumulateKeeping(batch, targets: targets, scale: scale)
    }

    private func accumulateKeeping(_ batch: TokenBatch, targets: Tensor, scale: Double) throws -> Double {
        let hidden = try model.hidden(batch)
        let loss = try loss(of: hidden, targets)
        try (loss * scale).backward()
        return try loss.item()
    }

    /// Keeps only the input of each block, and goes back through the blocks one at a time.
    private func accumulateRecomputing(_ batch: TokenBatch, targets: Tensor, scale: Double) throws -> Double {
        let pass = Pass(positions: batch.positions, lengths: batch.lengths)
        let embedded = try model.embed(batch.tokens, pass)
        var inputs = [try embedded.detached()]
        try Torch.withoutGradients {
            for layer in 0..<model.shape.layers {
                // Without gradients the stream may be wider than the blocks are trained in.
                inputs.append(try model.block(layer, inputs[layer], pass).to(embedded.dtype))
            }
        }
        let last = inputs[model.shape.layers]
        try last.setRequiresGradient()
        let loss = try loss(of: model.finish(last), targets)
        try (loss * scale).backward()
        let value = try loss.item()
        var gradient = try last.gradient()
        for layer in (0..<model.shape.layers).reversed() {
            let input = inputs[layer]
            inputs.removeLast()
            try input.setRequiresGradient()
            try model.block(layer, input, pass).backward(gradient)
            gradient = try input.gradient()
        }
        if embedded.requiresGradient { try embedded.backward(gradient) }
        return value
    }

    /// Mean negative log-likelihood of each target given the tokens before it, in nats.
    private func loss(of hidden: Tensor, _ targets: Tensor) throws -> Tensor {
        let (rows, length) = (hidden.size(0), hidden.size(1))
        let logits = try model.logits(hidden.slice(1, 0..<length - 1))
        return try logits.reshape([rows * (length - 1), -1]).crossEntropy(targets)
    }
}
