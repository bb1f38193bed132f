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
/// The nucleus is found without sorting the vocabulary: its least weight is searched by dividing the range of weights
/// into eighths, and only the weights in the last, narrow range are sorted.
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
        if settings.topP < 1 { scratch.keepNucleus(exceeding: settings.topP * total, of: total) }
        return scratch.draw(uniform)
    }

    /// Memory a thread uses again for each row.
    public struct Scratch {
        /// exp((logit − largest) / temperature); 0 for excluded tokens, and at the end up to whole blocks.
        private var weights: [Float] = []
        /// The sum of each block of ``block`` weights.
        private var sums: [Double] = []
        private var candidates: [Float] = []

        public init() {}

        /// So many weights are added in float32 before their sum goes on in float64.
        private static let block = 256
        private static let lanes = 16
    }
}

/// The largest logit; nil when there is none.
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

extension Sampler.Scratch {
    /// Computes the weights.
    ///
    /// - Returns: their sum.
    mutating func fill(
        _ logits: UnsafeBufferPointer<Float>, largest: Float, floor: Float, temperature: Float
    ) -> Double {
        let padded = (logits.count + Self.block - 1) / Self.block * Self.block
        if weights.count != padded { weights = Array(repeating: 0, count: padded) }
        let scale = 1 / temperature
        weights.withUnsafeMutableBufferPointer { weights in
            guard let source = logits.baseAddress, let target = weights.baseAddress else { return }
            var index = 0
            while index + Self.lanes <= logits.count {
                let x = UnsafeRawPointer(source + index).loadUnaligned(as: SIMD16<Float>.self)
                let weight = exponential((x - largest) * scale).replacing(with: 0, where: x .< floor)
                UnsafeMutableRawPointer(target + index).storeBytes(of: weight, as: SIMD16<Float>.self)
                index += Self.lanes
            }
            while index < logits.count {
                let x = SIMD16<Float>(repeating: (source[index] - largest) * scale)
                target[index] = source[index] >= floor ? exponential(x)[0] : 0
                index += 1
            }
            while index < padded {  // another row may have been shorter
                target[index] = 0
                index += 1
            }
        }
        sums = blockSums()
        return sums.reduce(0, +)
    }

    /// Sets the weights outside the nucleus to 0: it has tokens from the most likely down until their weights exceed
    /// `wanted`, the one that crosses it included. Equal weights are taken in the order of their tokens.
    mutating func keepNucleus(exceeding wanted: Double, of total: Double) {
        let (cut, ties) = threshold(exceeding: wanted, of: total)
        weights.withUnsafeMutableBufferPointer { weights in
            guard let base = weights.baseAddress else { return }
            let cuts = SIMD16<Float>(repeating: cut)
            for index in stride(from: 0, to: weights.count, by: Self.lanes) {
                let place = UnsafeMutableRawPointer(base + index)
                let lanes = place.loadUnaligned(as: SIMD16<Float>.self)
                place.storeBytes(of: lanes.replacing(with: 0, where: lanes .< cuts), as: SIMD16<Float>.self)
            }
            guard ties < .max else { return }
            var left = ties
            for index in weights.indices where weights[index] == cut {
                if left == 0 { weights[index] = 0 } else { left -= 1 }
            }
        }
        sums.removeAll(keepingCapacity: true)
    }

    /// The cut that keeps just enough: weights above `cut`, and the first `ties` of those equal to it; `.max` for all.
    private mutating func threshold(exceeding wanted: Double, of total: Double) -> (cut: Float, ties: Int) {
        // Patterns of floats from 0 on are in the order of the floats. Weights below the mean of what may go cannot
        // matter: together they are less than that.
        let spare = Float(max(total - wanted, 0) / Double(weights.count) / 2)
        var low = spare.bitPattern
        var high = Float(1).bitPattern + 1
        var above = 0.0  // the mass of what is at least `high`
        // Down to a range of 1/256 of a weight.
        while high - low > 1 << 15 {
            let step = (high - low) / 8
            let masses = masses(from: low + step, step: step)
            let kept = masses.firstIndex { $0 <= wanted } ?? 7
            if kept < 7 { (high, above) = (low + step * UInt32(kept + 1), masses[kept]) }
            low += step * UInt32(kept)
        }
        collect(from: low, below: high)
        candidates.sort(by: >)
        var mass = above
        var place = 0
        while place < candidates.count {
            mass += Double(candidates[place])
            if mass > wanted { break }
            place += 1
        }
        guard place < candidates.count else { return (candidates.last ?? 0, .max) }
        let cut = candidates[place]
        let equal = candidates.reduce(0) { $0 + ($1 == cut ? 1 : 0) }
        let ties = place - (candidates.firstIndex(of: cut) ?? 0) + 1
        return (cut, ties == equal ? .max : ties)
    }

    /// The masses of weights that are at least each of seven bit patterns.
    private func masses(from first: UInt32, step: UInt32) -> [Double] {
        func bound(_ place: UInt32) -> SIMD16<Float> {
            SIMD16(repeating: Float(bitPattern: first + place * step))
        }
        let bounds = (bound(0), bound(1), bound(2), bound(3), bound(4), bound(5), bound(6))
        var masses = [Double](repeating: 0, count: 7)
        weights.withUnsafeBufferPointer { weights in
            guard let base = weights.baseAddress else { return }
            for start in stride(from: 0, to: weights.count, by: Self.block) {
                let zero = SIMD16<Float>.zero
                var (a, b, c, d, e, f, g) = (zero, zero, zero, zero, zero, zero, zero)
                for index in stride(from: start, to: start + Self.block, by: Self.lanes) {
                    let x = UnsafeRawPointer(base + index).loadUnaligned(as: SIMD16<Float>.self)
                    a += x.replacing(with: 0, where: x .< bounds.0)
                    b += x.replacing(with: 0, where: x .< bounds.1)
                    c += x.replacing(with: 0, where: x .< bounds.2)
                    d += x.replacing(with: 0, where: x .< bounds.3)
                    e += x.replacing(with: 0, where: x .< bounds.4)
                    f += x.replacing(with: 0, where: x .< bounds.5)
                    g += x.replacing(with: 0, where: x .< bounds.6)
                }
                masses[0] += Double(a.total)
                masses[1] += Double(b.total)
                masses[2] += Double(c.total)
                masses[3] += Double(d.total)
                masses[4] += Double(e.total)
                masses[5] += Double(f.total)
                masses[6] += Double(g.total)
            }
        }
        return masses
    }

    /// The candidates become the weights above 0 whose bit patterns are in `low..<high`.
    private mutating func collect(from low: UInt32, below high: UInt32) {
        let least = max(low, 1)
        let span = high - least
        if candidates.capacity < weights.count { candidates.reserveCapacity(weights.count) }
        candidates.removeAll(keepingCapacity: true)
        weights.withUnsafeBufferPointer { weights in
            guard let base = weights.baseAddress else { return }
            for index in stride(from: 0, to: weights.count, by: Self.lanes) {
                let patterns = UnsafeRawPointer(base + index).loadUnaligned(as: SIMD16<UInt32>.self)
                let distances = patterns &- least
                guard distances.min() < span else { continue }
                for lane in 0..<Self.lanes where distances[lane] < span {
                    candidates.append(weights[index + lane])
                }
            }
        }
    }

    /// The token at which the running sum of the weights, in the order of tokens, passes the share `uniform` of them all;
    /// nil when all are 0.
    mutating func draw(_ uniform: Double) -> Int? {
        if sums.isEmpty { sums = blockSums() }
        let target = uniform * sums.reduce(0, +)
        var sum = 0.0
        var chosen: Int?
        for place in sums.indices where sums[place] > 0 {
            chosen = place
            if sum + sums[place] > target { break }
            sum += sums[place]
        }
        // Rounding may leave the sum just short of the target; then it is the last token that has a weight.
        guard let chosen else { return nil }
        var last: Int?
        for index in chosen * Self.block..<(chosen + 1) * Self.block where weights[index] > 0 {
            last = index
            sum += Double(weights[index])
            if sum > target { break }
        }
        return last
    }

    private func blockSums() -> [Double] {
        weights.withUnsafeBufferPointer { weights in
            guard let base = weights.baseAddress else { return [] }
            return stride(from: 0, to: weights.count, by: Self.block).map { start in
                var sum = SIMD16<Float>.zero
                for index in stride(from: start, to: start + Self.block, by: Self.lanes) {
                    sum += UnsafeRawPointer(base + index).loadUnaligned(as: SIMD16<Float>.self)
                }
                return Double(sum.total)
            }
        }
    }

    /// −∞ in `result` for every token outside the nucleus of `logits`: the smallest set of most likely tokens whose
    /// probability exceeds `p`, the one that crosses it included.
    public mutating func removeTail(
        of logits: UnsafeBufferPointer<Float>, p: Double, in result: UnsafeMutableBufferPointer<Float>
    ) {
        guard p < 1, let largest = largest(of: logits), largest.isFinite else { return }
        let total = fill(logits, largest: largest, floor: -.infinity, temperature: 1)
        keepNucleus(exceeding: p * total, of: total)
        weights.withUnsafeBufferPointer { weights in
            for index in result.indices { result[index] = weights[index] > 0 ? result[index] : -.infinity }
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

extension SIMD16<Float> {
    /// The sum of the lanes, added in pairs.
    @inline(__always)
    var total: Float {
        let eight = lowHalf + highHalf
        let four = eight.lowHalf + eight.highHalf
        let two = four.lowHalf + four.highHalf
        return two.x + two.y
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
