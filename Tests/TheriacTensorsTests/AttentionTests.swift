import Foundation
import Testing
import TheriacTesting

@testable import TheriacTensors

@Suite struct AttentionTests {
    /// One turn over a pool beside plain attention over all tokens of a sequence, computed in Double.
    struct Case: CustomTestStringConvertible, Sendable {
        /// For each sequence: tokens it shares, has of its own, and adds.
        var sequences: [(shared: Int, own: Int, added: Int)]
        var heads: Int
        var keyValueHeads: Int
        var width: Int
        var window: Int?
        var cap: Double?
        var dtype = DType.float32
        var testDescription: String {
            "\(sequences) heads \(heads)/\(keyValueHeads) width \(width) window \(window ?? 0) cap \(cap ?? 0) \(dtype)"
        }
    }

    static let cases: [Case] = [
        Case(sequences: [(0, 0, 1)], heads: 1, keyValueHeads: 1, width: 4),
        Case(sequences: [(0, 0, 7), (0, 0, 3)], heads: 4, keyValueHeads: 4, width: 8),
        Case(sequences: [(5, 0, 1), (5, 3, 1), (2, 1, 4)], heads: 6, keyValueHeads: 2, width: 5),
        Case(sequences: [(5, 4, 1), (0, 9, 1), (2, 1, 4)], heads: 8, keyValueHeads: 1, width: 16, window: 3),
        Case(sequences: [(5, 4, 1), (0, 9, 1), (8, 1, 4)], heads: 2, keyValueHeads: 2, width: 8, window: 7),
        Case(sequences: [(5, 4, 1), (3, 0, 6)], heads: 4, keyValueHeads: 2, width: 8, cap: 1.5),
        Case(sequences: [(40, 2, 1), (40, 7, 1), (3, 0, 9)], heads: 5, keyValueHeads: 5, width: 64),
        Case(sequences: [(5, 2, 1), (7, 0, 4)], heads: 4, keyValueHeads: 4, width: 64, dtype: .bfloat16),
        Case(sequences: [(3, 9, 1)], heads: 6, keyValueHeads: 2, width: 16, dtype: .float16),
    ]

    @Test(arguments: cases)
    func attendsOverThePoolAsOverWholeSequences(example c: Case) throws {
        var random = SplitMix64(seed: 7)
        // Values are rounded to the type first, so that the oracle starts from the same numbers.
        func values(_ shape: [Int]) throws -> (tensor: Tensor, plain: [Float]) {
            let tensor = try Tensor(random.floats(shape.reduce(1, *), in: -2...2), shape: shape).to(c.dtype)
            return (tensor, try tensor.floats())
        }
        let total = c.sequences.reduce(0) { $0 + $1.added }
        let capacity = 200
        let poolKeys = try values([capacity, c.keyValueHeads, c.width])
        let poolValues = try values([capacity, c.keyValueHeads, c.width])
        let query = try values([total, c.heads, c.width])
        let key = try values([total, c.keyValueHeads, c.width])
        let value = try values([total, c.keyValueHeads, c.width])
        // All share the pool's first tokens; their own stand apart, in disorder.
        let starts = c.sequences.indices.map { 60 + 30 * (c.sequences.count - 1 - $0) }
        let borders = c.sequences.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1.added) }
        let layout = CacheLayout(
            borders: borders, sharedStarts: c.sequences.map { _ in 2 },
            sharedLengths: c.sequences.map(\.shared), ownStarts: starts, ownLengths: c.sequences.map(\.own))
        let found = try Tensor.cachedAttention(
            query.tensor, key.tensor, value.tensor, poolKeys: poolKeys.tensor, poolValues: poolValues.tensor,
            layout: layout, scale: 0.3, window: c.window, cap: c.cap)
        #expect(found.shape == [total, c.heads * c.width] && found.dtype == c.dtype)
        var expected: [Float] = []
        for (index, sequence) in c.sequences.enumerated() {
            for token in 0..<sequence.added {
                for head in 0..<c.heads {
                    let kv = head / (c.heads / c.keyValueHeads)
                    func part(_ all: [Float], _ place: Int, _ heads: Int, _ head: Int) -> [Double] {
                        let start = (place * heads + head) * c.width
                        return all[start..<start + c.width].map(Double.init)
                    }
                    func past(_ pool: [Float], _ new: [Float]) -> [[Double]] {
                        let shared = (0..<sequence.shared).map { part(pool, 2 + $0, c.keyValueHeads, kv) }
                        let own = (0..<sequence.own).map {
                            part(pool, starts[index] + $0, c.keyValueHeads, kv)
                        }
                        let added = (0...token).map { part(new, borders[index] + $0, c.keyValueHeads, kv) }
                        return (shared + own + added).suffix(c.window ?? .max)
                    }
                    expected += Self.attend(
                        part(query.plain, borders[index] + token, c.heads, head),
                        past(poolKeys.plain, key.plain), past(poolValues.plain, value.plain), scale: 0.3,
                        cap: c.cap
                    ).map { Float($0) }
                }
            }
        }
        // Sums are float32 in all types; only the result is rounded to 8 (bf16) or 11 bits.
        let tolerance = c.dtype == .float32 ? 1e-5 : c.dtype == .bfloat16 ? 1.0 / 256 : 1.0 / 2048
        try expectClose(found.floats(), expected, absolute: tolerance, relative: tolerance)
        // What was added stands in the pool, and nothing else has changed.
        let after = try poolKeys.tensor.floats()
        let size = c.keyValueHeads * c.width
        var wanted = poolKeys.plain
        for (index, sequence) in c.sequences.enumerated() {
            for token in 0..<sequence.added {
                let place = (starts[index] + sequence.own + token) * size
                let source = (borders[index] + token) * size
                wanted.replaceSubrange(place..<place + size, with: key.plain[source..<source + size])
            }
        }
        #expect(after == wanted)
    }

    static func attend(
        _ query: [Double], _ keys: [[Double]], _ values: [[Double]], scale: Double, cap: Double? = nil
    ) -> [Double] {
        let scores = keys.map { key in
            let score = zip(query, key).reduce(0) { $0 + $1.0 * $1.1 } * scale
            return cap.map { $0 * tanh(score / $0) } ?? score
        }
        let largest = scores.max() ?? 0
        let weights = scores.map { exp($0 - largest) }
        let total = weights.reduce(0, +)
        return query.indices.map { i in zip(weights, values).reduce(0) { $0 + $1.0 * $1.1[i] } / total }
    }

    @Test(arguments: 0..<5 as Range<UInt64>)
    func looksBackOnlyWhenCausal(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let (length, width) = (6, 4)
        let parts = (0..<3).map { _ in random.floats(length * width) }
        let tensors = try parts.map { try Tensor($0, shape: [1, 1, length, width]) }
        for causal in [true, false] {
            let found = try Tensor.attention(tensors[0], tensors[1], tensors[2], causal: causal, scale: 0.5)
            let rows = parts.map { part in
                (0..<length).map { i in part[i * width..<(i + 1) * width].map(Double.init) }
            }
            let expected = (0..<length).flatMap { i in
                let seen = 0..<(causal ? i + 1 : length)
                return Self.attend(rows[0][i], Array(rows[1][seen]), Array(rows[2][seen]), scale: 0.5).map {
                    Float($0)
                }
            }
            try expectClose(found.floats(), expected, absolute: 1e-5)
        }
    }

    @Test func addsItsMask() throws {
        let ones = try Tensor.full([1, 1, 1, 2], 1)
        let keys = try Tensor.zeros([1, 1, 2, 2])
        let values = try Tensor([Float(1), 2, 3, 4], shape: [1, 1, 2, 2])
        let mask = try Tensor([0, -Float.infinity], shape: [1, 1, 1, 2])
        let found = try Tensor.attention(ones, keys, values, mask: mask, causal: false, scale: 1)
        #expect(try found.floats() == [1, 2])
    }

    @Test(arguments: [
        ("own start", 9), ("own length", 8), ("negative length", -1), ("shared start", 10),
        ("shared length", 11), ("border", 3),
    ])
    func refusesWhatLiesOutsideThePool(what: String, value: Int) throws {
        let one = try Tensor.zeros([2, 1, 4])
        let pool = try Tensor.zeros([10, 1, 4])
        let layout = CacheLayout(
            borders: [0, what == "border" ? value : 2], sharedStarts: [what == "shared start" ? value : 0],
            sharedLengths: [what == "shared length" ? value : 1],
            ownStarts: [what == "own start" ? value : 1],
            ownLengths: [what.hasSuffix("length") && !what.hasPrefix("shared") ? value : 0])
        #expect(throws: TensorError.self) {
            _ = try Tensor.cachedAttention(
                one, one, one, poolKeys: pool, poolValues: pool, layout: layout, scale: 1)
        }
    }

    @Test func refusesPoolsOfAnotherShape() throws {
        let one = try Tensor.zeros([1, 2, 4])
        let pool = try Tensor.zeros([10, 1, 4])
        let layout = CacheLayout(
            borders: [0, 1], sharedStarts: [0], sharedLengths: [0], ownStarts: [0], ownLengths: [0])
        let error = #expect(throws: TensorError.self) {
            _ = try Tensor.cachedAttention(
                one, one, one, poolKeys: pool, poolValues: pool, layout: layout, scale: 1)
        }
        #expect(
            error?.description
                == "cached attention failed: pools must be [capacity, kv_heads, width], found [10, 1, 4] and [10, 1, 4]"
        )
    }
}
