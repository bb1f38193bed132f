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
    public func layerNorm(_ weight: Tensor, _ bias: Tensor?, epsilon: Double) throws(TensorError) -> Tensor {
        try .make("layer norm") { torch, out in
            withPointer { x in
                weight.withPointer { w in
                    withExtendedLifetime(bias) {
                        torch.pointee.layer_norm(x, w, bias?.handle.pointer, epsilon, out)
                    }
                }
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

    /// One decoding step of attention over a prompt that `group` consecutive rows share and over each row's own past.
    ///
    /// In place: writes `key` and `value` into the row caches at `step`.
    ///
    /// - Parameters:
    ///   - query: `[rows, heads, width]`; `key` and `value`: `[rows, keyValueHeads, width]`.
    ///   - promptKeys: `[rows / group, keyValueHeads, promptLength, width]`, right-padded; values alike.
    ///   - promptLengths: int64 `[rows / group]` on the CPU, the real length of each prompt.
    ///   - rowKeys: `[rows, keyValueHeads, steps, width]`; values alike.
    /// - Returns: `[rows, heads · width]`.
    public static func decodeAttention(
        _ query: Tensor, _ key: Tensor, _ value: Tensor, promptKeys: Tensor, promptValues: Tensor,
        promptLengths: Tensor, rowKeys: Tensor, rowValues: Tensor, group: Int, step: Int, scale: Double
    ) throws(TensorError) -> Tensor {
        let all = [query, key, value, promptKeys, promptValues, promptLengths, rowKeys, rowValues]
        return try make("decode attention") { torch, out in
            withPointers(all) { p in
                torch.pointee.decode_attention(
                    p[0], p[1], p[2], p[3], p[4], p[5], p[6], p[7], Int64(group), Int64(step), scale, out)
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
