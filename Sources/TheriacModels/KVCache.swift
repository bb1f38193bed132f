public import TheriacTensors

/// Keys and values of what a model has read: the prompts, computed once, and each continuation's own tokens.
///
/// `group` consecutive rows continue the same prompt and share its part. All memory is taken at the start.
public final class KVCache {
    public let prompts: Int
    /// Rows a prompt.
    public let group: Int
    /// Tokens a row may add.
    public let capacity: Int
    /// Tokens each row has added.
    public private(set) var step = 0
    /// int64 `[prompts]` on the CPU.
    let promptLengths: Tensor
    private var promptKeys: [Tensor] = []  // per layer [prompts, keyValueHeads, promptLength, width]
    private var promptValues: [Tensor] = []
    private var rowKeys: [Tensor] = []  // per layer [rows, keyValueHeads, capacity, width]
    private var rowValues: [Tensor] = []

    /// - Parameter promptLengths: real tokens of each prompt; the batch is padded on the right.
    public init(promptLengths: [Int], group: Int, capacity: Int) throws(TensorError) {
        prompts = promptLengths.count
        self.group = group
        self.capacity = max(capacity, 1)
        self.promptLengths = try Tensor(promptLengths.map(Int64.init), shape: [promptLengths.count])
    }

    public var rows: Int { prompts * group }

    /// Keeps the keys and values of the prompts for `layer`: `[prompts, heads, length, width]`.
    func fill(layer: Int, keys: Tensor, values: Tensor) throws(TensorError) {
        precondition(layer == promptKeys.count, "layers fill the cache in order")
        promptKeys.append(try keys.contiguous())
        promptValues.append(try values.contiguous())
        let shape = [rows, keys.size(1), capacity, keys.size(3)]
        rowKeys.append(try .zeros(shape, dtype: keys.dtype, on: keys.device))
        rowValues.append(try .zeros(shape, dtype: keys.dtype, on: keys.device))
    }

    /// Attention of one new token a row over prompt and past. All `[rows, heads, width]`; result `[rows, heads · width]`.
    func attend(layer: Int, query: Tensor, key: Tensor, value: Tensor, scale: Double) throws(TensorError)
        -> Tensor
    {
        try .decodeAttention(
            query, key, value, promptKeys: promptKeys[layer], promptValues: promptValues[layer],
            promptLengths: promptLengths, rowKeys: rowKeys[layer], rowValues: rowValues[layer], group: group,
            step: step, scale: scale)
    }

    /// Counts the token that every layer has now seen.
    func advance() { step += 1 }
}
