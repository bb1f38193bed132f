public import TheriacTensors

/// `x · weightᵀ + bias`, with an optional low-rank addition.
public final class Linear {
    /// `[out, in]`.
    public let weight: Tensor
    /// `[out]`.
    public let bias: Tensor?
    public private(set) var lowRank: LowRank?

    /// The low-rank addition of LoRA: `scale · (x · aᵀ) · bᵀ`.
    public struct LowRank {
        /// `[rank, in]`.
        public let a: Tensor
        /// `[out, rank]`.
        public let b: Tensor
        public let scale: Double
    }

    /// - Parameter storedTransposed: the checkpoint holds `[in, out]`, as GPT-2's Conv1D does.
    init(
        _ store: ParameterStore, _ name: String, inputs: Int, outputs: Int, bias: Bool = true,
        storedTransposed: Bool = false, deviation: Double = 0.02
    ) throws {
        weight = try store.parameter(
            name + ".weight", [outputs, inputs], initial: .normal(deviation),
            storedTransposed: storedTransposed)
        self.bias = bias ? try store.parameter(name + ".bias", [outputs], initial: .constant(0)) : nil
    }

    public var outputs: Int { weight.size(0) }
    public var inputs: Int { weight.size(1) }

    /// `[…, in]` → `[…, out]`, computed in the type of `x`.
    public func callAsFunction(_ x: Tensor) throws(TensorError) -> Tensor {
        let y = try x.linear(weight.to(x.dtype), bias?.to(x.dtype))
        guard let lowRank else { return y }
        let added = try x.linear(lowRank.a.to(x.dtype)).linear(lowRank.b.to(x.dtype))
        return try y + added * lowRank.scale
    }

    /// Adds `addition` to every later call; replaces an earlier one.
    public func attach(_ addition: LowRank?) { lowRank = addition }

    /// In place: adds the low-rank product to the weight itself, which makes calls as fast as without.
    public func merge() throws(TensorError) {
        guard let lowRank else { return }
        let product = try lowRank.b.to(.float32).matmul(lowRank.a.to(.float32)) * lowRank.scale
        try weight.assign((weight.detached().to(.float32) + product).detached())
        self.lowRank = nil
    }
}

/// Layer normalisation over the last dimension.
public struct LayerNorm {
    let weight: Tensor
    let bias: Tensor
    let epsilon: Double

    init(_ store: ParameterStore, _ name: String, width: Int, epsilon: Double) throws {
        weight = try store.parameter(name + ".weight", [width], initial: .constant(1))
        bias = try store.parameter(name + ".bias", [width], initial: .constant(0))
        self.epsilon = epsilon
    }

    func callAsFunction(_ x: Tensor) throws(TensorError) -> Tensor {
        try x.layerNorm(weight.to(x.dtype), bias.to(x.dtype), epsilon: epsilon)
    }
}
