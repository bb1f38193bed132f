import Foundation
import Testing
import TheriacTesting

@testable import TheriacTensors

/// Each operation beside the loop that defines it.
@Suite struct TensorOperationTests {
    @Test(arguments: 0..<10 as Range<UInt64>)
    func computesElementByElement(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let (x, y) = (random.floats(12, in: -3...3), random.floats(12, in: 0.5...3))
        let (a, b) = (try Tensor(x, shape: [3, 4]), try Tensor(y, shape: [3, 4]))
        try expectClose((a + b).floats(), zip(x, y).map(+))
        try expectClose((a - b).floats(), zip(x, y).map(-))
        try expectClose((a * b).floats(), zip(x, y).map(*))
        try expectClose((a / b).floats(), zip(x, y).map(/))
        try expectClose((a * 2.5 - 1).floats(), x.map { $0 * 2.5 - 1 })
        try expectClose((a / 4 + 3).floats(), x.map { $0 / 4 + 3 })
        #expect(try (a .< b).integers() == zip(x, y).map { $0 < $1 ? 1 : 0 })
        #expect(try (a .> 0).integers() == x.map { $0 > 0 ? 1 : 0 })
        #expect(try (a .< 0.5).integers() == x.map { $0 < 0.5 ? 1 : 0 })
        #expect(try (a .== a).integers() == x.map { _ in 1 })
        try expectClose(a.exp().floats(), x.map { Foundation.exp($0) })
        try expectClose(b.log().floats(), y.map { Foundation.log($0) })
        try expectClose(a.tanh().floats(), x.map { Foundation.tanh($0) })
        try expectClose(a.sigmoid().floats(), x.map { 1 / (1 + Foundation.exp(-$0)) })
        try expectClose(a.relu().floats(), x.map { max($0, 0) })
        try expectClose(a.silu().floats(), x.map { $0 / (1 + Foundation.exp(-$0)) })
        try expectClose(a.gelu().floats(), x.map { $0 * 0.5 * (1 + erf($0 / Float(2).squareRoot())) })
        let tanhForm = x.map { 0.5 * $0 * (1 + Foundation.tanh(0.79788456 * ($0 + 0.044715 * $0 * $0 * $0))) }
        try expectClose(a.geluTanh().floats(), tanhForm)
        let mask = try a .> 0
        try expectClose(mask.choose(a, b).floats(), zip(x, y).map { $0 > 0 ? $0 : $1 })
        try expectClose(a.filled(where: mask, with: -7).floats(), x.map { $0 > 0 ? -7 : $0 })
    }

    @Test(arguments: 0..<10 as Range<UInt64>)
    func reduces(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let x = random.floats(20, in: -3...3)
        let a = try Tensor(x, shape: [4, 5])
        let rows = (0..<4).map { Array(x[$0 * 5..<$0 * 5 + 5]) }
        try expectClose(a.sum().item(), Double(x.reduce(0, +)), absolute: 1e-5)
        try expectClose(a.mean().item(), Double(x.reduce(0, +) / 20), absolute: 1e-6)
        try expectClose(a.sum(1).floats(), rows.map { $0.reduce(0, +) }, absolute: 1e-5)
        try expectClose(a.max(1, keeping: true).floats(), rows.map { $0.max() ?? 0 })
        #expect(try a.max(1, keeping: true).shape == [4, 1])
        #expect(try a.max(-1).shape == [4])
        #expect(
            try a.argmax(1).integers() == rows.map { row in Int64(row.firstIndex(of: row.max() ?? 0) ?? -1) })
        let (values, indices) = try a.top(3)
        let sorted = rows.map { row in row.indices.sorted { row[$0] > row[$1] }.prefix(3) }
        #expect(try indices.integers() == sorted.flatMap { $0.map(Int64.init) })
        try expectClose(values.floats(), zip(rows, sorted).flatMap { row, order in order.map { row[$0] } })
        let softmax = rows.flatMap { row in
            let total = row.reduce(0) { $0 + Foundation.exp($1) }
            return row.map { Foundation.exp($0) / total }
        }
        try expectClose(a.softmax().floats(), softmax)
        try expectClose(a.logSoftmax(1).floats(), softmax.map { Foundation.log($0) }, absolute: 1e-5)
    }

    @Test func seesEveryValueThatIsNotFinite() throws {
        for bad in [Float.nan, .infinity, -.infinity] {
            #expect(try !Tensor([1, bad, 2], shape: [3]).isFinite())
        }
        #expect(try Tensor([Float.greatestFiniteMagnitude, -0.0], shape: [2]).isFinite())
    }

    @Test(arguments: 0..<10 as Range<UInt64>)
    func rearranges(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let x = random.floats(24)
        let a = try Tensor(x, shape: [2, 3, 4])
        var permuted: [Float] = []
        for k in 0..<4 {
            for i in 0..<2 {
                for j in 0..<3 { permuted.append(x[(i * 3 + j) * 4 + k]) }
            }
        }
        #expect(try a.permute([2, 0, 1]).floats() == permuted)
        #expect(try a.permute([2, 0, 1]).contiguous().reshape([-1]).floats() == permuted)
        #expect(try a.slice(1, 1..<3).floats() == Array(x[4..<12]) + Array(x[16..<24]))
        #expect(try Tensor.concatenate([a, a], dimension: 0).floats() == x + x)
        let picked = try a.select(0, Tensor([Int64(1), 0, 1], shape: [3])).floats()
        let (front, back) = (Array(x[..<12]), Array(x[12...]))
        #expect(picked == back + front + back)
        let matrix = try Tensor(Array(x[..<6]), shape: [2, 3])
        #expect(try matrix.gather(1, Tensor([Int64(2), 0], shape: [2, 1])).floats() == [x[2], x[3]])
        let expanded = try matrix.reshape([2, 1, 3]).expand([2, 2, 3]).floats()
        let (upper, lower) = (Array(x[..<3]), Array(x[3..<6]))
        #expect(expanded == upper + upper + lower + lower)
        #expect(try Tensor.arange(3..<6).integers() == [3, 4, 5])
        #expect(throws: TensorError.self) { _ = try a.reshape([5, 5]) }
        #expect(throws: TensorError.self) { _ = try a.slice(0, 1..<9) }
    }

    @Test(arguments: 0..<10 as Range<UInt64>)
    func multipliesMatrices(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let (x, w, b) = (random.floats(6), random.floats(12), random.floats(4))
        let a = try Tensor(x, shape: [2, 3])
        func product(_ weight: (Int, Int) -> Float, bias: [Float]) -> [Float] {
            var result: [Float] = []
            for i in 0..<2 {
                for o in 0..<4 {
                    var sum = bias[o]
                    for k in 0..<3 { sum += x[i * 3 + k] * weight(k, o) }
                    result.append(sum)
                }
            }
            return result
        }
        try expectClose(
            a.matmul(Tensor(w, shape: [3, 4])).floats(), product({ w[$0 * 4 + $1] }, bias: [0, 0, 0, 0]),
            absolute: 1e-5)
        try expectClose(
            a.linear(Tensor(w, shape: [4, 3]), Tensor(b, shape: [4])).floats(),
            product({ w[$1 * 3 + $0] }, bias: b),
            absolute: 1e-5)
        let rows = try Tensor(w, shape: [4, 3]).embedding(Tensor([Int64(3), 0], shape: [1, 2]))
        #expect(rows.shape == [1, 2, 3])
        let expectedRows = Array(w[9...]) + Array(w[..<3])
        #expect(try rows.floats() == expectedRows)
    }

    @Test(arguments: 0..<10 as Range<UInt64>)
    func normalisesLayers(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let (x, w, b) = (random.floats(10, in: -4...4), random.floats(5), random.floats(5))
        let expected = (0..<2).flatMap { row -> [Float] in
            let part = x[row * 5..<row * 5 + 5]
            let mean = part.reduce(0, +) / 5
            let variance = part.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 5
            return part.enumerated().map { ($1 - mean) / (variance + 1e-5).squareRoot() * w[$0] + b[$0] }
        }
        let norm = try Tensor(x, shape: [2, 5]).layerNorm(
            Tensor(w, shape: [5]), Tensor(b, shape: [5]), epsilon: 1e-5)
        try expectClose(norm.floats(), expected, absolute: 1e-5)
    }

    @Test func measuresCrossEntropyAndPassesOverIgnoredTargets() throws {
        // −ln softmax([2, 1, 0.5, −1])[0] = −ln 0.60946 (methods reference 0.3).
        let logits = try Tensor([2, 1, 0.5, -1, 0, 0, 0, 0] as [Float], shape: [2, 4])
        let both = try Tensor([Int64(0), 3], shape: [2])
        try expectClose(logits.crossEntropy(both, mean: false).floats(), [0.49518, 1.386294], absolute: 2e-5)
        try expectClose(logits.crossEntropy(both).item(), (0.49518 + 1.386294) / 2, absolute: 2e-5)
        let one = try Tensor([Int64(0), -100], shape: [2])
        try expectClose(logits.crossEntropy(one).item(), 0.49518, absolute: 2e-5)
        try expectClose(logits.crossEntropy(one, mean: false).floats(), [0.49518, 0], absolute: 2e-5)
    }

    @Test func dropsTheSameElementsForTheSameSeed() throws {
        let ones = try Tensor.full([2000], 1)
        let dropped = try ones.dropout(0.25, seed: 3).floats()
        #expect(try ones.dropout(0.25, seed: 3).floats() == dropped)
        #expect(try ones.dropout(0.25, seed: 4).floats() != dropped)
        #expect(dropped.allSatisfy { $0 == 0 || abs($0 - 1 / 0.75) < 1e-6 })
        expectClose(Float(dropped.count { $0 == 0 }) / 2000, 0.25, absolute: 0.04)  // four standard errors
        #expect(try ones.dropout(0, seed: 3).floats() == [Float](repeating: 1, count: 2000))
    }

    @Test(arguments: 0..<5 as Range<UInt64>)
    func findsGradientsThatFiniteDifferencesConfirm(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let (x, w) = (random.floats(6), random.floats(3))
        func loss(_ x: [Float]) throws -> (Tensor, Tensor) {
            let leaf = try Tensor(x.map(Double.init), shape: [2, 3])
            try leaf.setRequiresGradient()
            let weight = try Tensor(w.map(Double.init), shape: [1, 3])
            return (leaf, try leaf.linear(weight).tanh().exp().sum())
        }
        let (leaf, value) = try loss(x)
        #expect(try leaf.gradient().map(\.shape) == nil)
        try value.backward()
        let gradient = try #require(try leaf.gradient()).floats()
        let step: Float = 1e-3
        let expected = try x.indices.map { index -> Float in
            var (up, down) = (x, x)
            up[index] += step
            down[index] -= step
            return Float((try loss(up).1.item() - loss(down).1.item()) / Double(up[index] - down[index]))
        }
        expectClose(gradient, expected, absolute: 1e-4, relative: 1e-3)
        try leaf.clearGradient()
        #expect(try leaf.gradient().map(\.shape) == nil)
    }

    @Test func addsGradientsUpUntilTheyAreCleared() throws {
        let leaf = try Tensor([Float(2), 3], shape: [2])
        try leaf.setRequiresGradient()
        for _ in 0..<2 { try (leaf * leaf).backward(Tensor([Float(1), 10], shape: [2])) }
        #expect(try #require(try leaf.gradient()).floats() == [8, 120])
    }
}
