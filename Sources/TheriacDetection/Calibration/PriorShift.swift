public import TheriacOptions

/// Corrects calibrated scores for another share of positives than they were calibrated on:
/// logit += log(π_new / (1 − π_new)) − log(π_old / (1 − π_old)).
///
/// It assumes that only the share differs, not how positives and negatives look.
///
/// Source: Saerens, Latinne and Decaestecker, *Adjusting the Outputs of a Classifier to New a Priori
/// Probabilities*, Neural Computation 2002.
public struct PriorShift: LogitCalibration {
    public static let name = "prior-shift"

    /// Share of positives among the texts of the calibration, and where the scores will be used.
    public var from = 0.5
    public var to = 0.5

    public init() {}

    public init(from: Double, to: Double) {
        self.from = from
        self.to = to
    }

    public mutating func read(_ fields: inout OptionFields) throws(OptionsError) {
        try fields.read("from", into: &from, in: 1e-6...(1 - 1e-6))
        try fields.read("to", into: &to, in: 1e-6...(1 - 1e-6))
    }

    public var slope: Double { 1 }
    public var intercept: Double { logit(of: to) - logit(of: from) }
}
