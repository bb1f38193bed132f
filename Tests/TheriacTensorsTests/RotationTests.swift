import Foundation
import Testing
import TheriacTensors
import TheriacTesting

@Suite struct RotationTests {
    private let rows = 2
    private let length = 3
    private let heads = 2
    private let width = 10

    /// Angles of each row and token, `[tableRows, length, pairs]`.
    private func angles(tableRows: Int, pairs: Int) -> [Float] {
        (0..<tableRows * length * pairs).map { Float($0 * $0 % 17) * 0.37 }
    }

    private func tables(_ angles: [Float], tableRows: Int, pairs: Int) throws -> (Tensor, Tensor) {
        let shape = [tableRows, length, pairs]
        return (
            try Tensor(angles.map { cos($0) }, shape: shape), try Tensor(angles.map { sin($0) }, shape: shape)
        )
    }

    /// Element by element, as complex numbers.
    private func turned(
        _ x: [Float], _ angles: [Float], tableRows: Int, pairs: Int, interleaved: Bool
    ) -> [Float] {
        var out = x
        for row in 0..<rows {
            for place in 0..<length {
                for head in 0..<heads {
                    let start = ((row * length + place) * heads + head) * width
                    for pair in 0..<pairs {
                        let angle = angles[((tableRows == 1 ? 0 : row) * length + place) * pairs + pair]
                        let (i, j) = interleaved ? (2 * pair, 2 * pair + 1) : (pair, pairs + pair)
                        let (a, b) = (x[start + i], x[start + j])
                        out[start + i] = a * cos(angle) - b * sin(angle)
                        out[start + j] = a * sin(angle) + b * cos(angle)
                    }
                }
            }
        }
        return out
    }

    @Test(arguments: [1, 2], [(5, false), (3, false), (5, true), (2, true)])
    func turnsPairs(tableRows: Int, kind: (pairs: Int, interleaved: Bool)) throws {
        let values = try Tensor.random([rows, length, heads, width], seed: 4)
        let angles = angles(tableRows: tableRows, pairs: kind.pairs)
        let (cosine, sine) = try tables(angles, tableRows: tableRows, pairs: kind.pairs)
        let expected = try turned(
            values.floats(), angles, tableRows: tableRows, pairs: kind.pairs, interleaved: kind.interleaved)
        try expectClose(
            values.rotated(cosine, sine, interleaved: kind.interleaved).floats(), expected, absolute: 1e-6)
        // A part of a fused projection is not contiguous.
        let fused = try Tensor.concatenate([values * 3, values], dimension: 3)
            .slice(3, width..<2 * width)
        try expectClose(
            fused.rotated(cosine, sine, interleaved: kind.interleaved).floats(), expected, absolute: 1e-6)
        // Where gradients are recorded it is composed of other operations; turning keeps lengths, so that the gradient
        // of half the squared length is the input.
        let input = try values.detached()
        try input.setRequiresGradient()
        let composed = try input.rotated(cosine, sine, interleaved: kind.interleaved)
        try expectClose(composed.detached().floats(), expected, absolute: 1e-6)
        try (composed * composed * 0.5).sum().backward()
        try expectClose(#require(try input.gradient()).floats(), values.floats(), absolute: 1e-5)
    }

    @Test func roundsOnceInBfloat16() throws {
        let values = try Tensor.random([rows, length, heads, width], seed: 4).to(.bfloat16)
        let (cosine, sine) = try tables(angles(tableRows: 1, pairs: 5), tableRows: 1, pairs: 5)
        let found = try values.rotated(cosine, sine)
        #expect(found.dtype == .bfloat16)
        #expect(try found.floats() == values.to(.float32).rotated(cosine, sine).to(.bfloat16).floats())
    }

    @Test func refusesTablesThatDoNotFit() throws {
        let values = try Tensor.random([rows, length, heads, width], seed: 4)
        for shape in [[2, 3, 6], [3, 3, 5], [2, 2, 5]] {
            let table = try Tensor.zeros(shape)
            #expect(throws: TensorError.self) { try values.rotated(table, table) }
        }
    }
}
