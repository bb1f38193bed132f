internal import TheriacTensors

/// How a forward pass finds what a token may look at.
public enum Pass {
    /// Whole sequences, causal, nothing kept: training and scoring.
    case whole
    /// Prompts, causal; their keys and values go into the cache.
    case prompt(KVCache)
    /// One new token a row, over the cache.
    case step(KVCache)

    /// Attention of `layer`.
    ///
    /// - Parameters: `query` is `[rows, length, heads, width]`, `key` and `value` `[rows, length, keyValueHeads, width]`.
    /// - Returns: `[rows, length, heads · width]`.
    func attend(
        layer: Int, query: Tensor, key: Tensor, value: Tensor, scale: Double
    ) throws(TensorError) -> Tensor {
        let rows = query.size(0)
        let length = query.size(1)
        if case .step(let cache) = self {
            let mixed = try cache.attend(
                layer: layer, query: query.reshape([rows, query.size(2), query.size(3)]),
                key: key.reshape([rows, key.size(2), key.size(3)]),
                value: value.reshape([rows, value.size(2), value.size(3)]), scale: scale)
            return try mixed.reshape([rows, 1, -1])
        }
        let q = try query.permute([0, 2, 1, 3])  // [rows, heads, length, width]
        let k = try key.permute([0, 2, 1, 3])
        let v = try value.permute([0, 2, 1, 3])
        if case .prompt(let cache) = self { try cache.fill(layer: layer, keys: k, values: v) }
        let mixed = try Tensor.attention(q, k, v, causal: true, scale: scale)
        return try mixed.permute([0, 2, 1, 3]).reshape([rows, length, -1])
    }
}
