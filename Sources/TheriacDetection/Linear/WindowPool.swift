import Foundation

/// Turns the sums of a text's windows into one logit per head.
///
/// A window of n words with sum s has the logit `offset + scale · s / (n + lengthOffset)^lengthExponent`. A
/// text of
/// m windows has `log(1/m · Σ exp(sharpness · logit)) / sharpness`: the logit itself for one window, and for
/// many a
/// value between their mean and their maximum. A text said twice keeps its score; one bad window in m costs
/// at most `log(m) / sharpness` against that window alone.
struct WindowPool: Sendable {
    private let sharpness: Double
    private let reciprocals: [Double]
    private let scale: SIMD8<Double>
    private let offset: SIMD8<Double>
    private var highest = SIMD8<Double>(repeating: -.infinity)
    private var total = SIMD8<Double>.zero
    private(set) var windows = 0

    /// - Parameters:
    ///   - settings: of the detector.
    ///   - scale: of each head's weights; seven.
    ///   - offset: of each head; seven.
    init(_ settings: FeatureSettings, scale: [Double], offset: [Double]) {
        sharpness = settings.sharpness
        reciprocals = Self.reciprocals(settings)
        self.scale = SIMD8(scale + [0])
        self.offset = SIMD8(offset + [0])
    }

    /// What the sum of a window is multiplied with, by its number of words.
    static func reciprocals(_ settings: FeatureSettings) -> [Double] {
        (0...(2 * settings.blockWords)).map {
            pow(Double($0) + settings.lengthOffset, -settings.lengthExponent)
        }
    }

    /// By how much the pooled logit rises with each window's, to first order; they sum to 1.
    static func shares(_ logits: [Double], sharpness: Double) -> [Double] {
        let highest = logits.max() ?? 0
        let weights = logits.map { exp(sharpness * ($0 - highest)) }
        let total = weights.reduce(0, +)
        return weights.map { $0 / total }
    }

    mutating func add(_ sum: SIMD8<Int32>, words: Int) {
        let logit = offset + scale * SIMD8<Double>(sum) * reciprocals[words]
        windows += 1
        if windows == 1 {
            highest = logit
            total = SIMD8(repeating: 1)
            return
        }
        // The running log-sum-exp: rescale where a new maximum arrives.
        for head in 0..<FeatureTable.heads {
            let difference = sharpness * (logit[head] - highest[head])
            if difference > 0 {
                total[head] = total[head] * exp(-difference) + 1
                highest[head] = logit[head]
            } else {
                total[head] += exp(difference)
            }
        }
    }

    /// Lane = head; the eighth has no meaning.
    var logits: SIMD8<Double> {
        guard windows > 1 else { return highest }
        var pooled = highest
        for head in 0..<FeatureTable.heads { pooled[head] += log(total[head] / Double(windows)) / sharpness }
        return pooled
    }
}
