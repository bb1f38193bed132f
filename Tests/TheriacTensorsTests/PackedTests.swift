import Testing
import TheriacTensors
import TheriacTesting

/// What the packed kernels compute, against libtorch's operations and against slow loops.
@Suite struct PackedTests {
    private func random(_ shape: [Int], _ seed: UInt64, _ dtype: DType = .float32) throws -> Tensor {
        try Tensor.random(shape, seed: seed).to(dtype)
    }

    /// Rows of full and of short tiles, outputs of full and of short panels, an odd depth.
    static let sizes = [
        (1, 8, 3), (5, 32, 64), (6, 33, 16), (7, 34, 65), (13, 96, 130), (40, 384, 17), (67, 50, 200),
    ]

    @Test(arguments: sizes, [DType.float32, .bfloat16])
    func productsEqualLibtorchs(size: (rows: Int, inputs: Int, outputs: Int), dtype: DType) throws {
        try Torch.withoutGradients {
            let x = try random([size.rows, size.inputs], 1, dtype)
            let weight = try random([size.outputs, size.inputs], 2)
            let bias = try random([size.outputs], 3)
            let residual = try random([size.rows, size.outputs], 4)
            let packed = PackedWeight(weight)
            let plain = try x.to(.float32).linear(weight.to(dtype).to(.float32), bias)
            let tolerance = 2e-6 * Double(size.inputs)
            try expectClose(
                packed.product(x, bias: bias, dtype: .float32).floats(), plain.floats(), absolute: tolerance)
            try expectClose(
                packed.product(x, bias: nil, residual: residual, dtype: .float32).floats(),
                (plain - bias + residual).floats(), absolute: tolerance)
            // One rounding to 8 bits at the end.
            try expectClose(
                packed.product(x, bias: bias, dtype: dtype).floats(), plain.floats(), absolute: tolerance,
                relative: dtype == .float32 ? 1e-6 : 0.0041)
        }
    }

    @Test(arguments: [Activation.gelu, .geluTanh, .relu, .silu, .tanh, .sigmoid])
    func activationsEqualLibtorchs(_ activation: Activation) throws {
        try Torch.withoutGradients {
            // One input per value: the product with 1 is the value itself.
            let values =
                stride(from: Float(-30), through: 30, by: 0.037).map { $0 } + [0, 1e-8, -1e-8, 90, -90]
            let x = try Tensor(values, shape: [values.count, 1])
            let one = PackedWeight(try Tensor([Float(1)], shape: [1, 1]))
            try expectClose(
                one.product(x, bias: nil, activation: activation, dtype: .float32).floats(),
                x.activated(activation).floats(), absolute: 1e-6, relative: 1e-6)
        }
    }

    @Test(arguments: [5, 16, 35])
    func gatesEqualTheTwoHalves(width: Int) throws {
        let x = try random([7, 2 * width], 1)
        let (a, b) = try (x.slice(1, 0..<width), x.slice(1, width..<2 * width))
        try expectClose(x.gated(.gelu).floats(), (a.gelu() * b).floats(), absolute: 2e-6)
        try x.setRequiresGradient()
        try x.gated(.gelu).sum().backward()
        let gradient = try #require(try x.gradient())
        #expect(try gradient.isFinite())
    }

    @Test(arguments: [DType.float32, .bfloat16])
    func aRowsProductDoesNotDependOnTheOthers(dtype: DType) throws {
        try Torch.withoutGradients {
            let x = try random([301, 96], 1, dtype)
            let packed = PackedWeight(try random([80, 96], 2))
            let whole = try packed.product(x, bias: nil, activation: .gelu, dtype: .float32).floats()
            for range in [0..<1, 3..<4, 3..<10, 100..<151, 300..<301] {
                let part = try packed.product(
                    x.slice(0, range), bias: nil, activation: .gelu, dtype: .float32)
                #expect(try part.floats() == Array(whole[range.lowerBound * 80..<range.upperBound * 80]))
            }
        }
    }

    @Test func aChangedWeightIsLaidOutAgain() throws {
        try Torch.withoutGradients {
            let x = try random([4, 8], 1)
            let weight = try random([8, 8], 2)
            let packed = PackedWeight(weight)
            let before = try packed.product(x, bias: nil, dtype: .float32).floats()
            try weight.scale(by: 2)
            #expect(try packed.product(x, bias: nil, dtype: .float32).floats() == before.map { 2 * $0 })
            try weight.assign(weight / 2)
            #expect(try packed.product(x, bias: nil, dtype: .float32).floats() == before)
        }
    }

    @Test func anOptimisersStepIsSeen() throws {
        let weight = try random([8, 8], 2)
        let packed = PackedWeight(weight)
        let x = try random([4, 8], 1)
        let before = try Torch.withoutGradients { try packed.product(x, bias: nil, dtype: .float32).floats() }
        try weight.setRequiresGradient()
        try x.linear(weight).sum().backward()
        try AdamW([weight], settings: .init()).update(rate: 0.1)
        let after = try Torch.withoutGradients { try packed.product(x, bias: nil, dtype: .float32).floats() }
        let expected = try Torch.withoutGradients { try x.linear(weight).floats() }
        #expect(after != before)
        expectClose(after, expected, absolute: 1e-5)
    }

    // MARK: Attention

    /// softmax(q·kᵀ·scale)·v by loops over everything.
    private func attention(
        _ q: [Float], _ k: [Float], _ v: [Float], queries: [Int], keys: [Int], heads: Int, width: Int,
        window: Int?, scale: Double
    ) -> [Double] {
        var out = [Double](repeating: 0, count: q.count)
        let total = heads * width
        for row in 0..<keys.count - 1 {
            for i in 0..<queries[row + 1] - queries[row] {
                for head in 0..<heads {
                    let seen = (0..<keys[row + 1] - keys[row]).filter { abs($0 - i) <= window ?? .max }
                    func at(_ x: [Float], _ token: Int, _ d: Int) -> Double {
                        Double(x[token * total + head * width + d])
                    }
                    let scores = seen.map { j in
                        (0..<width).reduce(0) { $0 + at(q, queries[row] + i, $1) * at(k, keys[row] + j, $1) }
                            * scale
                    }
                    let top = scores.max() ?? 0
                    let weights = scores.map { exp($0 - top) }
                    for d in 0..<width {
                        let mixed = zip(seen, weights).reduce(0) { $0 + $1.1 * at(v, keys[row] + $1.0, d) }
                        out[(queries[row] + i) * total + head * width + d] = mixed / weights.reduce(0, +)
                    }
                }
            }
        }
        return out
    }

    private func exp(_ x: Double) -> Double { (try? Tensor([x], shape: [1]).exp().item()) ?? .nan }

    static let windows: [Int?] = [nil, 0, 3, 16]

    @Test(arguments: [(2, 8), (3, 6), (1, 20)], windows)
    func attentionEqualsTheLoop(heads: (Int, Int), window: Int?) throws {
        let (heads, width) = heads
        let keys = [0, 1, 19, 36, 38]
        let total = keys[4]
        let tensors = try (1...3).map { try random([total, heads * width], $0) }
        let values = try tensors.map { try $0.floats() }
        for queries in [keys, [0, 1, 2, 3, 4]] {
            let q = try tensors[0].slice(0, 0..<queries[4])
            let found = try Tensor.packedAttention(
                q, tensors[1], tensors[2], queryBorders: queries, keyBorders: keys, heads: heads,
                window: window, scale: 0.4
            ).floats()
            let expected = attention(
                Array(values[0].prefix(q.count)), values[1], values[2], queries: queries, keys: keys,
                heads: heads, width: width, window: window, scale: 0.4)
            expectClose(found.map(Double.init), expected, absolute: 3e-6, relative: 0)
            let rounded = try Tensor.packedAttention(
                q.to(.bfloat16), tensors[1].to(.bfloat16), tensors[2].to(.bfloat16), queryBorders: queries,
                keyBorders: keys, heads: heads, window: window, scale: 0.4
            ).floats()
            // Inputs, weights and results have 8 bits; values are below 4.
            expectClose(rounded.map(Double.init), expected, absolute: 0.06, relative: 0)
        }
    }

    @Test(arguments: windows)
    func recordedAttentionIsTheSame(window: Int?) throws {
        let borders = [0, 4, 23, 24]
        let tensors = try (1...3).map { try random([24, 16], $0) }
        func mixed() throws -> Tensor {
            try .packedAttention(
                tensors[0], tensors[1], tensors[2], queryBorders: borders, keyBorders: borders, heads: 2,
                window: window, scale: 0.3)
        }
        let plain = try mixed().floats()
        for tensor in tensors { try tensor.setRequiresGradient() }
        let recorded = try mixed()
        try expectClose(recorded.floats(), plain, absolute: 3e-6, relative: 0)
        try recorded.sum().backward()
        // The weights of a query add up to 1: every value counts once for each query in all.
        let gradient = try #require(try tensors[2].gradient()).sum().item()
        expectClose(gradient, 24 * 16, absolute: 1e-3)
        #expect(try #require(try tensors[0].gradient()).isFinite())
    }

    @Test(arguments: [DType.float32, .bfloat16])
    func aSequencesAttentionDoesNotDependOnTheOthers(dtype: DType) throws {
        let borders = [0, 40, 57, 58, 90]
        let tensors = try (1...3).map { try random([90, 64], $0, dtype) }
        let whole = try Tensor.packedAttention(
            tensors[0], tensors[1], tensors[2], queryBorders: borders, keyBorders: borders, heads: 2,
            scale: 0.2
        ).floats()
        for row in 0..<4 {
            let range = borders[row]..<borders[row + 1]
            let parts = try tensors.map { try $0.slice(0, range) }
            let alone = try Tensor.packedAttention(
                parts[0], parts[1], parts[2], queryBorders: [0, range.count], keyBorders: [0, range.count],
                heads: 2, scale: 0.2)
            #expect(try alone.floats() == Array(whole[range.lowerBound * 64..<range.upperBound * 64]))
        }
    }

    @Test func refusesBordersThatDoNotFit() throws {
        let x = try random([6, 8], 1)
        for borders in [[0, 5], [1, 6], [0, 3, 3, 6], [0]] {
            #expect(throws: TensorError.self) {
                try Tensor.packedAttention(
                    x, x, x, queryBorders: borders, keyBorders: borders, heads: 2, scale: 1)
            }
        }
        #expect(throws: TensorError.self) {
            try Tensor.packedAttention(
                x, x, x, queryBorders: [0, 6], keyBorders: [0, 6], heads: 3, scale: 1)
        }
    }

    @Test(arguments: [Activation.gelu, .geluTanh, .relu, .silu, .tanh, .sigmoid])
    func anActivationAloneIsThatOfAProduct(activation: Activation) throws {
        let x = try random([5, 21], 4)
        let one = try Tensor((0..<21 * 21).map { $0 % 22 == 0 ? 1 : 0 } as [Float], shape: [21, 21])
        let product = try PackedWeight(one).product(x, bias: nil, activation: activation, dtype: .float32)
        #expect(try x.packedActivation(activation).floats() == product.floats())
        try expectClose(
            x.packedActivation(activation).floats(), x.activated(activation).floats(), absolute: 1e-6,
            relative: 1e-6)
    }
}
