internal import Foundation
internal import TheriacGeneration
internal import TheriacModels
internal import TheriacTensors

/// A copy of what a session has read of some rows, to attend over with gradients: one new token of each row at a time.
final class PastMemory: AttentionMemory {
    /// Keys, then values of each layer: float32 `[rows, 2, length, keyValueHeads, width]`, padded on the right.
    let past: [Tensor]
    /// Added to ``past``; empty for nothing.
    var perturbation: [Tensor] = []
    /// Whether new tokens stay, for those after them.
    var keepsAdded = false
    private var added: [Int: (keys: Tensor, values: Tensor)] = [:]
    private let lengths: [Int]
    private let length: Int

    /// - Parameter places: where the session's pool holds the tokens of each row; at least one.
    init(_ session: ModelSession, places: [[Int]], _ shape: ModelShape, _ device: Device) throws {
        lengths = places.map(\.count)
        let length = lengths.max() ?? 0
        self.length = length
        let padded = places.flatMap { row in
            row.map { Int64($0) } + [Int64](repeating: Int64(row[0]), count: length - row.count)
        }
        let index = try Tensor(padded, shape: [padded.count], on: device)
        let form = [places.count, 1, length, shape.keyValueHeads, shape.headWidth]
        past = try (0..<shape.layers).map { layer in
            let pool = session.pool(layer)
            return try .concatenate(
                [pool.keys, pool.values].map { try $0.select(0, index).to(.float32).reshape(form) },
                dimension: 1)
        }
    }

    /// Forgets the new tokens that stayed.
    func forgetAdded() { added = [:] }

    func attend(
        layer: Int, query: Tensor, key: Tensor, value: Tensor, scale: Double, window: Int?, cap: Double?
    ) throws -> Tensor {
        let (rows, heads, own, width) = (query.size(0), query.size(2), key.size(2), query.size(3))
        precondition(query.size(1) == 1, "one token of each row at a time")
        var state = past[layer]
        if !perturbation.isEmpty { state = try state + perturbation[layer] }
        func part(_ index: Int) throws -> Tensor {
            try state.slice(1, index..<index + 1).reshape([rows, length, own, width])
        }
        let before = added[layer]
        let new = (keys: try key.to(.float32), values: try value.to(.float32))
        let keys = try Tensor.concatenate(
            [part(0)] + (before.map { [$0.keys] } ?? []) + [new.keys], dimension: 1)
        let values = try Tensor.concatenate(
            [part(1)] + (before.map { [$0.values] } ?? []) + [new.values], dimension: 1)
        let count = before?.keys.size(1) ?? 0
        if keepsAdded {
            added[layer] =
                try before.map {
                    (
                        try .concatenate([$0.keys, new.keys], dimension: 1),
                        try .concatenate([$0.values, new.values], dimension: 1)
                    )
                } ?? new
        }
        // Heads that share keys stand together.
        let grouped = try query.to(.float32).reshape([rows, own, heads / own, width])
        var scores = try grouped.matmul(keys.permute([0, 2, 3, 1])) * scale
        if let cap { scores = try (scores / cap).tanh() * cap }
        let weights = try (scores + mask(count, window, query.device)).softmax()
        return try weights.matmul(values.permute([0, 2, 1, 3])).reshape([rows, 1, heads * width]).to(
            query.dtype)
    }

    /// 0 for places a row's new token may see, −∞ for padding and what is outside its window: `[rows, 1, 1, keys]`.
    private func mask(_ count: Int, _ window: Int?, _ device: Device) throws -> Tensor {
        let window = window ?? .max
        var seen: [Float] = []
        for own in lengths {
            for place in 0..<length {
                seen.append(place < own && own + count - place < window ? 0 : -.infinity)
            }
            for place in 0...count { seen.append(count - place < window ? 0 : -.infinity) }
        }
        return try Tensor(seen, shape: [lengths.count, 1, 1, length + count + 1], on: device)
    }
}
