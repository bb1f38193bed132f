internal import TheriacModels
internal import TheriacTensors

/// What a model's embedding layer makes of a distribution over tokens: the mean over what it makes of each.
///
/// An embedding is a part of the token plus a part of the position, so the mean over tokens is taken at position 0 and the
/// difference of positions is added.
///
/// Everything is of the model's compute type, as embeddings are while gradients are recorded; on a processor those made
/// without are float32 whatever the weights are.
final class MeanEmbedding {
    private let model: any CausalLanguageModel
    private var table: Tensor?

    init(_ model: any CausalLanguageModel) { self.model = model }

    /// Of probabilities `[rows, vocabulary]` at position 0: `[rows, width]`. Gradients flow through.
    func mean(_ probabilities: Tensor) throws -> Tensor {
        try probabilities.to(model.computeType).matmul(tokens())
    }

    /// What other positions (int64 `[rows, 1]`) add to that: `[rows, 1, width]`.
    func positionPart(_ positions: Tensor) throws -> Tensor {
        try Torch.withoutGradients {
            let token = try Tensor(
                [Int64](repeating: 0, count: positions.count), shape: positions.shape, on: model.device)
            return try
                (model.embed(token, Pass(positions: positions)) - model.embed(token, Pass(positions: token)))
                .to(model.computeType)
        }
    }

    /// Each token at position 0: `[vocabulary, width]`, made when first wanted.
    private func tokens() throws -> Tensor {
        if let table { return table }
        let made = try Torch.withoutGradients {
            let vocabulary = model.shape.vocabulary
            let all = try Tensor.arange(0..<vocabulary, on: model.device).reshape([1, vocabulary])
            let positions = try Tensor(
                [Int64](repeating: 0, count: vocabulary), shape: [1, vocabulary], on: model.device)
            return try model.embed(all, Pass(positions: positions)).reshape([vocabulary, -1])
                .to(model.computeType)
        }
        table = made
        return made
    }
}
