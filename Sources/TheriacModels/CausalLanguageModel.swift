public import TheriacTensors

/// Sizes of a decoder-only language model.
public struct ModelShape: Sendable, Equatable, Codable {
    public var vocabulary: Int
    /// Tokens the model can look at.
    public var context: Int
    public var layers: Int
    public var heads: Int
    public var keyValueHeads: Int
    public var headWidth: Int
    public var width: Int
}

/// A decoder-only language model, as the generation loop and the trainer see it.
public protocol CausalLanguageModel: AnyObject {
    var shape: ModelShape { get }
    var parameters: [Parameter] { get }
    /// Linear layers that adapters may change, by their path in the Hugging Face class.
    var linears: [(path: String, layer: Linear)] { get }
    /// The type of activations: float32, or bfloat16 over weights of any type.
    var computeType: DType { get set }

    /// Token and position embeddings. `tokens` and `positions`: int64 `[rows, length]`; result `[rows, length, width]`.
    func embed(_ tokens: Tensor, positions: Tensor) throws -> Tensor
    /// One block, `[rows, length, width]` to the same.
    func block(_ layer: Int, _ hidden: Tensor, _ pass: Pass) throws -> Tensor
    /// The final norm.
    func finish(_ hidden: Tensor) throws -> Tensor
    /// Next-token logits of finished hidden states, `[…, width]` → `[…, vocabulary]`, in the compute type.
    func logits(_ hidden: Tensor) throws -> Tensor
}

extension CausalLanguageModel {
    /// All blocks and the final norm: int64 `[rows, length]` → `[rows, length, width]`.
    public func hidden(_ tokens: Tensor, positions: Tensor, _ pass: Pass) throws -> Tensor {
        var hidden = try embed(tokens, positions: positions)
        for layer in 0..<shape.layers { hidden = try block(layer, hidden, pass) }
        if case .step(let cache) = pass { cache.advance() }
        return try finish(hidden)
    }

    /// Logits at every position of whole sequences, float32 `[rows, length, vocabulary]`.
    ///
    /// - Throws: ``ModelError/tooLong(tokens:limit:)`` or ``ModelError/tokenOutOfRange(_:vocabulary:)``.
    public func logits(of sequences: [[Int32]]) throws -> Tensor {
        let batch = try TokenBatch(sequences, for: shape, on: parameters[0].tensor.device)
        return try logits(hidden(batch.tokens, positions: batch.positions, .whole)).to(.float32)
    }

    /// Reads prompts into `cache`; logits of the token after each, float32 `[prompts, vocabulary]`.
    public func read(_ prompts: [[Int32]], into cache: KVCache) throws -> Tensor {
        let batch = try TokenBatch(prompts, for: shape, on: parameters[0].tensor.device)
        let hidden = try hidden(batch.tokens, positions: batch.positions, .prompt(cache))
        let length = batch.length
        let last = prompts.enumerated().map { Int64($0.offset * length + max($0.element.count, 1) - 1) }
        let flat = try hidden.reshape([prompts.count * length, -1])
        let index = try Tensor(last, shape: [last.count], on: hidden.device)
        return try logits(flat.select(0, index)).to(.float32)
    }

    /// Reads one more token a row; logits of the token after it, float32 `[rows, vocabulary]`.
    ///
    /// - Parameter positions: the place of each row's token in its sequence, from 0.
    public func read(_ tokens: [Int32], positions: [Int], with cache: KVCache) throws -> Tensor {
        let device = parameters[0].tensor.device
        let ids = try Tensor(tokens.map(Int64.init), shape: [tokens.count, 1], on: device)
        let places = try Tensor(positions.map(Int64.init), shape: [tokens.count, 1], on: device)
        let hidden = try hidden(ids, positions: places, .step(cache))
        return try logits(hidden.reshape([tokens.count, -1])).to(.float32)
    }
}

/// Sequences of different lengths as one matrix, padded on the right.
///
/// Causal attention never looks right, so padding changes nothing that is read.
public struct TokenBatch {
    /// int64 `[rows, length]`; padding is token 0.
    public let tokens: Tensor
    /// int64 `[rows, length]`.
    public let positions: Tensor
    public let length: Int

    public init(_ sequences: [[Int32]], for shape: ModelShape, on device: Device = .cpu) throws {
        let length = max(sequences.map(\.count).max() ?? 0, 1)
        guard length <= shape.context else { throw ModelError.tooLong(tokens: length, limit: shape.context) }
        var flat = [Int64](repeating: 0, count: sequences.count * length)
        for (row, sequence) in sequences.enumerated() {
            for (column, token) in sequence.enumerated() {
                guard token >= 0, token < shape.vocabulary else {
                    throw ModelError.tokenOutOfRange(Int(token), vocabulary: shape.vocabulary)
                }
                flat[row * length + column] = Int64(token)
            }
        }
        tokens = try Tensor(flat, shape: [sequences.count, length], on: device)
        positions = try Tensor.arange(0..<length, on: device).reshape([1, length]).expand([
            sequences.count, length,
        ])
        self.length = length
    }
}
