import Foundation
import Testing
import TheriacTesting

@testable import TheriacTensors

@Suite struct AttentionTests {
    /// One decoding step beside plain attention over all keys of a row, computed in Double.
    struct Case: CustomTestStringConvertible, Sendable {
        var lengths: [Int]
        var group: Int
        var heads: Int
        var keyValueHeads: Int
        var width: Int
        var steps: Int
        var dtype = DType.float32
        var testDescription: String {
            "\(lengths)×\(group) heads \(heads)/\(keyValueHeads) width \(width) steps \(steps) \(dtype)"
        }
    }

    static let cases: [Case] = [
        Case(lengths: [1], group: 1, heads: 1, keyValueHeads: 1, width: 4, steps: 1),
        Case(lengths: [5, 2, 7], group: 3, heads: 4, keyValueHeads: 4, width: 8, steps: 4),
        Case(lengths: [3, 9], group: 2, heads: 6, keyValueHeads: 2, width: 5, steps: 3),
        Case(lengths: [4, 4, 1, 6], group: 5, heads: 8, keyValueHeads: 1, width: 16, steps: 2),
        Case(lengths: [40, 3], group: 25, heads: 5, keyValueHeads: 5, width: 64, steps: 3),
        Case(lengths: [5, 2, 7], group: 3, heads: 4, keyValueHeads: 4, width: 8, steps: 4, dtype: .bfloat16),
        Case(lengths: [3, 9], group: 2, heads: 6, keyValueHeads: 2, width: 64, steps: 3, dtype: .bfloat16),
        Case(lengths: [3, 9], group: 2, heads: 6, keyValueHeads: 2, width: 16, steps: 3, dtype: .float16),
    ]

    @Test(arguments: cases)
    func decodesAsAttentionOverTheWholeRow(example: Case) throws {
        var random = SplitMix64(seed: 7)
        let c = example
        let (prompts, longest) = (c.lengths.count, c.lengths.max() ?? 0)
        let rows = prompts * c.group
        // Values are rounded to the type first, so that the oracle starts from the same numbers.
        func values(_ shape: [Int], in range: ClosedRange<Float> = -2...2) throws -> (
            tensor: Tensor, plain: [Float]
        ) {
            let tensor = try Tensor(random.floats(shape.reduce(1, *), in: range), shape: shape).to(c.dtype)
            return (tensor, try tensor.floats())
        }
        // Padding behind a short prompt is large, so that reading it would show.
        let promptKeys = try values([prompts, c.keyValueHeads, longest, c.width])
        let promptValues = try values([prompts, c.keyValueHeads, longest, c.width])
        for (prompt, length) in c.lengths.enumerated() where length < longest {
            for tensor in [promptKeys.tensor, promptValues.tensor] {
                let padding = try tensor.slice(0, prompt..<prompt + 1).slice(2, length..<longest)
                try padding.assign(.full(padding.shape, 900, dtype: c.dtype))
            }
        }
        let lengths = try Tensor(c.lengths.map(Int64.init), shape: [prompts])
        let rowKeys = try Tensor.zeros([rows, c.keyValueHeads, c.steps, c.width], dtype: c.dtype)
        let rowValues = try Tensor.zeros([rows, c.keyValueHeads, c.steps, c.width], dtype: c.dtype)
        var pastKeys: [[Float]] = []
        var pastValues: [[Float]] = []
        for step in 0..<c.steps {
            let query = try values([rows, c.heads, c.width])
            let key = try values([rows, c.keyValueHeads, c.width])
            let value = try values([rows, c.keyValueHeads, c.width])
            pastKeys.append(key.plain)
            pastValues.append(value.plain)
            let found = try Tensor.decodeAttention(
                query.tensor, key.tensor, value.tensor, promptKeys: promptKeys.tensor,
                promptValues: promptValues.tensor, promptLengths: lengths, rowKeys: rowKeys,
                rowValues: rowValues,
                group: c.group, step: step, scale: 0.3)
            #expect(found.shape == [rows, c.heads * c.width])
            #expect(found.dtype == c.dtype)
            var expected: [Float] = []
            for row in 0..<rows {
                for head in 0..<c.heads {
                    let kv = head / (c.heads / c.keyValueHeads)
                    let prompt = row / c.group
                    func part(_ all: [Float], _ place: Int) -> [Double] {
                        all[place * c.width..<(place + 1) * c.width].map(Double.init)
                    }
                    let q = part(query.plain, row * c.heads + head)
                    let own = row * c.keyValueHeads + kv
                    let places = (0..<c.lengths[prompt]).map {
                        (prompt * c.keyValueHeads + kv) * longest + $0
                    }
                    let keys = places.map { part(promptKeys.plain, $0) } + pastKeys.map { part($0, own) }
                    let vals = places.map { part(promptValues.plain, $0) } + pastValues.map { part($0, own) }
                    expected += Self.attend(q, keys, vals, scale: 0.3).map { Float($0) }
                }
            }
            // Sums are float32 in all types; only the result is rounded to 8 (bf16) or 11 bits.
            let tolerance = c.dtype == .float32 ? 1e-5 : c.dtype == .bfloat16 ? 1.0 / 256 : 1.0 / 2048
            try expectClose(
                found.floats(), expected, absolute: tolerance, relative: tolerance, "step \(step)")
        }
    }

    static func attend(_ query: [Double], _ keys: [[Double]], _ values: [[Double]], scale: Double) -> [Double]
    {
        let scores = keys.map { key in zip(query, key).reduce(0) { $0 + $1.0 * $1.1 } * scale }
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
        ("step", 2), ("group", 3), ("length", 6), ("negative length", -1),
    ])
    func refusesWhatLiesOutsideTheCaches(what: String, value: Int) throws {
        let one = try Tensor.zeros([2, 1, 4])
        let cache = try Tensor.zeros([1, 1, 5, 4])
        let rows = try Tensor.zeros([2, 1, 2, 4])
        let length = Int64(what.hasSuffix("length") ? value : 5)
        let lengths = try Tensor([length], shape: [1])
        #expect(throws: TensorError.self) {
            _ = try Tensor.decodeAttention(
                one, one, one, promptKeys: cache, promptValues: cache, promptLengths: lengths, rowKeys: rows,
                rowValues: rows, group: what == "group" ? value : 2, step: what == "step" ? value : 0,
                scale: 1)
        }
    }

    @Test func refusesCachesOfAnotherTypeOrShape() throws {
        let one = try Tensor.zeros([2, 1, 4])
        let lengths = try Tensor([Int64(5)], shape: [1])
        let rows = try Tensor.zeros([2, 1, 2, 4])
        let short = try Tensor.zeros([1, 1, 2, 4])
        for cache in [
            try Tensor.zeros([1, 1, 5, 4], dtype: .bfloat16), try .zeros([1, 2, 5, 4]),
            try .zeros([1, 1, 5, 3]),
        ] {
            #expect(throws: TensorError.self) {
                _ = try Tensor.decodeAttention(
                    one, one, one, promptKeys: cache, promptValues: cache, promptLengths: lengths,
                    rowKeys: rows,
                    rowValues: rows, group: 2, step: 0, scale: 1)
            }
        }
        let cache = try Tensor.zeros([1, 1, 5, 4])
        let error = #expect(throws: TensorError.self) {
            _ = try Tensor.decodeAttention(
                one, one, one, promptKeys: cache, promptValues: cache, promptLengths: lengths, rowKeys: short,
                rowValues: rows, group: 2, step: 0, scale: 1)
        }
        #expect(
            error?.description
                == "decode attention failed: row caches must be [rows, kv_heads, steps, width], found [1, 1, 2, 4]"
        )
    }
}
