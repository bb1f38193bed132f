internal import CTheriacTorch

/// A function of one number that a layer applies to its result.
public enum Activation: Sendable {
    /// x·Φ(x).
    case gelu
    /// The tanh form of it.
    case geluTanh
    case relu, silu, tanh, sigmoid

    var code: Int32 {
        switch self {
        case .gelu: Int32(TT_GELU_ERF)
        case .geluTanh: Int32(TT_GELU_TANH)
        case .relu: Int32(TT_RELU)
        case .silu: Int32(TT_SILU)
        case .tanh: Int32(TT_TANH)
        case .sigmoid: Int32(TT_SIGMOID)
        }
    }
}

extension Tensor {
    public func activated(_ activation: Activation) throws(TensorError) -> Tensor {
        try .make("activation") { torch, out in
            withPointer { torch.pointee.unary(activation.code, $0, out) }
        }
    }

    /// As ``PackedWeight`` applies it to a product: without gradients, and equal to the last bit.
    public func packedActivation(_ activation: Activation) throws(TensorError) -> Tensor {
        try .make("activation") { torch, out in
            withPointer { torch.pointee.packed_activation($0, activation.code, out) }
        }
    }

    /// `activation(a) · b` of the two halves of each row: `[rows, 2 · n]` → `[rows, n]`.
    public func gated(_ activation: Activation) throws(TensorError) -> Tensor {
        try .make("gate") { torch, out in
            withPointer { torch.pointee.gated($0, activation.code, out) }
        }
    }

    /// How often the elements have been changed in place.
    public var version: Int {
        guard let torch = try? Torch.api() else { return 0 }
        return withPointer { Int(torch.pointee.change_count($0)) }
    }

    /// softmax(q·kᵀ·scale)·v within each of several sequences laid end to end.
    ///
    /// A sequence's result is the same to the last bit whatever the others are, where no gradients are recorded.
    ///
    /// - Parameters:
    ///   - query: `[total, heads · width]`; `key` and `value` alike, or longer.
    ///   - queryBorders: where the queries of each sequence begin, and the end: from 0 to their total. A sequence's
    ///     queries are its first tokens, or all.
    ///   - keyBorders: the same for keys and values.
    ///   - window: how many tokens to each side are seen; nil for all.
    /// - Returns: as `query`.
    public static func packedAttention(
        _ query: Tensor, _ key: Tensor, _ value: Tensor, queryBorders: [Int], keyBorders: [Int], heads: Int,
        window: Int? = nil, scale: Double
    ) throws(TensorError) -> Tensor {
        precondition(queryBorders.count == keyBorders.count && !keyBorders.isEmpty)
        let queryBorders = queryBorders.map(Int64.init)
        let keyBorders = keyBorders.map(Int64.init)
        return try make("packed attention") { torch, out in
            query.withPointer { q in
                key.withPointer { k in
                    value.withPointer { v in
                        torch.pointee.packed_attention(
                            q, k, v, queryBorders, keyBorders, Int64(keyBorders.count - 1), Int64(heads),
                            Int64(window ?? -1), scale, out)
                    }
                }
            }
        }
    }
}

/// A weight `[outputs, inputs]` laid out for products with many rows.
///
/// Every row's product is the same to the last bit whatever the other rows are. The layout is made when it is first
/// wanted, and again when the weight has changed in place. No gradients are recorded; CPU only.
public final class PackedWeight {
    private let weight: Tensor
    private var packed: Tensor?
    private var version = 0

    public init(_ weight: Tensor) { self.weight = weight }

    /// `residual + activation(x · weightᵀ + bias)`, summed in float32.
    ///
    /// - Parameters:
    ///   - x: `[rows, inputs]`, float32 or bfloat16; the product is computed in this type.
    ///   - bias: `[outputs]`; `residual`: float32 `[rows, outputs]`.
    ///   - dtype: of the result, float32 or that of `x`.
    public func product(
        _ x: Tensor, bias: Tensor?, activation: Activation? = nil, residual: Tensor? = nil, dtype: DType
    ) throws(TensorError) -> Tensor {
        let packed = try layout(x.dtype)
        let bias = try bias?.to(.float32)
        let outputs = Int64(weight.size(0))
        return try .make("packed linear") { torch, out in
            x.withPointer { x in
                packed.withPointer { w in
                    withExtendedLifetime((bias, residual)) {
                        torch.pointee.packed_linear(
                            x, w, outputs, bias?.handle.pointer, activation?.code ?? -1,
                            residual?.handle.pointer, dtype.rawValue, out)
                    }
                }
            }
        }
    }

    private func layout(_ dtype: DType) throws(TensorError) -> Tensor {
        let current = weight.version
        if let packed, packed.dtype == dtype, version == current { return packed }
        let made = try Tensor.make("pack weight") { torch, out in
            weight.withPointer { torch.pointee.pack_weight($0, dtype.rawValue, out) }
        }
        packed = made
        version = current
        return made
    }
}
