public import Foundation
public import TheriacCorpora
public import TheriacDetection

/// `theriac detectors threshold`: from which score on a detector should flag.
public struct ThresholdSearch {
    /// What came out.
    public struct Outcome: Sendable, Codable {
        public var detector: DetectorIdentity
        public var attribute: Attribute
        /// As a sentence's part; nil for a given threshold.
        public var goal: String?
        /// The texts the threshold was chosen on, and the point there; nil when no threshold reaches the goal.
        public var chosenOn: String
        public var chosen: OperatingPoint?
        /// The same threshold on other texts.
        public var checkedOn: String?
        public var checked: OperatingPoint?

        /// As JSON with sorted keys in snake case.
        public func jsonData() throws -> Data { try ReportJSON.data(self) }

        public var table: FigureTable {
            func row(_ on: String, _ point: OperatingPoint) -> [String] {
                [
                    on, "\(point.texts)", "\(point.positives)", FigureFormat.interval(point.threshold),
                    FigureFormat.interval(point.precision), FigureFormat.interval(point.recall),
                    FigureFormat.interval(point.falsePositiveRate), FigureFormat.interval(point.flagged),
                    FigureFormat.interval(point.f1),
                ]
            }
            return FigureTable(
                [
                    "On", "Texts", "Positive", "Threshold", "Precision", "Recall", "False-positive rate",
                    "Flagged",
                    "F1",
                ],
                rows: [chosen.map { row(chosenOn, $0) }, checked.map { row(checkedOn ?? "", $0) }]
                    .compactMap { $0 })
        }
    }

    private let detector: any Detector
    private let attribute: Attribute

    public init(_ detector: any Detector, attribute: Attribute) {
        self.detector = detector
        self.attribute = attribute
    }

    /// - Parameters:
    ///   - goal: what the threshold shall reach.
    ///   - texts: labelled texts to choose it on.
    ///   - other: labelled texts to see what it does elsewhere.
    public func run(
        _ goal: ThresholdGoal, on texts: TextSelection, checkingOn other: TextSelection? = nil
    ) throws -> Outcome {
        let (scores, labels) = try scored(texts)
        let chosen = try OperatingPoint.choosing(goal, scores: scores, labels: labels)
        var outcome = Outcome(
            detector: detector.identity, attribute: attribute, goal: goal.description,
            chosenOn: texts.title, chosen: chosen)
        if let other, let chosen {
            let (scores, labels) = try scored(other)
            outcome.checkedOn = other.title
            outcome.checked = try OperatingPoint(at: chosen.threshold.value, scores: scores, labels: labels)
        }
        return outcome
    }

    private func scored(_ texts: TextSelection) throws -> ([Double], [Bool]) {
        let side = try ScoredSide(detector, texts: texts.texts.map(\.text))
        let rows = texts.scored(by: side, attribute)
        guard !rows.scores.isEmpty else {
            throw WorkbenchError.noLabels(texts.title, what: "a label for \(attribute.rawValue)")
        }
        return (rows.scores, rows.labels)
    }
}
