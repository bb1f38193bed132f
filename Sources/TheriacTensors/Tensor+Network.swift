internal import CTheriacTorch

extension Tensor {
    /// `self · weightᵀ + bias`. Shapes: self `[…, in]`, weight `[out, in]`, bias `[out]`; result `[…, out]`.
    public func linear(_ weight: Tensor, _ bias: Tensor? = nil) throws(TensorError) -> Tensor {
        try .make("linear") { torch, out in
            withPointer { x in
                weight.withPointer { w in
                    withExtendedLifetime(bias) { torch.pointee.linear(x, w, bias?.handle.pointer, out) }
                }
            }
        }
    }

    /// Rows of `self` (`[vocabulary, width]`) for int64 `indices`; result `[indices…, width]`.
    public func embedding(_ indices: Tensor) throws(TensorError) -> Tensor {
        try .make("embedding") { torch, out in
            withPointer { w in indices.withPointer { torch.pointee.embedding(w, $0, out) } }
        }
    }

    /// Layer normalisation over the last dimension.
    ///
    /// - Parameter dtype: of the result; that of `self` when nil.
    public func layerNorm(
        _ weight: Tensor, _ bias: Tensor?, epsilon: Double, as dtype: DType? = nil
    ) throws(TensorError) -> Tensor {
        try .make("layer norm") { torch, out in
            withPointer { x in
                weight.withPointer { w in
                    withExtendedLifetime(bias) {
                        torch.pointee.layer_norm(
                            x, w, bias?.handle.pointer, epsilon, (dtype ?? self.dtype).rawValue, out)
                    }
                }
            }
        }
    }

    /// x / √(mean(x²) + epsilon) · (weight + offset) over the last dimension, computed in float32.
    ///
    /// Source: Zhang and Sennrich, *Root Mean Square Layer Normalization*, NeurIPS 2019.
    ///
    /// - Parameter weight: `[width]`, of any type.
    public func rmsNorm(
        _ weight: Tensor, epsilon: Double, offset: Double = 0
    ) throws(TensorError) -> Tensor {
        try .make("RMS norm") { torch, out in
            withPointer { x in
                weight.withPointer { torch.pointee.rms_norm(x, $0, epsilon, offset, out) }
            }
        }
    }

    /// Turns pairs of elements of each head by angles: rotary positions.
    ///
    /// Source: Su et al., *RoFormer: Enhanced Transformer with Rotary Position Embedding*, 2021.
    ///
    /// - Parameters:
    ///   - cosine: of the angles, float32 `[rows, length, pairs]`, or one row for all; `sine` alike. The first 2 · pairs
    ///     elements of a head are turned, what is left of its width stays.
    ///   - interleaved: pairs are neighbours, 2i and 2i + 1, and not i and pairs + i.
    /// - Returns: as `self`, `[rows, length, heads, width]`; computed in float32.
    public func rotated(
        _ cosine: Tensor, _ sine: Tensor, interleaved: Bool = false
    ) throws(TensorError) -> Tensor {
        try .make("rotate") { torch, out in
            Tensor.withPointers([self, cosine, sine]) {
                torch.pointee.rotate($0[0], $0[1], $0[2], interleaved, out)
            }
        }
    }

    /// softmax(q·kᵀ·scale + mask)·v. Shapes `[rows, heads, length, width]`; `mask` is added and broadcasts.
    public static func attention(
        _ query: Tensor, _ key: Tensor, _ value: Tensor, mask: Tensor? = nil, causal: Bool, scale: Double
    ) throws(TensorError) -> Tensor {
        try make("attention") { torch, out in
            query.withPointer { q in
                key.withPointer { k in
                    value.withPointer { v in
                        withExtendedLifetime(mask) {
                            torch.pointee.attention(q, k, v, mask?.handle.pointer, causal, scale, out)
                        }
                    }
                }
            }
        }
    }

    /// softmax(cap(q·kᵀ·scale))·v of new tokens over what a pool of keys and values holds of their sequences, and over the
    /// new tokens before them.
    ///
    /// In place: writes `key` and `value` into the pool behind what each sequence has of its own.
    ///
    /// - Parameters:
    ///   - query: `[total, heads, width]`; `key` and `value`: `[total, keyValueHeads, width]`.
    ///   - poolKeys: `[capacity, keyValueHeads, width]`; values alike.
    ///   - window: the most tokens seen, the token itself among them; nil for all.
    ///   - cap: scores s become cap · tanh(s / cap).
    /// - Returns: `[total, heads · width]`.
    public static func cachedAttention(
        _ query: Tensor, _ key: Tensor, _ value: Tensor, poolKeys: Tensor, poolValues: Tensor,
        layout: CacheLayout, scale: Double, window: Int? = nil, cap: Double? = nil
    ) throws(TensorError) -> Tensor {
        try make("cached attention") { torch, out in
            withPointers([query, key, value, poolKeys, poolValues]) { p in
                torch.pointee.cached_attention(
                    p[0], p[1], p[2], p[3], p[4], layout.borders, layout.sharedStarts, layout.sharedLengths,
                    layout.ownStarts, layout.ownLengths, Int64(layout.ownStarts.count), Int64(window ?? -1),
                    cap ?? 0, scale, out)
            }
        }
    }

    /// Negative log-likelihood in nats of int64 `targets` `[n]` under `self`, logits `[n, classes]`; target −100 counts
    /// nothing. The mean over counted targets, or `[n]` when not `mean`.
    public func crossEntropy(_ targets: Tensor, mean: Bool = true) throws(TensorError) -> Tensor {
        try .make("cross entropy") { torch, out in
            withPointer { x in targets.withPointer { torch.pointee.cross_entropy(x, $0, mean, out) } }
        }
    }

    /// Sets each element to zero with `probability` and scales the rest; the same elements for the same seed.
    public func dropout(_ probability: Double, seed: UInt64) throws(TensorError) -> Tensor {
        guard probability > 0 else { return self }
        return try .make("dropout") { torch, out in
            withPointer { torch.pointee.dropout($0, probability, seed, out) }
        }
    }
}

/// Where the sequences of a pass stand in a pool of keys and values.
public struct CacheLayout {
    /// Where each sequence's new tokens begin, and the end: from 0 to their total.
    let borders: [Int64]
    /// What it shares with others and only reads.
    let sharedStarts: [Int64]
    let sharedLengths: [Int64]
    /// What it has of its own; new tokens are written behind that.
    let ownStarts: [Int64]
    let ownLengths: [Int64]

    public init(
        borders: [Int], sharedStarts: [Int], sharedLengths: [Int], ownStarts: [Int], ownLengths: [Int]
    ) {
        precondition(
            borders.count == ownStarts.count + 1 && sharedStarts.count == ownStarts.count
                && sharedLengths.count == ownStarts.count && ownLengths.count == ownStarts.count)
        self.borders = borders.map(Int64.init)
        self.sharedStarts = sharedStarts.map(Int64.init)
        self.sharedLengths = sharedLengths.map(Int64.init)
        self.ownStarts = ownStarts.map(Int64.init)
        self.ownLengths = ownLengths.map(Int64.init)
    }
}
