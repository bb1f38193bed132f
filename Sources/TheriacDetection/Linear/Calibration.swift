import Foundation

/// Platt's map from a head's logit to a probability: σ(slope · logit + intercept).
///
/// Source: Platt, *Probabilistic Outputs for Support Vector Machines*, 1999; fitted here to soft targets.
public struct Calibration: Sendable, Codable, Equatable {
    public var slope: Double
    public var intercept: Double

    /// Leaves the logit as it is.
    public static let identity = Calibration(slope: 1, intercept: 0)

    public init(slope: Double, intercept: Double) {
        self.slope = slope
        self.intercept = intercept
    }

    /// The probability of a logit, in 0...1.
    public func probability(_ logit: Double) -> Double {
        1 / (1 + exp(-(slope * logit + intercept)))
    }

    /// Minimises the weighted cross-entropy by Newton's method with a little ridge on the slope's distance
    /// from 1.
    ///
    /// With fewer than 20 texts, or texts all on one side, only the given values are too few to say anything
    /// and
    /// the identity is returned.
    public static func fit(logits: [Double], targets: [Double], weights: [Double]? = nil) -> Calibration {
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
            ? Calibration(slope: slope, intercept: intercept) : .identity
    }
}
