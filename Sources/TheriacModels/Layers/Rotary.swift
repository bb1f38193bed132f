import TheriacTensors

/// Turns queries and keys by their places.
///
/// Source: Su et al., *RoFormer: Enhanced Transformer with Rotary Position Embedding*, 2021.
struct Rotary {
    let frequencies: RotaryFrequencies
    /// Pairs are neighbours, and not elements of a first and a second half.
    var interleaved = false
    /// Tells this rotation from others of the same model.
    var name = "rotation"

    /// `[rows, length, heads, width]` to the same. Twice as many elements of a head as there are frequencies are turned.
    func callAsFunction(_ x: Tensor, _ pass: Pass) throws -> Tensor {
        let (cosine, sine) = try pass.once(name) { try tables(pass) }
        return try x.rotated(cosine, sine, interleaved: interleaved)
    }

    /// float32 `[rows, length, pairs]`.
    private func tables(_ pass: Pass) throws -> (Tensor, Tensor) {
        let places = try pass.positions.to(.float32).reshape(pass.positions.shape + [1])
        let angles = try places * perPlace(pass)
        let (cosine, sine) = try (angles.cos(), angles.sin())
        guard frequencies.magnitude != 1 else { return (cosine, sine) }
        let magnitude = Double(frequencies.magnitude)
        return (try cosine * magnitude, try sine * magnitude)
    }

    /// `[1, 1, pairs]`, or `[rows, 1, pairs]` and `[1, total, pairs]` where sequences of a pass differ.
    private func perPlace(_ pass: Pass) throws -> Tensor {
        let short = frequencies.perPlace
        let device = pass.positions.device
        guard let long = frequencies.long else {
            return try Tensor(short, shape: [1, 1, short.count], on: device)
        }
        if let entries = pass.turn?.entries {
            for entry in entries {
                let before = entry.sharedLength + entry.ownLength
                if before > 0, before <= long.beyond, before + entry.added > long.beyond {
                    throw ModelError.mustReadAnew(beyond: long.beyond)
                }
            }
        }
        let areLong = pass.lengths.map { $0 > long.beyond }
        guard areLong.contains(true), areLong.contains(false) else {
            let only = areLong.contains(true) ? long.perPlace : short
            return try Tensor(only, shape: [1, 1, only.count], on: device)
        }
        let both = try Tensor(short + long.perPlace, shape: [2, short.count], on: device)
        func chosen(_ kinds: [Int64]) throws -> Tensor {
            try both.select(0, Tensor(kinds, shape: [kinds.count], on: device))
        }
        guard let entries = pass.turn?.entries else {
            return try chosen(areLong.map { $0 ? 1 : 0 }).reshape([areLong.count, 1, short.count])
        }
        let kinds = zip(entries, areLong).flatMap { [Int64](repeating: $1 ? 1 : 0, count: $0.added) }
        return try chosen(kinds).reshape([1, kinds.count, short.count])
    }
}
