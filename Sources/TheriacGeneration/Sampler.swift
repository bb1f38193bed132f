public import TheriacOptions

/// How a token is drawn from next-token logits.
///
/// Order: temperature, top-k, top-p, draw (methods reference 0.3). Greedy takes the largest logit.
public struct SamplingSettings: Options, Equatable {
    /// Divides the logits; 1 leaves them.
    public var temperature = 1.0
    /// Keeps the k largest logits and those equal to the k-th; 0 keeps all.
    public var topK = 0
    /// Keeps the smallest set of most likely tokens whose probability exceeds p; 1 keeps all.
    public var topP = 1.0
    public var isGreedy = false

    public init() {}

    public mutating func read(_ fields: inout OptionFields) throws(OptionsError) {
        try fields.read("temperature", into: &temperature, in: 1e-3...1e3)
        try fields.read("top-k", into: &topK, in: 0...10_000_000)
        try fields.read("top-p", into: &topP, in: 0...1)
        try fields.read("greedy", into: &isGreedy)
    }
}

/// Draws one token from a row of logits.
///
/// The nucleus is found without sorting the vocabulary: probabilities are summed into buckets by the leading bits of
/// their representation, from the largest down, and only the bucket in which the sum crosses p is sorted.
public struct Sampler: Sendable {
    let settings: SamplingSettings

    public init(_ settings: SamplingSettings) { self.settings = settings }

    /// - Parameters:
    ///   - logits: one row; `-inf` is never drawn.
    ///   - uniform: the draw, in `0..<1`.
    /// - Returns: the token, nil when no logit is finite.
    public func sample(_ logits: UnsafeBufferPointer<Float>, uniform: Double, scratch: inout Scratch) -> Int?
    {
        guard let largest = largest(of: logits), largest.isFinite else { return nil }
        if settings.isGreedy { return logits.firstIndex(of: largest) }
        let floor =
            settings.topK > 0 && settings.topK < logits.count
            ? scratch.kthLargest(logits, settings.topK) : -.infinity
        let total = scratch.fill(
            logits, largest: largest, floor: floor, temperature: Float(settings.temperature))
        return settings.topP >= 1
            ? scratch.draw(mass: total, target: uniform * total, cut: 0, ties: .max)
            : nucleus(total: total, uniform: uniform, scratch: &scratch)
    }

    private func largest(of logits: UnsafeBufferPointer<Float>) -> Float? {
        guard let base = logits.baseAddress else { return nil }
        var lanes = SIMD16<Float>(repeating: -.infinity)
        var index = 0
        while index + 16 <= logits.count {
            let next = UnsafeRawPointer(base + index).loadUnaligned(as: SIMD16<Float>.self)
            lanes.replace(with: next, where: next .> lanes)
            index += 16
        }
        var largest = lanes.max()
        while index < logits.count {
            if base[index] > largest { largest = base[index] }
            index += 1
        }
        return largest
    }

    /// Keeps tokens from the most likely down until their probability exceeds p; the one that crosses p stays.
    /// Equal probabilities are taken in the order of their ids.
    private func nucleus(total: Double, uniform: Double, scratch: inout Scratch) -> Int? {
        let (cut, ties, mass) = scratch.threshold(exceeding: settings.topP * total)
        return scratch.draw(mass: mass, target: uniform * mass, cut: cut, ties: ties)
    }

    /// Memory a thread uses again for each row.
    public struct Scratch {
        /// exp((logit − largest) / temperature); 0 for excluded tokens.
        private var weights: [Float] = []
        private var masses: [Double] = []
        private var candidates: [Float] = []

        public init() {}

        /// Weights are in 0...1, so the top 13 bits of the pattern (exponent and 4 bits of mantissa) order them.
        private static let shift: UInt32 = 19
        private static let buckets = Int((Float(1).bitPattern >> shift) + 1)

        mutating func fill(
            _ logits: UnsafeBufferPointer<Float>, largest: Float, floor: Float, temperature: Float
        ) -> Double {
            if weights.count != logits.count { weights = Array(repeating: 0, count: logits.count) }
            let scale = 1 / temperature
            return weights.withUnsafeMutableBufferPointer { weights in
                guard let source = logits.baseAddress, let target = weights.baseAddress else { return 0 }
                var total = 0.0
                var index = 0
                while index + 16 <= logits.count {
                    let x = UnsafeRawPointer(source + index).loadUnaligned(as: SIMD16<Float>.self)
                    let weight = exponential((x - largest) * scale).replacing(with: 0, where: x .< floor)
                    UnsafeMutableRawPointer(target + index).storeBytes(of: weight, as: SIMD16<Float>.self)
                    total += Double(weight.sum())
                    index += 16
                }
                while index < logits.count {
                    let x = SIMD16<Float>(repeating: (source[index] - largest) * scale)
                    target[index] = source[index] >= floor ? exponential(x)[0] : 0
                    total += Double(target[index])
                    index += 1
                }
                return total
            }
        }

        /// The cut that keeps just enough: tokens above `cut`, and the first `ties` of those equal to it.
        mutating func threshold(exceeding wanted: Double) -> (cut: Float, ties: Int, mass: Double) {
            masses = Array(repeating: 0, count: Self.buckets)
            weights.withUnsafeBufferPointer { weights in
                masses.withUnsafeMutableBufferPointer { masses in
                    for weight in weights { masses[Int(weight.bitPattern >> Self.shift)] += Double(weight) }
                }
            }
            var mass = 0.0
            var bucket = Self.buckets - 1
            while bucket > 0, mass + masses[bucket] <= wanted {
                mass += masses[bucket]
                bucket -= 1
            }
            candidates.removeAll(keepingCapacity: true)
            weights.withUnsafeBufferPointer { weights in
                for weight in weights where Int(weight.bitPattern >> Self.shift) == bucket && weight > 0 {
                    candidates.append(weight)
                }
            }
            candidates.sort(by: >)
            var cut: Float = 0
            var ties = 0
            for weight in candidates {
                ties = weight == cut ? ties + 1 : 1
                cut = weight
                mass += Double(weight)
                if mass > wanted { break }
            }
            return (cut, ties == 0 ? .max : ties, mass)
        }

        /// The token at which the running sum over kept tokens, in the order of ids, passes `target`.
        func draw(mass: Double, target: Double, cut: Float, ties: Int) -> Int? {
            var sum = 0.0
            var left = ties
            var last: Int?
            let reached: Int? = weights.withUnsafeBufferPointer { weights in
                for index in weights.indices {
                    let weight = weights[index]
                    guard weight >= cut, weight > 0 else { continue }
                    if weight == cut {
                        if left == 0 { continue }
                        left -= 1
                    }
                    sum += Double(weight)
                    last = index
                    if sum > target { return index }
                }
                return nil
            }
            if let reached { return reached }
            return last  // rounding may leave the sum just short of the target
        }

        /// −∞ in `result` for every token outside the nucleus of `logits`: the smallest set of most likely tokens whose
        /// probability exceeds `p`, the one that crosses it included.
        public mutating func removeTail(
            of logits: UnsafeBufferPointer<Float>, p: Double, in result: UnsafeMutableBufferPointer<Float>
        ) {
            guard p < 1, let largest = logits.max(), largest.isFinite else { return }
            let total = fill(logits, largest: largest, floor: -.infinity, temperature: 1)
            let (cut, ties, _) = threshold(exceeding: p * total)
            var left = ties
            weights.withUnsafeBufferPointer { weights in
                for index in weights.indices {
                    let weight = weights[index]
                    if weight > cut { continue }
                    if weight == cut, weight > 0, left > 0 {
                        left -= 1
                        continue
                    }
                    result[index] = -.infinity
                }
            }
        }

        mutating func kthLargest(_ logits: UnsafeBufferPointer<Float>, _ k: Int) -> Float {
            candidates.removeAll(keepingCapacity: true)
            candidates.append(contentsOf: logits)
            var low = 0
            var high = candidates.count - 1
            while low < high {  // Hoare's selection, descending
                let pivot = candidates[(low + high) / 2]
                var i = low
                var j = high
                while i <= j {
                    while candidates[i] > pivot { i += 1 }
                    while candidates[j] < pivot { j -= 1 }
                    if i <= j {
                        candidates.swapAt(i, j)
                        i += 1
                        j -= 1
                    }
                }
                if k - 1 <= j { high = j } else if k - 1 >= i { low = i } else { break }
            }
            return candidates[k - 1]
        }
    }
}

/// eˣ for x ≤ 0, within 2 units in the last place; below −87 it is 0.
@inline(__always)
func exponential(_ x: SIMD16<Float>) -> SIMD16<Float> {
    // eˣ = 2ⁿ · eʳ with n = round(x / ln 2) and |r| ≤ ln 2 / 2; the polynomial is that of the Cephes library's expf.
    let isTiny = x .< -87.3
    let bounded = x.replacing(with: -87.3, where: isTiny)
    // Adding 1.5 · 2²³ rounds to a whole number and leaves it in the low bits of the pattern.
    let magic = SIMD16<Float>(repeating: 12_582_912)
    let shifted = bounded * 1.44269504 + magic
    let n = shifted - magic
    let r = (bounded - n * 0.693359375) - n * -2.12194440e-4
    var p = SIMD16<Float>(repeating: 1.9875691500e-4)
    p = p * r + 1.3981999507e-3
    p = p * r + 8.3334519073e-3
    p = p * r + 4.1665795894e-2
    p = p * r + 1.6666665459e-1
    p = p * r + 5.0000001201e-1
    let mantissa = p * r * r + r + 1
    let exponent =
        unsafeBitCast(shifted, to: SIMD16<UInt32>.self) &- unsafeBitCast(magic, to: SIMD16<UInt32>.self)
        &+ 127
    let power = unsafeBitCast(exponent &<< 23, to: SIMD16<Float>.self)
    return (mantissa * power).replacing(with: 0, where: isTiny)
}
