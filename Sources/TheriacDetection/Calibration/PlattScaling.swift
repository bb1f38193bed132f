import Foundation
public import TheriacOptions

/// Platt's map from a logit to a probability: σ(slope · logit + intercept).
///
/// Sources: Platt, *Probabilistic Outputs for Support Vector Machines*, 1999; Lin, Lin and Weng, *A Note on
/// Platt's Probabilistic Outputs for Support Vector Machines*, Machine Learning 2007, for the fit.
public struct PlattScaling: CalibrationMethod, LogitCalibration, Codable {
    public static let name = "platt"
    public static let summary =
        "Slope and intercept of the logit: corrects how sure it is, and how often it flags."
    public static let leastTexts = 20

    public var slope = 1.0
    public var intercept = 0.0

    /// Leaves the logit as it is.
    public static let identity = PlattScaling()

    public init() {}

    public init(slope: Double, intercept: Double) {
        self.slope = slope
        self.intercept = intercept
    }

    public mutating func read(_ fields: inout OptionFields) throws(OptionsError) {
        try fields.read("slope", into: &slope)
        try fields.read("intercept", into: &intercept)
    }

    /// Minimises the cross-entropy to smoothed targets by Newton's method with backtracking.
    ///
    /// With N₊ positives and N₋ negatives, 1 becomes (N₊ + 1)/(N₊ + 2) and 0 becomes 1/(N₋ + 2), so that
    /// separable texts have an optimum too. A target in between is mixed of both in its own proportion; it
    /// counts as that share of a positive.
    public static func fit(_ sample: CalibrationSample) throws(CalibrationError) -> PlattScaling {
        try sample.check(Self.self)
        let positives = sample.targets.reduce(0, +)
        let negatives = Double(sample.targets.count) - positives
        let (high, low) = ((positives + 1) / (positives + 2), 1 / (negatives + 2))
        let logits = sample.scores.map(logit(of:))
        let targets = sample.targets.map { low + (high - low) * $0 }
        var best = PlattScaling(slope: 0, intercept: log((positives + 1) / (negatives + 1)))
        var loss = best.crossEntropy(logits, targets)
        for _ in 0..<100 {
            let (gradient, step) = best.newtonStep(logits, targets)
            guard max(abs(gradient.0), abs(gradient.1)) > 1e-9 * Double(logits.count) else { break }
            let expected = gradient.0 * step.0 + gradient.1 * step.1
            var share = 1.0
            while share > 1e-10 {
                let next = PlattScaling(
                    slope: best.slope - share * step.0, intercept: best.intercept - share * step.1)
                let lower = next.crossEntropy(logits, targets)
                if lower < loss - 1e-4 * share * expected {
                    (best, loss) = (next, lower)
                    break
                }
                share /= 2
            }
            if share <= 1e-10 { break }
        }
        return best
    }

    /// log(1 + eˣ) − target · x over all texts, without overflow.
    private func crossEntropy(_ logits: [Double], _ targets: [Double]) -> Double {
        var sum = 0.0
        for (logit, target) in zip(logits, targets) {
            let value = slope * logit + intercept
            sum += max(value, 0) + log1p(exp(-abs(value))) - target * value
        }
        return sum
    }

    /// The gradient, and the Hessian's inverse times it.
    private func newtonStep(
        _ logits: [Double], _ targets: [Double]
    ) -> (gradient: (Double, Double), step: (Double, Double)) {
        var gradient = (0.0, 0.0)
        var hessian = (1e-12, 0.0, 1e-12)
        for (logit, target) in zip(logits, targets) {
            let probability = probability(logit)
            let error = probability - target
            let curvature = probability * (1 - probability)
            gradient = (gradient.0 + error * logit, gradient.1 + error)
            hessian.0 += curvature * logit * logit
            hessian.1 += curvature * logit
            hessian.2 += curvature
        }
        let determinant = hessian.0 * hessian.2 - hessian.1 * hessian.1
        return (
            gradient,
            (
                (hessian.2 * gradient.0 - hessian.1 * gradient.1) / determinant,
                (hessian.0 * gradient.1 - hessian.1 * gradient.0) / determinant
            )
        )
    }
}

/// The name a head's own calibration had before there were others.
public typealias Calibration = PlattScaling

extension PlattScaling {
    /// How a head is calibrated while it is trained: weighted cross-entropy by Newton's method, targets taken as
    /// they are, with a little ridge on the slope's distance from 1. Never fails: with fewer than 20 texts, or
    /// without an optimum, the identity is returned.
    public static func fit(
        logits: [Double], targets: [Double], weights: [Double]? = nil
    ) -> PlattScaling {
        guard logits.count >= 20, logits.count == targets.count else { return .identity }
        var slope = 1.0
        var intercept = 0.0
        for _ in 0..<100 {
            var gradient = (1e-3 * (slope - 1), 0.0)
            var hessian = (1e-3, 0.0, 1e-9)
            for (index, logit) in logits.enumerated() {
                let weight = weights?[index] ?? 1
                let probability = 1 / (1 + exp(-(slope * logit + intercept)))
                let error = weight * (probability - targets[index])
                let curvature = weight * max(probability * (1 - probability), 1e-9)
                gradient.0 += error * logit
                gradient.1 += error
                hessian.0 += curvature * logit * logit
                hessian.1 += curvature * logit
                hessian.2 += curvature
            }
            let determinant = hessian.0 * hessian.2 - hessian.1 * hessian.1
            guard determinant > 1e-12 else { return .identity }
            let step = (
                (hessian.2 * gradient.0 - hessian.1 * gradient.1) / determinant,
                (hessian.0 * gradient.1 - hessian.1 * gradient.0) / determinant
            )
            let damping = min(1, 2 / max(abs(step.0), abs(step.1), 1e-12))
            slope -= damping * step.0
            intercept -= damping * step.1
            if abs(step.0) + abs(step.1) < 1e-9 { break }
        }
        return slope.isFinite && intercept.isFinite
            ? PlattScaling(slope: slope, intercept: intercept) : .identity
    }
}
