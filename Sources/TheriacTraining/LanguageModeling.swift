internal import Foundation
public import TheriacModels
internal import TheriacTensors

/// Documents as one endless ribbon of tokens, joined by the end-of-text token and cut into blocks.
public struct PackedTokens: Sendable {
    /// Tokens of all documents, each followed by the end-of-text token.
    public private(set) var tokens: [Int32] = []
    public let blockLength: Int
    let endOfText: Int32

    public init(blockLength: Int, endOfText: Int32) {
        self.blockLength = blockLength
        self.endOfText = endOfText
    }

    public mutating func append(_ document: [Int32]) {
        guard !document.isEmpty else { return }
        tokens.append(contentsOf: document)
        tokens.append(endOfText)
    }

    /// Whole blocks; what is left over at the end is not used. A block needs two tokens: one to read and one to guess.
    public var blocks: Int { blockLength < 2 ? 0 : tokens.count / blockLength }

    func block(_ index: Int) -> ArraySlice<Int32> { tokens[index * blockLength..<(index + 1) * blockLength] }
}

/// Next-token prediction on packed text: the loss of pre-training, DAPT and SGEAT.
public struct LanguageModeling: TrainingTask {
    private let model: any CausalLanguageModel
    private let corpus: PackedTokens
    private let recomputesActivations: Bool

    public init(_ model: any CausalLanguageModel, _ corpus: PackedTokens, recomputesActivations: Bool = false) {
        self.model = model
        self.corpus = corpus
        self.recomputesActivations = recomputesActivations
    }

    public var examples: Int { corpus.blocks }
    public var tokensPerExample: Int { corpus.blockLength }

    public func accumulate(_ examples: [Int], scale: Double) throws -> Double {
        let batch = try TokenBatch(
            examples.map { Array(corpus.block($0)) }, for: model.shape, on: model.parameters[0].tensor.device)
        return recomputesActivations
            ? try accumulateRecomputing(batch, scale: scale) : try accumulateKeeping(batch, scale: scale)
    }

    private func accumulateKeeping(_ batch: TokenBatch, scale: Double) throws -> Double {
        let hidden = try model.hidden(batch.tokens, positions: batch.positions, .whole)
        let loss = try loss(of: hidden, batch)
        try (loss * scale).backward()
        return try loss.item()
    }

    /// Keeps only the input of each block, and goes back through the blocks one at a time.
    private func accumulateRecomputing(_ batch: TokenBatch, scale: Double) throws -> Double {
        let embedded = try model.embed(batch.tokens, positions: batch.positions)
        var inputs = [try embedded.detached()]
        try Torch.withoutGradients {
            for layer in 0..<model.shape.layers { inputs.append(try model.block(layer, inputs[layer], .whole)) }
        }
        let last = inputs[model.shape.layers]
        try last.setRequiresGradient()
        let loss = try loss(of: model.finish(last), batch)
        try (loss * scale).backward()
        let value = try loss.item()
        var gradient = try last.gradient()
        for layer in (0..<model.shape.layers).reversed() {
            let input = inputs[layer]
            inputs.removeLast()
            try input.setRequiresGradient()
            try model.block(layer, input, .whole).backward(gradient)
            gradient = try input.gradient()
        }
        if embedded.requiresGradient { try embedded.backward(gradient) }
        return value
    }

    /// Mean negative log-likelihood of each token given those before it, in nats.
    private func loss(of hidden: Tensor, _ batch: TokenBatch) throws -> Tensor {
        let rows = hidden.size(0)
        let logits = try model.logits(hidden.slice(1, 0..<batch.length - 1)).to(.float32)
        let targets = try batch.tokens.slice(1, 1..<batch.length).reshape([rows * (batch.length - 1)])
        return try logits.reshape([rows * (batch.length - 1), -1]).crossEntropy(targets)
    }
}
