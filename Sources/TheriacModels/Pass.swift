public import TheriacTensors

/// One forward pass: where its tokens stand and what they may look at.
///
/// Either whole sequences, `[rows, length]`, causal, nothing kept (training and scoring); or the newest tokens of many
/// sequences of any lengths laid end to end, `[1, total]`, over a cache (``CacheTurn``).
public final class Pass {
    /// The place of each token in its sequence, from 0: int64 `[rows, length]`, as the tokens.
    public let positions: Tensor
    /// Tokens of each sequence after the pass: of every row, or of every entry of the turn.
    public let lengths: [Int]
    /// What the tokens are added to; nil for whole sequences.
    public let turn: CacheTurn?
    private let memory: (any AttentionMemory)?
    /// Reads or changes activations on their way.
    public var steering: (any ActivationSteering)?
    private var made: [String: Any] = [:]

    /// - Parameters:
    ///   - lengths: of whole sequences, where rows are padded.
    ///   - memory: attends in the turn's place, for those who need another past than the cache's.
    public init(
        positions: Tensor, lengths: [Int]? = nil, turn: CacheTurn? = nil,
        memory: (any AttentionMemory)? = nil, steering: (any ActivationSteering)? = nil
    ) {
        self.positions = positions
        self.lengths =
            turn?.entries.map { $0.sharedLength + $0.ownLength + $0.added } ?? lengths
            ?? [Int](repeating: positions.size(1), count: positions.size(0))
        self.turn = turn
        self.memory = memory ?? turn
        self.steering = steering
    }

    /// What every layer needs alike, such as a rotation's tables: made by the first that asks.
    public func once<Value>(_ name: String, _ make: () throws -> Value) rethrows -> Value {
        if let found = made[name] as? Value { return found }
        let value = try make()
        made[name] = value
        return value
    }

    /// Attention of `layer`: softmax(cap(q·kᵀ·scale))·v over the tokens before and the token itself.
    ///
    /// - Parameters:
    ///   - query: `[rows, length, heads, width]`; `key` and `value`: `[rows, length, keyValueHeads, width]`, where heads
    ///     are a multiple of keyValueHeads.
    ///   - window: the most tokens seen, the token itself among them; nil for all.
    ///   - cap: scores s become cap · tanh(s / cap); nil leaves them.
    /// - Returns: `[rows, length, heads · width]`.
    public func attend(
        layer: Int, query: Tensor, key: Tensor, value: Tensor, scale: Double, window: Int? = nil,
        cap: Double? = nil
    ) throws -> Tensor {
        let mixed =
            if let memory {
                try memory.attend(
                    layer: layer, query: query, key: key, value: value, scale: scale, window: window,
                    cap: cap)
            } else {
                try attendWhole(query, key, value, scale: scale, window: window, cap: cap)
            }
        guard let steering else { return mixed }
        return try steering.heads(mixed, layer: layer, turn?.sequences ?? [])
    }

    private func attendWhole(
        _ query: Tensor, _ key: Tensor, _ value: Tensor, scale: Double, window: Int?, cap: Double?
    ) throws -> Tensor {
        let (rows, length, heads) = (query.size(0), query.size(1), query.size(2))
        let q = try query.permute([0, 2, 1, 3])  // [rows, heads, length, width]
        let k = try shared(key, among: heads)
        let v = try shared(value, among: heads)
        let window = window.flatMap { $0 < length ? $0 : nil }
        let mixed: Tensor
        if let cap {
            let scores = try (q.matmul(k.permute([0, 1, 3, 2])).to(.float32) * (scale / cap)).tanh() * cap
            let weights = try (scores + mask(length, window, .float32, query.device)).softmax()
            mixed = try weights.to(v.dtype).matmul(v)
        } else if let window {
            mixed = try .attention(
                q, k, v, mask: mask(length, window, q.dtype, query.device), causal: false, scale: scale)
        } else {
            mixed = try .attention(q, k, v, causal: true, scale: scale)
        }
        return try mixed.permute([0, 2, 1, 3]).reshape([rows, length, -1])
    }

    /// `[rows, length, keyValueHeads, width]` → `[rows, heads, length, width]`, each head repeated for its queries.
    private func shared(_ x: Tensor, among heads: Int) throws -> Tensor {
        let own = x.size(2)
        let turned = try x.permute([0, 2, 1, 3])
        guard own != heads else { return turned }
        let (rows, length, width) = (x.size(0), x.size(1), x.size(3))
        return try turned.reshape([rows, own, 1, length, width])
            .expand([rows, own, heads / own, length, width]).reshape([rows, heads, length, width])
    }

    /// 0 where a token may look, −∞ elsewhere: `[length, length]`.
    private func mask(_ length: Int, _ window: Int?, _ dtype: DType, _ device: Device) throws -> Tensor {
        try once("mask \(window ?? 0) \(dtype)") {
            let seen = (0..<length).flatMap { query in
                (0..<length).map { key -> Float in
                    key <= query && query - key < window ?? .max ? 0 : -.infinity
                }
            }
            return try Tensor(seen, shape: [length, length], on: device).to(dtype)
        }
    }
}

/// Attention of new tokens over what was read before, and over themselves.
public protocol AttentionMemory: AnyObject {
    /// As ``Pass/attend(layer:query:key:value:scale:window:cap:)``.
    func attend(
        layer: Int, query: Tensor, key: Tensor, value: Tensor, scale: Double, window: Int?, cap: Double?
    ) throws -> Tensor
}

/// A sequence's new tokens in a pass over a cache.
public struct SteeredSequence: Equatable, Sendable {
    /// What ``CacheTurn/Entry/label`` says.
    public let label: Int
    /// Places in the second dimension; the last one is what the next token is drawn from.
    public let tokens: Range<Int>

    public init(label: Int, tokens: Range<Int>) {
        self.label = label
        self.tokens = tokens
    }
}

/// Reads or changes activations while a model reads. Shapes and types stay.
///
/// Over a cache `x` is `[1, total, …]` and `sequences` says whose tokens stand where; of whole sequences, `[rows, length,
/// …]`, there are none to tell apart.
public protocol ActivationSteering: AnyObject {
    /// The heads' outputs before they are merged: `[…, heads · width]`.
    func heads(_ x: Tensor, layer: Int, _ sequences: [SteeredSequence]) throws -> Tensor
    /// The residual stream after `layer`: `[…, width]`.
    func residual(_ x: Tensor, layer: Int, _ sequences: [SteeredSequence]) throws -> Tensor
}

extension ActivationSteering {
    public func heads(_ x: Tensor, layer: Int, _ sequences: [SteeredSequence]) throws -> Tensor { x }
    public func residual(_ x: Tensor, layer: Int, _ sequences: [SteeredSequence]) throws -> Tensor { x }
}
