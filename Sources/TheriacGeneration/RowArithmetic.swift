internal import Foundation
public import TheriacTensors

/// Arithmetic on rows of logits where tensors would need many passes over memory.
///
/// Rows are split over the threads libtorch uses; each is computed from its own inputs alone.
public enum RowArithmetic {
    /// One row of each input.
    public typealias Inputs = [UnsafeBufferPointer<Float>]

    /// A matrix made row by row.
    ///
    /// - Parameters:
    ///   - inputs: float32 `[rows, columns]` each, at least one.
    ///   - body: fills the row's result, which starts at 0, from the rows of the inputs.
    /// - Returns: float32 `[rows, columns]` on the device of the first input.
    public static func map(
        _ inputs: [Tensor],
        _ body: (
            _ row: Int, _ inputs: Inputs, _ result: UnsafeMutableBufferPointer<Float>,
            _ scratch: inout Sampler.Scratch
        ) -> Void
    ) throws -> Tensor {
        let (rows, columns) = (inputs[0].size(0), inputs[0].size(1))
        precondition(inputs.allSatisfy { $0.shape == [rows, columns] }, "inputs have one shape")
        let threads = try Torch.threads()
        let local = try inputs.map { try $0.to(.float32, on: .cpu).contiguous() }
        let made = try withRows(local[...], []) { pointers in
            try Tensor.filled([rows, columns]) { buffer in
                // Threads write rows of their own.
                nonisolated(unsafe) let buffer = buffer
                nonisolated(unsafe) let pointers = pointers
                _ = concurrentRows(rows, threads: threads) { part -> [Void] in
                    var scratch = Sampler.Scratch()
                    for row in part {
                        let range = row * columns..<(row + 1) * columns
                        body(
                            row, pointers.map { UnsafeBufferPointer(rebasing: $0[range]) },
                            UnsafeMutableBufferPointer(rebasing: buffer[range]), &scratch)
                    }
                    return []
                }
            }
        }
        return try made.to(on: inputs[0].device)
    }

    private static func withRows<R>(
        _ tensors: ArraySlice<Tensor>, _ found: Inputs, _ body: (Inputs) throws -> R
    ) throws -> R {
        guard let first = tensors.first else { return try body(found) }
        return try first.withFloats { try withRows(tensors.dropFirst(), found + [$0], body) }
    }

    /// ln Σ exp over a row; −∞ for a row of −∞.
    public static func logSumExp(_ row: UnsafeBufferPointer<Float>) -> Float {
        var lanes = SIMD16<Float>(repeating: -.infinity)
        let whole = row.count - row.count % 16
        for index in stride(from: 0, to: whole, by: 16) {
            let next = load(row, index)
            lanes.replace(with: next, where: next .> lanes)
        }
        var largest = lanes.max()
        for index in whole..<row.count { largest = max(largest, row[index]) }
        guard largest.isFinite else { return largest }
        var total = 0.0
        for index in stride(from: 0, to: whole, by: 16) {
            total += Double(exponential(load(row, index) - largest).total)
        }
        for index in whole..<row.count {
            total += Double(exponential(SIMD16(repeating: row[index] - largest))[0])
        }
        return largest + Float(log(total))
    }

    static func load(_ row: UnsafeBufferPointer<Float>, _ index: Int) -> SIMD16<Float> {
        UnsafeRawPointer(row.baseAddress.unsafelyUnwrapped + index).loadUnaligned(as: SIMD16<Float>.self)
    }
}
