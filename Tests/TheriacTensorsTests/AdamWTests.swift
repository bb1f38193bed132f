import Foundation
import Testing
import TheriacTesting

@testable import TheriacTensors

@Suite struct AdamWTests {
    /// The paper's algorithm 2, one number at a time, in Double.
    struct Oracle {
        var value: [Double]
        var first: [Double]
        var second: [Double]
        let decays: Bool

        init(_ value: [Float], decays: Bool) {
            self.value = value.map(Double.init)
            first = value.map { _ in 0 }
            second = first
            self.decays = decays
        }

        mutating func update(_ gradient: [Float], step: Int, rate: Double, _ s: AdamW.Settings) {
            for i in value.indices {
                let g = Double(gradient[i])
                first[i] = s.beta1 * first[i] + (1 - s.beta1) * g
                second[i] = s.beta2 * second[i] + (1 - s.beta2) * g * g
                let mean = first[i] / (1 - pow(s.beta1, Double(step)))
                let square = second[i] / (1 - pow(s.beta2, Double(step)))
                value[i] -=
                    rate * (mean / (square.squareRoot() + s.epsilon) + (decays ? s.decay * value[i] : 0))
            }
        }
    }

    @Test(arguments: 0..<8 as Range<UInt64>)
    func followsThePaperAndLeavesVectorsUndecayed(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        var settings = AdamW.Settings()
        settings.decay = 0.3
        settings.beta2 = 0.97
        let (matrix, vector) = (random.floats(12), random.floats(3))
        var oracles = [Oracle(matrix, decays: true), Oracle(vector, decays: false)]
        let parameters = [try Tensor(matrix, shape: [4, 3]), try Tensor(vector, shape: [3])]
        for parameter in parameters { try parameter.setRequiresGradient() }
        let optimiser = try AdamW(parameters, settings: settings)
        for step in 1...20 {
            let rate = Double(Float.random(in: 1e-3...1e-1, using: &random))
            for (index, parameter) in parameters.enumerated() {
                let gradient = random.floats(parameter.count)
                // The gradient of Σ g·p is g.
                try (parameter * Tensor(gradient, shape: parameter.shape)).sum().backward()
                oracles[index].update(gradient, step: step, rate: rate, settings)
            }
            try optimiser.update(rate: rate)
            #expect(optimiser.step == step)
            for (parameter, oracle) in zip(parameters, oracles) {
                try expectClose(
                    parameter.floats(), oracle.value.map { Float($0) }, absolute: 2e-6, relative: 1e-5,
                    "step \(step)")
                #expect(try parameter.gradient().map(\.shape) == nil)
            }
        }
        try expectClose(optimiser.first[0].floats(), oracles[0].first.map { Float($0) }, absolute: 1e-6)
        try expectClose(optimiser.second[1].floats(), oracles[1].second.map { Float($0) }, absolute: 1e-6)
    }

    @Test func leavesParametersWithoutAGradientAlone() throws {
        let used = try Tensor([Float(1), 2], shape: [1, 2])
        let unused = try Tensor([Float(5), 6], shape: [1, 2])
        for parameter in [used, unused] { try parameter.setRequiresGradient() }
        let optimiser = try AdamW([used, unused], settings: .init())
        try used.sum().backward()
        try optimiser.update(rate: 0.1)
        #expect(try unused.floats() == [5, 6])
        #expect(try used.floats() != [1, 2])
    }

    @Test func goesOnFromSavedMeansAsIfItHadNotStopped() throws {
        var random = SplitMix64(seed: 3)
        let start = random.floats(6)
        let gradients = (0..<8).map { _ in random.floats(6) }
        func step(_ optimiser: AdamW, _ gradient: [Float]) throws {
            let parameter = optimiser.parameters[0]
            try (parameter * Tensor(gradient, shape: [2, 3])).sum().backward()
            try optimiser.update(rate: 0.02)
        }
        func fresh(_ values: [Float]) throws -> AdamW {
            let parameter = try Tensor(values, shape: [2, 3])
            try parameter.setRequiresGradient()
            return try AdamW([parameter], settings: .init())
        }
        let straight = try fresh(start)
        for gradient in gradients { try step(straight, gradient) }
        let before = try fresh(start)
        for gradient in gradients[..<3] { try step(before, gradient) }
        let after = try fresh(before.parameters[0].floats())
        try after.first[0].assign(before.first[0])
        try after.second[0].assign(before.second[0])
        after.resume(after: before.step)
        for gradient in gradients[3...] { try step(after, gradient) }
        #expect(try after.parameters[0].bytes() == straight.parameters[0].bytes())
    }

    @Test func clipsTheCommonNorm() throws {
        let a = try Tensor([Float(0), 0], shape: [2])
        let b = try Tensor([Float(0)], shape: [1])
        for parameter in [a, b] { try parameter.setRequiresGradient() }
        // Gradients (2, 3) and 6: norm 7.
        try ((a * Tensor([Float(2), 3], shape: [2])).sum() + (b * 6.0).sum()).backward()
        try expectClose(clipGradients(of: [a, b], to: 0), 7)  // 0 only measures
        try expectClose(clipGradients(of: [a, b], to: 14), 7)  // within the limit: untouched
        try expectClose(#require(try a.gradient()).floats(), [2, 3])
        try expectClose(clipGradients(of: [a, b], to: 3.5), 7)
        try expectClose(#require(try a.gradient()).floats(), [1, 1.5], absolute: 1e-5)
        try expectClose(#require(try b.gradient()).floats(), [3], absolute: 1e-5)
        try expectClose(clipGradients(of: [a, b], to: 0), 3.5, absolute: 1e-5)
    }

    @Test func saysWhenGradientsAreNotFinite() throws {
        let a = try Tensor([Float(0)], shape: [1])
        try a.setRequiresGradient()
        try (a * Double.infinity).sum().backward()
        #expect(try !clipGradients(of: [a], to: 1).isFinite)
        #expect(try clipGradients(of: [], to: 1) == 0)
    }
}
