internal import Foundation
internal import TheriacDetection

/// How the tables of `theriac detectors` write figures.
enum FigureFormat {
    static func short(_ value: Double, _ places: Int = 3) -> String { String(format: "%.\(places)f", value) }

    /// `0.912 (0.900–0.923)`, a dash for what could not be measured.
    static func interval(_ estimate: Estimate?) -> String {
        guard let estimate else { return "–" }
        // A dash between signed numbers reads as a minus.
        let separator = estimate.low < 0 ? " to " : "–"
        return "\(short(estimate.value)) (\(short(estimate.low))\(separator)\(short(estimate.high)))"
    }
}
