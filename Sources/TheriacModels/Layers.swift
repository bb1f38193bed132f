public import TheriacTensors

/// `x · weightᵀ + bias`, with an optional low-rank addition.
public final class Linear {
    /// `[out, in]`.
    public let weight: Tensor
    /// `[out]`.
    public let bias: Tensor?
    public private(set) var lowRank: LowRank?
    private let packed: PackedWeight
    private var packedLowRank: (a: PackedWeight, b: PackedWeight)?

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
            storedTransposed: storedTransposed, isFactor: true)
        self.bias = bias ? try store.parameter(name + ".bias", [outputs], initial: .constant(0)) : nil
        packed = PackedWeight(weight)
    }

    public var outputs: Int { weight.size(0) }
    public var inputs: Int { weight.size(1) }

    /// A layer over a weight that something else owns, such as a head tied to an embedding.
    init(weight: Tensor, bias: Tensor? = nil) {
        self.weight = weight
        self.bias = bias
        packed = PackedWeight(weight)
    }

    /// `residual + activation(x · weightᵀ + bias)`: `[…, in]` → `[…, out]`, computed in the type of `x`.
    ///
    /// Without gradients on the CPU, what a token gets is the same to the last bit whatever stands beside it, unless the
    /// weight is in training.
    ///
    /// - Parameter residual: `[…, out]`; the result has its type.
    public func callAsFunction(
        _ x: Tensor, _ activation: Activation? = nil, addingTo residual: Tensor? = nil
    ) throws(TensorError) -> Tensor {
        // Laying out a weight that every step of a training changes would cost more than it saves.
        guard isPacked(x), !weight.requiresGradient else {
            return try recorded(x, activation, addingTo: residual)
        }
        let shape = Array(x.shape.dropLast()) + [outputs]
        let flat = try x.reshape([-1, inputs])
        guard let residual else { return try rows(flat, activation).reshape(shape) }
        guard residual.dtype == .float32 else { return try residual + rows(flat, activation).reshape(shape) }
        return try rows(flat, activation, addingTo: residual.reshape([-1, outputs])).reshape(shape)
    }

    private func recorded(
        _ x: Tensor, _ activation: Activation?, addingTo residual: Tensor?
    ) throws(TensorError) -> Tensor {
        var y = try x.linear(weight.to(x.dtype), bias?.to(x.dtype))
        if let lowRank {
            y = try y + x.linear(lowRank.a.to(x.dtype)).linear(lowRank.b.to(x.dtype)) * lowRank.scale
        }
        if let activation { y = try y.activated(activation) }
        return if let residual { try residual + y.to(residual.dtype) } else { y }
    }

    private func isPacked(_ x: Tensor) -> Bool {
        !Torch.recordsGradients && x.device == .cpu && (x.dtype == .float32 || x.dtype == .bfloat16)
    }

    /// Adds `addition` to every later call; replaces an earlier one.
    public func attach(_ addition: LowRank?) {
        lowRank = addition
        packedLowRank = addition.map { (PackedWeight($0.a), PackedWeight($0.b)) }
    }

    /// In place: adds the low-rank product to the weight itself, which makes calls as fast as without.
    public func merge() throws(TensorError) {
        guard let lowRank else { return }
        let product = try lowRank.b.to(.float32).matmul(lowRank.a.to(.float32)) * lowRank.scale
        try weight.assign((weight.detached().to(.float32) + product).detached())
        attach(nil)
    }
}

extension Linear {
    /// `residual + activation(x · weightᵀ + bias)` for the rows of packed sequences.
    ///
    /// Without gradients on the CPU, a row's result is the same to the last bit whatever the other rows are.
    ///
    /// - Parameters:
    ///   - x: `[rows, in]`; the product is computed in its type.
    ///   - residual: `[rows, out]`, float32.
    /// - Returns: `[rows, out]` in the type of `x`; float32 when there is a residual.
    func rows(
        _ x: Tensor, _ activation: Activation? = nil, addingTo residual: Tensor? = nil
    ) throws(TensorError) -> Tensor {
        guard isPacked(x) else { return try recorded(x, activation, addingTo: residual) }
        guard let lowRank, let packedLowRank else {
            return try packed.product(
                x, bias: bias, activation: activation, residual: residual,
                dtype: residual == nil ? x.dtype : .float32)
        }
        let plain = try packed.product(x, bias: bias, dtype: .float32)
        let inner = try packedLowRank.a.product(x, bias: nil, dtype: x.dtype)
        var y = try plain + packedLowRank.b.product(inner, bias: nil, dtype: .float32) * lowRank.scale
        if let activation { y = try y.activated(activation) }
        return if let residual { try residual + y } else { try y.to(x.dtype) }
    }
}

/// Layer normalisation over the last dimension.
public struct LayerNorm {
    let weight: Tensor
    let bias: Tensor?
    let epsilon: Double

    /// - Parameter isAffine: it has a weight, and a bias where `bias` says so; otherwise it only normalises.
    init(
        _ store: ParameterStore, _ name: String, width: Int, epsilon: Double, bias: Bool = true,
        isAffine: Bool = true
    ) throws {
        weight =
            isAffine
            ? try store.parameter(name + ".weight", [width], initial: .constant(1))
            : try .full([width], 1, on: store.device)
        self.bias =
            isAffine && bias ? try store.parameter(name + ".bias", [width], initial: .constant(0)) : nil
        self.epsilon = epsilon
    }

    func callAsFunction(_ x: Tensor) throws(TensorError) -> Tensor {
        try x.layerNorm(weight.to(x.dtype), bias?.to(x.dtype), epsilon: epsilon)
    }
}

extension Tensor {
    /// `[rows, length, heads · width]` → `[rows, length, heads, width]`.
    func split(among heads: Int) throws(TensorError) -> Tensor {
        try reshape([size(0), size(1), heads, size(2) / heads])
    }
}
