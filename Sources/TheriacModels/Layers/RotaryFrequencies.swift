// How far the pairs of a head are turned from one place to the next, and the ways of stretching that to longer texts.
// Sources: Su et al., *RoFormer*, 2021; linear: Chen et al., *Extending Context Window of Large Language Models via
// Positional Interpolation*, 2023; yarn: Peng et al., *YaRN*, ICLR 2024; longrope: Ding et al., *LongRoPE*, ICML 2024;
// llama3: Dubey et al., *The Llama 3 Herd of Models*, 2024. Formulas and rounding are those of transformers 5.

import Foundation
import TheriacOptions

/// Radians from one place to the next, by pair of a head; float32, as transformers computes them.
struct RotaryFrequencies: Equatable, Sendable {
    private(set) var perPlace: [Float]
    /// Those of sequences longer than `beyond` tokens (longrope).
    private(set) var long: (perPlace: [Float], beyond: Int)?
    /// What cosines and sines are multiplied with.
    private(set) var magnitude: Float = 1
    /// Tokens the stretched positions are good for.
    private(set) var context: Int

    static func == (a: Self, b: Self) -> Bool {
        a.perPlace == b.perPlace && a.long?.perPlace == b.long?.perPlace && a.long?.beyond == b.long?.beyond
            && a.magnitude == b.magnitude && a.context == b.context
    }

    /// Plain frequencies, theta^(−2i / width).
    ///
    /// - Parameters:
    ///   - width: elements of a head that are turned.
    ///   - context: tokens the model can look at.
    init(theta: Double, width: Int, context: Int) {
        perPlace = Self.powers(theta, width).map { 1 / $0 }
        self.context = context
    }

    /// Stretched frequencies.
    ///
    /// - Throws: ``ModelError/unsupportedSetting(_:reason:)`` when a setting is missing or does not fit.
    init(_ settings: RotarySettings, width: Int, context: Int) throws {
        self.init(theta: settings.theta, width: width, context: context)
        switch settings.kind {
        case .default: break
        // Theta changes from `max_position_embeddings` on only, where the context ends.
        case .dynamic: _ = try settings.required(\.factor, "factor")
        case .linear:
            let factor = try settings.required(\.factor, "factor")
            perPlace = perPlace.map { $0 / Float(factor) }
            self.context = Self.stretched(context, by: factor)
        case .llama3: try stretchLongWaves(settings)
        case .yarn: try stretchByParts(settings, width: width)
        case .longrope: try stretchByPair(settings)
        }
    }

    /// theta^(2i / width).
    private static func powers(_ theta: Double, _ width: Int) -> [Float] {
        (0..<width / 2).map { pow(Float(theta), Float(2 * $0) / Float(width)) }
    }

    private static func stretched(_ context: Int, by factor: Double) -> Int {
        Int((Double(context) * factor).rounded(.down))
    }

    /// llama3: long waves are stretched, short ones stay, those between are mixed.
    private mutating func stretchLongWaves(_ settings: RotarySettings) throws {
        let factor = Float(try settings.required(\.factor, "factor"))
        let low = Float(try settings.required(\.lowFactor, "low_freq_factor"))
        let high = Float(try settings.required(\.highFactor, "high_freq_factor"))
        let original = Float(settings.original ?? context)
        perPlace = perPlace.map { frequency in
            let wave = 2 * Float.pi / frequency
            if wave > original / low { return frequency / factor }
            if wave < original / high { return frequency }
            let smooth = (original / wave - low) / (high - low)
            return (1 - smooth) * frequency / factor + smooth * frequency
        }
    }

    /// yarn: pairs that turn often within the original context stay, those that turn seldom are stretched.
    private mutating func stretchByParts(_ settings: RotarySettings, width: Int) throws {
        let original = settings.original ?? context
        let factor = settings.factor ?? Double(context) / Double(original)
        func pair(turning turns: Double) -> Double {
            Double(width) * log(Double(original) / (turns * 2 * .pi)) / (2 * log(settings.theta))
        }
        var first = pair(turning: settings.betaFast)
        var last = pair(turning: settings.betaSlow)
        if settings.truncates { (first, last) = (first.rounded(.down), last.rounded(.up)) }
        first = max(first, 0)
        last = min(last, Double(width - 1))
        if first == last { last += 0.001 }
        perPlace = Self.powers(settings.theta, width).enumerated().map { index, power in
            let ramp = Float(min(max((Double(index) - first) / (last - first), 0), 1))
            let kept = 1 - ramp
            return 1 / (Float(factor) * power) * (1 - kept) + 1 / power * kept
        }
        func growth(_ weight: Double) -> Double { factor <= 1 ? 1 : 0.1 * weight * log(factor) + 1 }
        let inferred: Double =
            if let scale = settings.scale, let ofAll = settings.scaleOfAll, scale != 0, ofAll != 0 {
                growth(scale) / growth(ofAll)
            } else {
                growth(1)
            }
        magnitude = Float(settings.attentionFactor ?? inferred)
        context = max(context, Self.stretched(original, by: factor))
    }

    /// longrope: every pair has a factor of its own, one for short and one for long sequences.
    private mutating func stretchByPair(_ settings: RotarySettings) throws {
        let original = settings.original ?? context
        let factor = settings.factor ?? Double(context) / Double(original)
        func stretched(_ factors: [Double]?, _ name: String) throws -> [Float] {
            guard let factors, factors.count == perPlace.count else {
                throw ModelError.unsupportedSetting(
                    "longrope with \(factors?.count ?? 0) numbers in \(name)",
                    reason: "there must be one for each of the \(perPlace.count) pairs of a head")
            }
            return zip(Self.powers(settings.theta, 2 * factors.count), factors).map { 1 / (Float($1) * $0) }
        }
        long = (try stretched(settings.longFactors, "long_factor"), original)
        perPlace = try stretched(settings.shortFactors, "short_factor")
        let inferred = factor <= 1 ? 1 : (1 + log(factor) / log(Double(original))).squareRoot()
        magnitude = Float(settings.attentionFactor ?? inferred)
    }
}
