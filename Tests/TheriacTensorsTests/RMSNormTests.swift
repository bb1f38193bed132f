import Testing
import TheriacTensors
import TheriacTesting

@Suite struct RMSNormTests {
    private func expected(_ x: [Float], _ weight: [Float], epsilon: Double, offset: Double) -> [Float] {
        let width = weight.count
        return x.indices.map { index in
            let row = x[index / width * width..<(index / width + 1) * width]
            let mean = row.reduce(0) { $0 + Double($1) * Double($1) } / Double(width)
            return Float(
                Double(x[index]) / (mean + epsilon).squareRoot() * (Double(weight[index % width]) + offset))
        }
    }

    @Test(arguments: [1, 7, 40], [0.0, 1.0])
    func dividesByTheRootMeanSquare(width: Int, offset: Double) throws {
        let x = try Tensor.random([3, 2, width], seed: 1) * 3
        let weight = try Tensor.random([width], seed: 2)
        let right = try expected(x.floats(), weight.floats(), epsilon: 1e-3, offset: offset)
        try expectClose(
            x.rmsNorm(weight, epsilon: 1e-3, offset: offset).floats(), right, absolute: 2e-6, relative: 2e-6)
        // Not contiguous.
        let turned = try x.permute([1, 0, 2]).rmsNorm(weight, epsilon: 1e-3, offset: offset)
        try expectClose(turned.permute([1, 0, 2]).floats(), right, absolute: 2e-6, relative: 2e-6)
        // Rounded once at the end; weights keep their type.
        let rounded = try x.to(.bfloat16)
        let exact = try rounded.to(.float32).rmsNorm(weight, epsilon: 1e-3, offset: offset)
        try #expect(
            rounded.rmsNorm(weight, epsilon: 1e-3, offset: offset).floats() == exact.to(.bfloat16).floats())
    }

    @Test func gradientsFlow() throws {
        let x = try Tensor.random([2, 5], seed: 1)
        let weight = try Tensor.random([5], seed: 2)
        let plain = try x.rmsNorm(weight, epsilon: 1e-5, offset: 1).floats()
        let direction = try Tensor.random([2, 5], seed: 3)
        func loss(_ step: Double) throws -> Double {
            try ((x + direction * step).rmsNorm(weight, epsilon: 1e-5, offset: 1) * direction).sum().item()
        }
        let slope = try (loss(1e-2) - loss(-1e-2)) / 2e-2
        let (input, factors) = try (x.clone(), weight.clone())
        try input.setRequiresGradient()
        try factors.setRequiresGradient()
        let normed = try input.rmsNorm(factors, epsilon: 1e-5, offset: 1)
        try expectClose(normed.detached().floats(), plain, absolute: 1e-6)
        try (normed * direction).sum().backward()
        let found = try (#require(try input.gradient()) * direction).sum().item()
        expectClose(found, slope, absolute: 2e-3, relative: 2e-3)
        #expect(try #require(try factors.gradient()).isFinite())
    }

    @Test func refusesAWeightOfAnotherWidth() throws {
        let x = try Tensor.random([2, 5], seed: 1)
        #expect(throws: TensorError.self) { try x.rmsNorm(.zeros([4]), epsilon: 1e-5) }
    }
}
