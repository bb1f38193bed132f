import Foundation
public import TheriacOptions

/// Divides the logit by one number: above 1 it makes a detector less sure, below 1 surer. 0.5 stays 0.5, and
/// the order of scores is kept.
///
/// Source: Guo, Pleiss, Sun and Weinberger, *On Calibration of Modern Neural Networks*, ICML 2017.
public struct TemperatureScaling: CalibrationMethod, LogitCalibration {
    public static let name = "temperature"
    public static let summary =
        "One number that the logit is divided by; keeps the order and what is on which side of 0.5."
    public static let leastTexts = 20

    /// Above 0.
    public var temperature = 1.0

    public init() {}

    public init(temperature: Double) { self.temperature = temperature }

    public mutating func read(_ fields: inout OptionFields) throws(OptionsError) {
        try fields.read("temperature", into: &temperature, in: 1e-6...1e6)
    }

    public var slope: Double { 1 / temperature }
    public var intercept: Double { 0 }

    /// Minimises the cross-entropy, which is convex in 1/T, by halving the interval that holds the zero of its
    /// derivative. T stays in 0.001...1000: separable texts have no finite optimum.
    public static func fit(_ sample: CalibrationSample) throws(CalibrationError) -> TemperatureScaling {
        try sample.check(Self.self)
        let logits = sample.scores.map(logit(of:))
        func derivative(_ slope: Double) -> Double {
            var sum = 0.0
            for (logit, target) in zip(logits, sample.targets) {
                sum += (1 / (1 + exp(-slope * logit)) - target) * logit
            }
            return sum
        }
        var (low, high) = (log(1e-3), log(1e3))
        for _ in 0..<60 {
            let middle = (low + high) / 2
            if derivative(exp(middle)) < 0 { low = middle } else { high = middle }
        }
        return TemperatureScaling(temperature: exp(-(low + high) / 2))
    }
}
