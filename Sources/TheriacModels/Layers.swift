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
    private var packedLowRank: PackedLowRank?
    /// Additions of which each applies to some of a pass's tokens only.
    private var routed: [Routed] = []

    private struct Routed {
        let routing: AdapterRouting
        let adapter: Int
        let addition: LowRank
        let packed: PackedLowRank
    }

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
    /// - Parameters:
    ///   - residual: `[…, out]`; the result has its type.
    ///   - dtype: the result's type without a residual; that of `x` when nil. float32 keeps the sums unrounded.
    public func callAsFunction(
        _ x: Tensor, _ activation: Activation? = nil, addingTo residual: Tensor? = nil, as dtype: DType? = nil
    ) throws(TensorError) -> Tensor {
        // Laying out a weight that every step of a training changes would cost more than it saves.
        guard isPacked(x), !weight.requiresGradient else {
            let y = try recorded(x, activation, addingTo: residual)
            return if let dtype, residual == nil { try y.to(dtype) } else { y }
        }
        let shape = Array(x.shape.dropLast()) + [outputs]
        let flat = try x.reshape([-1, inputs])
        guard let residual else { return try rows(flat, activation, as: dtype).reshape(shape) }
        guard residual.dtype == .float32 else { return try residual + rows(flat, activation).reshape(shape) }
        return try rows(flat, activation, addingTo: residual.reshape([-1, outputs])).reshape(shape)
    }

    /// Adds `addition` wherever `routing` names `adapter`.
    func route(_ addition: LowRank, as adapter: Int, _ routing: AdapterRouting) {
        routed.append(
            Routed(routing: routing, adapter: adapter, addition: addition, packed: PackedLowRank(addition)))
    }

    /// Takes what it adds for an adapter off.
    func unroute(_ adapter: Int, of routing: AdapterRouting) {
        routed.removeAll { $0.routing === routing && $0.adapter == adapter }
    }

    /// Adds `addition` to every later call; replaces an earlier one.
    public func attach(_ addition: LowRank?) {
        lowRank = addition
        packedLowRank = addition.map(PackedLowRank.init)
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
    ///   - dtype: the result's type without a residual; that of `x` when nil.
    /// - Returns: `[rows, out]`; float32 when there is a residual.
    func rows(
        _ x: Tensor, _ activation: Activation? = nil, addingTo residual: Tensor? = nil, as dtype: DType? = nil
    ) throws(TensorError) -> Tensor {
        let dtype = residual == nil ? dtype ?? x.dtype : .float32
        guard isPacked(x) else { return try recorded(x, activation, addingTo: residual).to(dtype) }
        let ranges = routedRanges
        guard packedLowRank != nil || !ranges.isEmpty else {
            return try packed.product(
                x, bias: bias, activation: activation, residual: residual, dtype: dtype)
        }
        var y = try packed.product(x, bias: bias, dtype: .float32)
        if let packedLowRank { y = try y + packedLowRank(x) }
        y = try routing(ranges, x, y) { addition, x throws(TensorError) in try addition.packed(x) }
        if let activation { y = try y.packedActivation(activation) }
        return if let residual { try residual + y } else { try y.to(dtype) }
    }

    private func isPacked(_ x: Tensor) -> Bool {
        !Torch.recordsGradients && x.device == .cpu && (x.dtype == .float32 || x.dtype == .bfloat16)
    }

    private func recorded(
        _ x: Tensor, _ activation: Activation?, addingTo residual: Tensor?
    ) throws(TensorError) -> Tensor {
        var y = try x.linear(weight.to(x.dtype), bias?.to(x.dtype))
        if let lowRank { y = try y + lowRank(x) }
        y = try routing(routedRanges, x, y) { addition, x throws(TensorError) in try addition.addition(x) }
        if let activation { y = try y.activated(activation) }
        return if let residual { try residual + y.to(residual.dtype) } else { y }
    }

    /// What of this layer applies where in the pass that is running; empty when nothing does.
    private var routedRanges: [(tokens: Range<Int>, addition: Routed?)] {
        guard let routing = routed.first(where: { !$0.routing.ranges.isEmpty })?.routing else { return [] }
        let ranges = routing.ranges.map { range in
            (
                range.tokens,
                routed.first { $0.routing === routing && $0.adapter == range.adapter }
            )
        }
        return ranges.contains { $0.1 != nil } ? ranges : []
    }

    /// Adds to each range of tokens, the last dimension but one, what its adapter says.
    private func routing(
        _ ranges: [(tokens: Range<Int>, addition: Routed?)], _ x: Tensor, _ y: Tensor,
        _ addition: (Routed, Tensor) throws(TensorError) -> Tensor
    ) throws(TensorError) -> Tensor {
        guard !ranges.isEmpty else { return y }
        let dimension = x.rank - 2
        var parts: [Tensor] = []
        for (tokens, routed) in ranges {
            let part = try y.slice(dimension, tokens)
            guard let routed else {
                parts.append(part)
                continue
            }
            parts.append(try part + addition(routed, x.slice(dimension, tokens)))
        }
        return try .concatenate(parts, dimension: dimension)
    }
}

/// A low-rank addition laid out for rows, in float32.
private struct PackedLowRank {
    private let a, b: PackedWeight
    private let scale: Double

    init(_ plain: Linear.LowRank) {
        (a, b, scale) = (PackedWeight(plain.a), PackedWeight(plain.b), plain.scale)
    }

    func callAsFunction(_ x: Tensor) throws(TensorError) -> Tensor {
        let inner = try a.product(x, bias: nil, dtype: x.dtype)
        return try b.product(inner, bias: nil, dtype: .float32) * scale
    }
}

/// Which of several adapters applies to which tokens of the pass that is running.
public final class AdapterRouting {
    /// All tokens of the pass, `[1, tokens, …]`, in order; a range without an adapter is left as the model computes it.
    /// Empty when no pass wants any.
    public var ranges: [(tokens: Range<Int>, adapter: Int?)] = []
    private var count = 0
    private var layers: [Int: [Linear]] = [:]  // by adapter

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
        for (_, layer, addition) in adapter.layers {
            layer.route(addition, as: number, self)
            layers[number, default: []].append(layer)
        }
        return number
    }

    /// Takes adapters off the model again.
    public func remove(_ adapters: [Int]) {
        for adapter in adapters {
            for layer in layers.removeValue(forKey: adapter) ?? [] { layer.unroute(adapter, of: self) }
        }
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

    /// - Parameter dtype: of the result; that of `x` when nil.
    func callAsFunction(_ x: Tensor, as dtype: DType? = nil) throws(TensorError) -> Tensor {
        try x.layerNorm(weight.to(x.dtype), bias?.to(x.dtype), epsilon: epsilon, as: dtype)
    }
}

extension Tensor {
    /// `[rows, length, heads · width]` → `[rows, length, heads, width]`.
    func split(among heads: Int) throws(TensorError) -> Tensor {
        try reshape([size(0), size(1), heads, size(2) / heads])
    }
}
