public import Foundation
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
    /// Additions of which each applies to some of a pass's tokens only.
    private var routed: [(adapter: Int, addition: LowRank)] = []
    private var routing: AdapterRouting?

    /// The low-rank addition of LoRA: `scale · (x · aᵀ) · bᵀ`.
    public struct LowRank {
        /// `[rank, in]`.
        public let a: Tensor
        /// `[out, rank]`.
        public let b: Tensor
        public let scale: Double

        func callAsFunction(_ x: Tensor) throws(TensorError) -> Tensor {
            try x.linear(a.to(x.dtype)).linear(b.to(x.dtype)) * scale
        }
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

    /// `[…, in]` → `[…, out]`, computed in the type of `x`.
    public func callAsFunction(_ x: Tensor) throws(TensorError) -> Tensor {
        let y = try x.linear(weight.to(x.dtype), bias?.to(x.dtype))
        if let routing, !routing.ranges.isEmpty { return try addRouted(x, y, routing) }
        guard let lowRank else { return y }
        return try y + lowRank(x)
    }

    /// Adds to each range of tokens what its adapter says. `x` and `y` are `[1, tokens, …]`.
    private func addRouted(_ x: Tensor, _ y: Tensor, _ routing: AdapterRouting) throws(TensorError) -> Tensor
    {
        var parts: [Tensor] = []
        for (tokens, adapter) in routing.ranges {
            var part = try y.slice(1, tokens)
            if let lowRank { part = try part + lowRank(x.slice(1, tokens)) }
            if let adapter, let found = routed.first(where: { $0.adapter == adapter }) {
                part = try part + found.addition(x.slice(1, tokens))
            }
            parts.append(part)
        }
        return try .concatenate(parts, dimension: 1)
    }

    /// Adds `addition` wherever `routing` names `adapter`.
    func route(_ addition: LowRank, as adapter: Int, _ routing: AdapterRouting) {
        routed.append((adapter, addition))
        self.routing = routing
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
        guard !Torch.recordsGradients, x.device == .cpu, x.dtype == .float32 || x.dtype == .bfloat16 else {
            var y = try self(x)
            if let activation { y = try y.activated(activation) }
            return if let residual { try residual + y.to(residual.dtype) } else { y }
        }
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

/// Which of several adapters applies to which tokens of the pass that is running.
public final class AdapterRouting {
    /// All tokens of the pass, `[1, tokens, …]`, in order; a range without an adapter is left as the model computes it.
    /// Empty when no pass wants any.
    public var ranges: [(tokens: Range<Int>, adapter: Int?)] = []
    private var count = 0

    public init() {}

    /// Reads the adapter saved in `folder` onto `model`, where it does nothing until ``ranges`` names it.
    ///
    /// - Returns: its number.
    /// - Throws: ``ModelError`` when it does not fit the model, or trains modules whole.
    public func add(_ folder: URL, to model: any AdapterHost) throws -> Int {
        let adapter = try LoRAAdapter(on: model, folder: folder)
        for (_, layer, _) in adapter.layers { layer.attach(nil) }
        guard adapter.saved.isEmpty else {
            throw ModelError.unsupportedSetting(
                "modules_to_save", reason: "an adapter beside others may only add to linear layers")
        }
        let number = count
        count += 1
        for (_, layer, addition) in adapter.layers { layer.route(addition, as: number, self) }
        return number
    }
}

/// Layer normalisation over the last dimension.
public struct LayerNorm {
    let weight: Tensor
    let bias: Tensor?
    let epsilon: Double

    init(_ store: ParameterStore, _ name: String, width: Int, epsilon: Double, bias: Bool = true) throws {
        weight = try store.parameter(name + ".weight", [width], initial: .constant(1))
        self.bias = bias ? try store.parameter(name + ".bias", [width], initial: .constant(0)) : nil
        self.epsilon = epsilon
    }

    func callAsFunction(_ x: Tensor) throws(TensorError) -> Tensor {
        try x.layerNorm(weight.to(x.dtype), bias?.to(x.dtype), epsilon: epsilon)
    }
}
