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
    /// Sequences that grow beyond so many tokens must be read anew, since what a cache holds of them is that of shorter
    /// ones (longrope); nil for never.
    var longestShort: Int? { get }

    /// Token embeddings, and those of positions where the family has them: int64 `[rows, length]` →
    /// `[rows, length, width]`.
    func embed(_ tokens: Tensor, _ pass: Pass) throws -> Tensor
    /// One block, `[rows, length, width]` to the same.
    func block(_ layer: Int, _ hidden: Tensor, _ pass: Pass) throws -> Tensor
    /// The final norm.
    func finish(_ hidden: Tensor) throws -> Tensor
    /// Next-token logits of finished hidden states, `[…, width]` → float32 `[…, vocabulary]`.
    func logits(_ hidden: Tensor) throws -> Tensor
}

extension CausalLanguageModel {
    public var longestShort: Int? { nil }

    /// All blocks and the final norm: int64 `[rows, length]` → `[rows, length, width]`.
    public func hidden(_ tokens: Tensor, _ pass: Pass) throws -> Tensor {
        var hidden = try embed(tokens, pass)
        for layer in 0..<shape.layers {
            hidden = try block(layer, hidden, pass)
            if let steering = pass.steering {
                hidden = try steering.residual(hidden, layer: layer, pass.turn?.sequences ?? [])
            }
        }
        return try finish(hidden)
    }

    /// Hidden states of whole sequences, `[rows, length, width]`.
    public func hidden(_ batch: TokenBatch) throws -> Tensor {
        try hidden(batch.tokens, Pass(positions: batch.positions, lengths: batch.lengths))
    }

    /// Logits at every position of whole sequences, float32 `[rows, length, vocabulary]`.
    ///
    /// - Throws: ``ModelError/tooLong(tokens:limit:)`` or ``ModelError/tokenOutOfRange(_:vocabulary:)``.
    public func logits(of sequences: [[Int32]]) throws -> Tensor {
        let batch = try TokenBatch(sequences, for: shape, on: device)
        return try logits(hidden(batch))
    }

    /// The type of the sum that blocks add to: float32 where their products add to it unrounded, which is without
    /// gradients on the CPU.
    var streamType: DType { Torch.recordsGradients || device != .cpu ? computeType : .float32 }

    /// Where the weights are.
    public var device: Device { parameters[0].tensor.device }

    /// Reads the new tokens of many sequences over a cache; finished hidden states of all tokens, `[total, width]`.
    ///
    /// - Parameter tokens: the new tokens of the entries, end to end.
    /// - Throws: ``ModelError`` when a token or a place is beyond the model.
    public func read(
        _ tokens: [Int32], _ turn: CacheTurn, steering: (any ActivationSteering)? = nil
    ) throws -> Tensor {
        let positions = turn.positions
        precondition(tokens.count == positions.count)
        if let token = tokens.first(where: { $0 < 0 || Int($0) >= shape.vocabulary }) {
            throw ModelError.tokenOutOfRange(Int(token), vocabulary: shape.vocabulary)
        }
        if let last = positions.max(), last >= Int64(shape.context) {
            throw ModelError.tooLong(tokens: Int(last) + 1, limit: shape.context)
        }
        let pass = Pass(
            positions: try Tensor(positions, shape: [1, positions.count], on: device), turn: turn,
            steering: steering)
        let ids = try Tensor(tokens.map(Int64.init), shape: [1, tokens.count], on: device)
        return try hidden(ids, pass).reshape([tokens.count, -1])
    }

    /// Of ``read(_:_:steering:)``'s hidden states the last of each entry, `[entries, width]`.
    public func last(_ hidden: Tensor, of turn: CacheTurn) throws -> Tensor {
        if turn.entries.count == hidden.size(0) { return hidden }
        let last = turn.borders.dropFirst().map { Int64($0 - 1) }
        return try hidden.select(0, Tensor(last, shape: [last.count], on: device))
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
    /// Of each row, without padding.
    public let lengths: [Int]

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
        lengths = sequences.map(\.count)
    }
}
