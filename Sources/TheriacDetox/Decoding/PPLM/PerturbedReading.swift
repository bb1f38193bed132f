internal import TheriacGeneration
internal import TheriacModels
internal import TheriacTensors

/// Reads the last token of some rows again, over a past that is perturbed.
///
/// The past is copied from the session's pool in float32: a perturbation is far smaller than what bfloat16 tells apart.
final class PerturbedReading {
    /// Places of the longest past.
    let length: Int
    private let model: any CausalLanguageModel
    private let memory: PastMemory
    private let tokens: Tensor  // int64 [rows, 1]
    private let positions: Tensor  // int64 [rows, 1]
    /// Over all tokens, the last one included; only to look ahead.
    private let whole: PastMemory?
    private let embedding: MeanEmbedding
    private let lengths: [Int]
    private let hiddenSums: Tensor?  // float32 [rows, width]: over the past, without the last token

    /// - Parameters:
    ///   - places: of each row, where the pool holds its tokens; at least two.
    ///   - tokens: the last token of each row.
    ///   - hiddenSums: of each row, over its past without the last token; nil when it shall not look ahead.
    init(
        _ model: any CausalLanguageModel, _ session: ModelSession, places: [[Int]], tokens: [Int32],
        hiddenSums: [[Float]]?, _ embedding: MeanEmbedding
    ) throws {
        self.model = model
        let device = model.device
        lengths = places.map { $0.count - 1 }
        length = lengths.max() ?? 0
        memory = try PastMemory(session, places: places.map { Array($0.dropLast()) }, model.shape, device)
        whole = hiddenSums == nil ? nil : try PastMemory(session, places: places, model.shape, device)
        self.embedding = embedding
        self.tokens = try Tensor(tokens.map(Int64.init), shape: [tokens.count, 1], on: device)
        positions = try Tensor(lengths.map(Int64.init), shape: [tokens.count, 1], on: device)
        self.hiddenSums = try hiddenSums.map {
            try Tensor($0.flatMap { $0 }, shape: [places.count, model.shape.width], on: device)
        }
    }

    private var rows: Int { lengths.count }

    /// No perturbation: zeros for each layer, float32 `[rows, 2, length, keyValueHeads, width]`.
    func none() throws -> [Tensor] {
        try memory.past.map { try .zeros($0.shape, on: $0.device) }
    }

    /// The loss's gradient with respect to the perturbation, a tensor a layer.
    ///
    /// - Parameter loss: of the finished hidden states `[rows, width]` and the natural logarithms of the next token's
    ///   probabilities, float32 `[rows, vocabulary]`.
    func gradients(
        at perturbation: [Tensor], _ loss: (_ hidden: Tensor, _ logProbabilities: Tensor) throws -> Tensor
    ) throws -> (gradients: [Tensor], logProbabilities: Tensor) {
        let leaves = try perturbation.map { try $0.detached().clone() }
        for leaf in leaves { try leaf.setRequiresGradient() }
        let found = try Torch.withGradients {
            let (hidden, p) = try read(leaves)
            try loss(hidden, p).backward()
            return try p.detached()
        }
        let gradients = try leaves.map { leaf in try leaf.gradient() ?? .zeros(leaf.shape, on: leaf.device) }
        return (gradients, found)
    }

    /// float32 `[rows, vocabulary]`, without gradients.
    func logProbabilities(at perturbation: [Tensor]) throws -> Tensor {
        try Torch.withoutGradients { try read(perturbation).logProbabilities }
    }

    private func read(_ perturbation: [Tensor]) throws -> (hidden: Tensor, logProbabilities: Tensor) {
        memory.perturbation = perturbation
        defer { memory.perturbation = [] }
        let pass = Pass(positions: positions, lengths: lengths.map { $0 + 1 }, memory: memory)
        let hidden = try model.hidden(tokens, pass).reshape([rows, -1])
        return (hidden, try model.logits(hidden).logSoftmax())
    }

    // MARK: - Looking ahead

    /// The mean hidden state of each row's text with the mean next token fed `horizon` times behind it: float32
    /// `[rows, width]`.
    ///
    /// Gradients flow through the next token's probabilities alone: `hidden`, that of the last token, counts as given, and
    /// what is looked at is the unperturbed past.
    func meanHidden(_ logProbabilities: Tensor, hidden: Tensor, horizon: Int) throws -> Tensor {
        guard let whole, let hiddenSums else { preconditionFailure("it was made to look ahead") }
        whole.forgetAdded()
        whole.keepsAdded = horizon > 1
        let mean = try embedding.mean(logProbabilities.exp())
        var sum = try hiddenSums + hidden.detached().to(.float32)
        for step in 0..<horizon {
            let places = try Tensor(
                lengths.map { Int64($0 + 1 + step) }, shape: [rows, 1], on: mean.device)
            let pass = Pass(positions: places, lengths: lengths.map { $0 + 2 + step }, memory: whole)
            var ahead = try mean.reshape([rows, 1, -1]) + embedding.positionPart(places)
            for layer in 0..<model.shape.layers { ahead = try model.block(layer, ahead, pass) }
            sum = try sum + model.finish(ahead).reshape([rows, -1]).to(.float32)
        }
        let counts = lengths.map { 1 / Float($0 + 1 + horizon) }
        return try sum * Tensor(counts, shape: [rows, 1], on: sum.device)
    }
}
