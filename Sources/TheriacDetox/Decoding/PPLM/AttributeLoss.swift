internal import TheriacFiles
internal import TheriacModels
internal import TheriacTensors
internal import Foundation

/// What PPLM minimises: how far the next token, and what it leads to, is from the wanted attribute.
struct AttributeLoss {
    /// Lists of tokens that shall become likelier, and less likely.
    var wanted: [[Int64]] = []
    var unwanted: [[Int64]] = []
    var head: DiscriminatorHead?
    /// The class the head shall see.
    var target = 0
    let klScale: Double
    let horizon: Int

    init(klScale: Double, horizon: Int) {
        self.klScale = klScale
        self.horizon = horizon
    }

    /// The loss of each row, float32 `[rows]`: −ln Σ p over each wanted list, −ln(1 − Σ p) over each unwanted one, the
    /// head's cross entropy, and kl-scale · Σ p (ln p − ln p₀).
    ///
    /// - Parameters:
    ///   - logProbabilities: ln p of the next token, perturbed; `plain`: ln p₀, unperturbed. float32 `[rows, vocabulary]`.
    ///   - hidden: of the last token, `[rows, width]`.
    func loss(
        _ logProbabilities: Tensor, plain: Tensor, hidden: Tensor, _ reading: PerturbedReading
    ) throws -> Tensor {
        let p = try logProbabilities.exp()
        var loss = try (p * (logProbabilities - plain)).sum(1) * klScale
        for list in wanted {
            loss = try loss - (mass(p, list) + 1e-15).log()
        }
        for list in unwanted {
            // Near 1 the logarithm has no more to tell (hazard H3).
            let rest = try mass(p, list) * -1 + 1
            loss = try loss - ((rest - 1e-5).relu() + 1e-5).log()
        }
        guard let head else { return loss }
        let mean = try reading.meanHidden(logProbabilities, hidden: hidden, horizon: horizon)
        let targets = try Tensor(
            [Int64](repeating: Int64(target), count: p.size(0)), shape: [p.size(0)], on: p.device)
        return try loss + head.logits(mean).crossEntropy(targets, mean: false)
    }

    private func mass(_ p: Tensor, _ tokens: [Int64]) throws -> Tensor {
        try p.select(1, Tensor(tokens, shape: [tokens.count], on: p.device)).sum(1)
    }
}

/// One linear layer that tells the classes apart by a text's mean hidden state.
struct DiscriminatorHead {
    private static let fileName = "discriminator.safetensors"

    /// float32 `[2, width]`; nontoxic, toxic.
    let weight: Tensor
    /// float32 `[2]`.
    let bias: Tensor

    init(weight: Tensor, bias: Tensor) {
        self.weight = weight
        self.bias = bias
    }

    init(folder: URL, for loaded: LoadedModel) throws {
        let url = folder.appendingPathComponent(Self.fileName)
        let file = try SafetensorsFile(contentsOf: url)
        let device = loaded.model.device
        weight = try MethodFile.tensor("weight", [2, loaded.model.shape.width], in: file, url).to(
            .float32, on: device)
        bias = try MethodFile.tensor("bias", [2], in: file, url).to(.float32, on: device)
    }

    /// Logits of the classes for mean hidden states `[rows, width]`: float32 `[rows, 2]`.
    func logits(_ means: Tensor) throws -> Tensor { try means.linear(weight, bias) }

    func write(to folder: URL) throws {
        try MethodFile.write(
            [("weight", weight.detached()), ("bias", bias.detached())],
            to: folder.appendingPathComponent(Self.fileName))
    }
}
