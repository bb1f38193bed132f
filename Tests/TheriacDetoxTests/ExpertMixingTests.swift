import Testing
import TheriacGeneration
import TheriacModels
import TheriacTensors
import TheriacTesting

@testable import TheriacDetox

/// The worked values of the methods, and their formulas beside slow ones.
@Suite struct ExpertMixingTests {
    private func row(_ values: [Float]) throws -> Tensor { try Tensor(values, shape: [1, values.count]) }
    private let base: [Float] = [2, 1, 0.5, -1]
    private let expert: [Float] = [1, 1.5, 0.5, 0]
    private let antiExpert: [Float] = [3, 0.5, 0, -1]

    @Test func dexpertsGivesTheWorkedValues() throws {
        let mixed = try DExperts.mixed(
            row(base), expert: row(expert), antiExpert: row(antiExpert), alpha: 2, filterP: 0.9)
        #expect(try mixed.floats() == [-2, 3, 1.5, -.infinity])
        try expectClose(mixed.softmax().floats(), [0.00548, 0.81310, 0.18143, 0], absolute: 1e-5)
        let unfiltered = try DExperts.mixed(
            row(base), expert: row(expert), antiExpert: row(antiExpert), alpha: 2, filterP: 1)
        try expectClose(
            unfiltered.softmax().floats(), [0.00494, 0.73249, 0.16344, 0.09913], absolute: 1e-5)
        let antiOnly = try DExperts.mixed(
            row(base), expert: nil, antiExpert: row(antiExpert), alpha: 2, filterP: 0.9)
        #expect(try antiOnly.floats() == [0, 2, 1.5, -.infinity])
        try expectClose(antiOnly.softmax().floats(), [0.07770, 0.57410, 0.34821, 0], absolute: 1e-5)
    }

    @Test func anExpertAloneNeverMakesNaN() throws {
        let banned: [Float] = [2, -.infinity, 0.5, -1]
        let mixed = try DExperts.mixed(
            row(banned), expert: row(expert), antiExpert: nil, alpha: 2, filterP: 0.9)
        #expect(try mixed.floats()[1] == -.infinity)
        #expect(try mixed.floats().allSatisfy { !$0.isNaN })
    }

    @Test func gediGivesTheWorkedValues() throws {
        var settings = GeDiSettings()
        settings.filterP = 0
        var weighing = GeDi.Weighing(settings, ClassCodes())
        let wanted = try row([0.6, 0.3, 0.1]).log()
        let unwanted = try row([0.2, 0.3, 0.5]).log()
        let plain = try row([0.3, 0.3, 0.4]).log()
        let sums = [(wanted: Float(-3), unwanted: Float(-3.5), tokens: Float(3))]
        // ω = 1 over equal base probabilities shows the posterior itself.
        weighing.omega = 1
        for (bias, expected) in [
            (Float(0), [Float(0.63015), 0.54157, 0.40859]), (2, [0.92641, 0.89722, 0.83620]),
        ] {
            weighing.classBias = bias
            let found = try GeDi.weighed(row([0, 0, 0]), wanted, unwanted, sums: sums, weighing).exp()
            try expectClose(found.floats(), expected, absolute: 1e-5)
        }
        weighing.classBias = 0
        weighing.omega = 30
        try expectClose(
            GeDi.weighed(plain, wanted, unwanted, sums: sums, weighing).softmax().floats(),
            [0.98949, 0.01051, 0.000003], absolute: 1e-5)
        settings.filterP = 0.8
        settings.classBias = 0
        let filtered = try GeDi.weighed(
            plain, wanted, unwanted, sums: sums, .init(settings, ClassCodes())
        ).floats()
        #expect(filtered[0].isFinite && filtered[1] == -.infinity && filtered[2] == -.infinity)
    }

    @Test func selfDebiasingGivesTheWorkedValues() throws {
        let plain = try row([0.5, 0.3, 0.2]).log()
        let behind = try row([0.2, 0.7, 0.1]).log()
        let strong = try SelfDebiasing.debiased(plain, behind: [behind], decay: 50, floor: 0.01)
        try expectClose(strong.softmax().floats(), [0.71124, 0.00427, 0.28450], absolute: 1e-5)
        let mild = try SelfDebiasing.debiased(plain, behind: [behind], decay: 10, floor: 0.01)
        try expectClose(mild.softmax().floats()[1], 0.00779, absolute: 1e-5)
    }

    @Test func toxificationReversalGivesTheWorkedWeights() throws {
        // One head of width 2, v orthogonal to Δ in length terms: the shift is λ_norm · λ_sim · Δ before the length is kept.
        let own = try Tensor([Float(10), 0], shape: [1, 1, 2])
        let shift = try Tensor([Float(3), 4], shape: [1, 1, 2])
        // cos(e, v) = 0.5
        let end = try Tensor([Float(0.5), Float(0.75).squareRoot()], shape: [1, 1, 2])
        let found = try reversedHeads(
            own, shift: shift, prefixEnd: end, normExponent: 0.4, similarityExponent: 0.6, strength: 1
        ).floats()
        let weight: Float = 2.04767 * 1.27542
        let moved = [10 - weight * 3, -weight * 4]
        let length = (moved[0] * moved[0] + moved[1] * moved[1]).squareRoot()
        expectClose(found, moved.map { $0 * 10 / length }, absolute: 1e-3)
        expectClose((found[0] * found[0] + found[1] * found[1]).squareRoot(), 10, absolute: 1e-4)
    }

    @Test(arguments: 0..<5 as Range<UInt64>)
    func steeredHeadsFollowTheFormula(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let (heads, width) = (3, 4)
        let own = random.floats(heads * width)
        let direction = random.floats(heads * width)
        let strengths: [Float] = [0.4, 0.7, 0]
        let unit = (0..<heads).flatMap { head -> [Float] in
            let part = direction[head * width..<(head + 1) * width]
            let norm = part.reduce(0) { $0 + $1 * $1 }.squareRoot()
            return part.map { $0 / norm }
        }
        let found = try steeredHeads(
            Tensor(own, shape: [1, heads, width]), unit: Tensor(unit, shape: [1, heads, width]),
            strength: Tensor(strengths, shape: [1, heads, 1])
        ).floats()
        var expected: [Float] = []
        for head in 0..<heads {
            let range = head * width..<(head + 1) * width
            let v = Array(own[range]), d = Array(unit[range])
            let norm = v.reduce(0) { $0 + $1 * $1 }.squareRoot()
            let cosine = zip(v, d).reduce(0) { $0 + $1.0 * $1.1 } / norm
            let y = zip(v, d).map { $0 / norm - strengths[head] * (1 + max(0, cosine)) * $1 }
            let length = y.reduce(0) { $0 + $1 * $1 }.squareRoot()
            expected += y.map { $0 / length }
        }
        let whole = own.reduce(0) { $0 + $1 * $1 }.squareRoot()
        let scale = whole / Float(heads).squareRoot()
        expectClose(found, expected.map { $0 * scale }, absolute: 1e-5)
    }
}
