import Testing
import TheriacTesting

@testable import TheriacTensors

/// What a token gets from a pool of keys and values is the same to the last bit, however its pass came about.
@Suite struct CachedAttentionExactnessTests {
    struct Case: CustomTestStringConvertible, Sendable {
        var heads = 4
        var keyValueHeads = 4
        var width = 16
        var window: Int?
        var cap: Double?
        var dtype = DType.float32
        var testDescription: String {
            "\(heads)/\(keyValueHeads) × \(width), window \(window ?? 0), cap \(cap ?? 0), \(dtype)"
        }
    }

    static let cases: [Case] = [
        Case(), Case(dtype: .bfloat16), Case(heads: 6, keyValueHeads: 2, width: 10),
        Case(heads: 6, keyValueHeads: 2, width: 10, dtype: .bfloat16),
        Case(width: 80, window: 7, cap: 20), Case(width: 80, window: 7, cap: 20, dtype: .bfloat16),
        Case(heads: 8, keyValueHeads: 1, width: 64, window: 21, dtype: .bfloat16),
    ]

    /// Queries, keys and values of a sequence's tokens, `[tokens, heads, width]`.
    private struct Sequence {
        let query, key, value: Tensor

        init(_ tokens: Int, _ c: Case, seed: UInt64) throws {
            func random(_ heads: Int, _ salt: UInt64) throws -> Tensor {
                try Tensor.random([tokens, heads, c.width], seed: seed * 8 + salt).to(c.dtype)
            }
            query = try random(c.heads, 1)
            key = try random(c.keyValueHeads, 2)
            value = try random(c.keyValueHeads, 3)
        }

        func part(_ range: Range<Int>) throws -> [Tensor] {
            try [query, key, value].map { try $0.slice(0, range) }
        }
    }

    private final class Pool {
        let keys, values: Tensor
        let example: Case

        /// Filled with large numbers, so that reading beyond a sequence would show.
        init(_ c: Case, capacity: Int = 200) throws {
            keys = try .full([capacity, c.keyValueHeads, c.width], 900, dtype: c.dtype)
            values = try .full([capacity, c.keyValueHeads, c.width], 900, dtype: c.dtype)
            example = c
        }

        /// Reads the tokens `parts` of several sequences in one pass; what each got, by sequence.
        func read(_ parts: [[Tensor]], _ places: [(shared: Int, sharedLength: Int, own: Int, ownLength: Int)])
            throws -> [[Float]]
        {
            let counts = parts.map { $0[0].size(0) }
            let borders = counts.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1) }
            func all(_ index: Int) throws -> Tensor {
                try .concatenate(parts.map { $0[index] }, dimension: 0)
            }
            let found = try Tensor.cachedAttention(
                all(0), all(1), all(2), poolKeys: keys, poolValues: values,
                layout: CacheLayout(
                    borders: borders, sharedStarts: places.map(\.shared),
                    sharedLengths: places.map(\.sharedLength), ownStarts: places.map(\.own),
                    ownLengths: places.map(\.ownLength)),
                scale: 0.3, window: example.window, cap: example.cap)
            return try counts.indices.map {
                try found.slice(0, borders[$0]..<borders[$0 + 1]).floats()
            }
        }
    }

    @Test(arguments: cases)
    func doesNotDependOnHowManyTokensAreReadAtOnce(c: Case) throws {
        let sequence = try Sequence(45, c, seed: 1)
        let whole = try Pool(c).read([sequence.part(0..<45)], [(0, 0, 0, 0)])[0]
        for sizes in [[1, 20, 3, 21], [45].flatMap { [Int](repeating: 1, count: $0) }] {
            let pool = try Pool(c)
            var (found, place) = ([Float](), 0)
            for size in sizes {
                found += try pool.read([sequence.part(place..<place + size)], [(0, 0, 30, place)])[0]
                place += size
            }
            #expect(found == whole, "\(sizes.prefix(4)) …")
        }
    }

    /// Eight continuations of one prompt, each beside the others and alone.
    @Test(arguments: cases)
    func dependsNeitherOnNeighboursNorOnWhatIsShared(c: Case) throws {
        let prompt = try Sequence(19, c, seed: 2)
        let own = try (0..<8).map { try Sequence(5, c, seed: UInt64(3 + $0)) }
        let together = try Pool(c)
        _ = try together.read([prompt.part(0..<19)], [(0, 0, 150, 0)])
        // Of different lengths; the last but one shares nothing.
        let counts = [5, 3, 1, 4, 5, 2, 5, 1]
        _ = try together.read([prompt.part(0..<19)], [(0, 0, 100, 0)])
        let places = counts.indices.map { index in
            index == 6 ? (shared: 0, sharedLength: 0, own: 100, ownLength: 19) : (150, 19, index * 6, 0)
        }
        let found = try together.read(counts.indices.map { try own[$0].part(0..<counts[$0]) }, places)
        for index in counts.indices {
            let alone = try Pool(c)
            _ = try alone.read([prompt.part(0..<19)], [(0, 0, 60, 0)])
            let expected = try alone.read(
                [own[index].part(0..<counts[index])], [(shared: 0, sharedLength: 0, own: 60, ownLength: 19)])
            #expect(found[index] == expected[0], "sequence \(index)")
        }
    }
}
