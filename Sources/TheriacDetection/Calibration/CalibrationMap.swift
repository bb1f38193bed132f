import Foundation
public import TheriacOptions

/// A map from a detector's score to a better one, both in 0...1, as a `calibrated` detector applies it to one
/// attribute. All maps keep the order of scores or reverse it; none depends on other texts.
///
/// Every map is in ``Calibrations/maps``; its settings are how it is stored.
public protocol CalibrationMap: Options, Equatable {
    /// Kebab-case, for files and flags.
    static var name: String { get }
    /// The score after the map, in 0...1.
    func calibrated(_ score: Double) -> Double
}

/// A map that is fitted to texts with known labels.
public protocol CalibrationMethod: CalibrationMap {
    /// What it does and when to take it, in one sentence.
    static var summary: String { get }
    /// Fewer texts than this say too little; half as many are enough when most labels are shares between 0 and 1.
    static var leastTexts: Int { get }
    /// The map that fits best.
    /// - Throws: ``CalibrationError`` for too few texts, or labels of one kind only.
    static func fit(_ sample: CalibrationSample) throws(CalibrationError) -> Self
}

/// A map that is linear in the logit: σ(slope · logit(score) + intercept). Such maps can be folded into a
/// detector that ends in a sigmoid, and into each other.
public protocol LogitCalibration: CalibrationMap {
    var slope: Double { get }
    var intercept: Double { get }
}

extension LogitCalibration {
    public func calibrated(_ score: Double) -> Double { probability(logit(of: score)) }

    /// The probability of a logit, in 0...1.
    public func probability(_ logit: Double) -> Double { 1 / (1 + exp(-(slope * logit + intercept))) }
}

/// log(score / (1 − score)). Scores are kept 1e-7 away from 0 and 1, which is less than a float's step there.
public func logit(of score: Double) -> Double {
    let score = min(max(score, 1e-7), 1 - 1e-7)
    return log(score / (1 - score))
}

/// The kinds of calibration.
public enum Calibrations {
    /// Every method that is fitted to labels.
    public static let all: [any CalibrationMethod.Type] = [
        TemperatureScaling.self, PlattScaling.self, IsotonicCalibration.self,
    ]
    /// Every map a file may name.
    public static let maps: [any CalibrationMap.Type] = all.map { $0 } + [PriorShift.self]

    /// The method of that name, or nil.
    public static func named(_ name: String) -> (any CalibrationMethod.Type)? {
        all.first { $0.name == name }
    }
}

/// What keeps a calibration from being fitted.
public enum CalibrationError: Error, Equatable, CustomStringConvertible {
    case unequalCounts(scores: Int, targets: Int)
    case outside(what: String, index: Int)
    case tooFew(method: String, found: Int, needed: Int)
    case oneClass(method: String)

    public var description: String {
        switch self {
        case .unequalCounts(let scores, let targets):
            "A calibration got \(scores) scores for \(targets) labels; it needs one label a score."
        case .outside(let what, let index):
            "The \(what) number \(index) of a calibration is not in 0...1."
        case .tooFew(let method, let found, let needed):
            "The calibration '\(method)' needs at least \(needed) labelled texts and got \(found). "
                + "Give it more texts, or take a method with fewer parameters."
        case .oneClass(let method):
            "The calibration '\(method)' needs texts of both kinds, and all labels are the same."
        }
    }
}
