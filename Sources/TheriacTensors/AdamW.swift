internal import CTheriacTorch

/// Adam with decoupled weight decay.
///
/// Source: Loshchilov and Hutter, *Decoupled Weight Decay Regularization*, ICLR 2019.
public final class AdamW {
    /// β₁, β₂, ε and λ of the paper; defaults as in SGEAT (methods B.3).
    public struct Settings: Sendable, Equatable {
        public var beta1 = 0.9
        public var beta2 = 0.95
        public var epsilon = 1e-8
        /// Applied to matrices; vectors (biases, norms) are not decayed.
        public var decay = 0.1

        public init() {}
    }

    public let parameters: [Tensor]
    /// Running means of the gradient and of its square, float32, one pair a parameter.
    public let first: [Tensor]
    public let second: [Tensor]
    /// Updates made so far.
    public private(set) var step = 0
    private let settings: Settings
    private let matrices: [Int]
    private let vectors: [Int]

    /// - Parameter parameters: float32 leaves that require gradients.
    public init(_ parameters: [Tensor], settings: Settings) throws(TensorError) {
        self.parameters = parameters
        self.settings = settings
        var first: [Tensor] = []
        var second: [Tensor] = []
        for parameter in parameters {
            first.append(try .zeros(parameter.shape, on: parameter.device))
            second.append(try .zeros(parameter.shape, on: parameter.device))
        }
        self.first = first
        self.second = second
        matrices = parameters.indices.filter { parameters[$0].rank >= 2 }
        vectors = parameters.indices.filter { parameters[$0].rank < 2 }
    }

    /// Updates the parameters in place from their gradients and clears those.
    public func update(rate: Double) throws(TensorError) {
        step += 1
        try update(matrices, rate: rate, decay: settings.decay)
        try update(vectors, rate: rate, decay: 0)
        for parameter in parameters { try parameter.clearGradient() }
    }

    /// Goes on after `step` updates, whose running means have been put back into ``first`` and ``second``.
    public func resume(after step: Int) { self.step = step }

    private func update(_ indices: [Int], rate: Double, decay: Double) throws(TensorError) {
        guard !indices.isEmpty else { return }
        try Tensor.perform("AdamW") { torch in
            Tensor.withPointers(indices.map { parameters[$0] }) { values in
                Tensor.withPointers(indices.map { first[$0] }) { means in
                    Tensor.withPointers(indices.map { second[$0] }) { squares in
                        torch.pointee.adamw(
                            values, means, squares, Int32(indices.count), Int64(step), rate, settings.beta1,
                            settings.beta2, settings.epsilon, decay)
                    }
                }
            }
        }
    }
}
