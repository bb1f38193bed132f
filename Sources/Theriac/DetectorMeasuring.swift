public import Foundation
public import TheriacCorpora
public import TheriacDetection

/// `theriac detectors measure`: several detectors on the held-out parts of several sets.
public struct DetectorMeasuring {
    /// What came out.
    public struct Outcome: Sendable, Codable {
        public var detectors: [DetectorIdentity]
        /// By set, then attribute, then detector.
        public var figures: [DetectorFigures]
        /// Lines of the sets that could not be read.
        public var problems: [String]

        /// As JSON with sorted keys in snake case.
        public func jsonData() throws -> Data { try ReportJSON.data(self) }

        public var table: FigureTable {
            FigureTable(
                [
                    "Set", "Part", "Attribute", "Detector", "Texts", "Positive", "Unscored", "ROC-AUC",
                    "Average precision", "Macro-F1 at 0.5", "Macro-F1 at chosen", "Chosen", "ECE", "Brier",
                ], wordColumns: 4,
                rows: figures.map { row in
                    [
                        row.set, row.part, row.attribute.rawValue, row.detector, "\(row.texts)",
                        "\(row.positives)", "\(row.unscored)", FigureFormat.interval(row.areaUnderROC),
                        FigureFormat.interval(row.averagePrecision), FigureFormat.interval(row.macroF1),
                        FigureFormat.interval(row.macroF1AtChosen),
                        row.chosenThreshold.map { FigureFormat.short($0) } ?? "–",
                        FigureFormat.interval(row.expectedCalibrationError),
                        FigureFormat.interval(row.brierScore),
                    ]
                })
        }
    }

    private let detectors: [any Detector]
    private let attributes: [Attribute]

    /// - Parameters:
    ///   - detectors: measured side by side; those of equal name are told apart by their hash.
    ///   - attributes: what is measured, where a set has labels and a detector scores for it.
    public init(_ detectors: [any Detector], attributes: [Attribute]) {
        self.detectors = detectors
        self.attributes = attributes
    }

    /// - Parameter sources: called one after another, so that one set at a time is in memory.
    public func run(
        _ sources: [() throws -> TextSelection], _ report: (Stage) -> Void = { _ in }
    ) throws -> Outcome {
        var outcome = Outcome(detectors: detectors.map(\.identity), figures: [], problems: [])
        for (number, source) in sources.enumerated() {
            let selection = try source()
            outcome.problems += selection.problems
            report(
                Stage(
                    "measuring", done: number, total: sources.count,
                    remark: "\(selection.title), \(selection.texts.count) texts"))
            outcome.figures += try figures(of: selection)
        }
        report(Stage("measuring", done: sources.count, total: sources.count))
        return outcome
    }

    private func figures(of selection: TextSelection) throws -> [DetectorFigures] {
        let labels = selection.texts.map(\.labels)
        let labelled = attributes.filter { attribute in labels.contains { $0[attribute] != nil } }
        guard !labelled.isEmpty else { return [] }
        let sides = try detectors.map { detector in
            (
                test: try side(detector, selection.texts),
                validation: try side(detector, selection.validation)
            )
        }
        return try labelled.flatMap { attribute in
            try zip(detectors, sides).compactMap { detector, sides in
                guard detector.attributes.contains(attribute) else { return nil }
                return try DetectorFigures(
                    of: sides.test, labels: labels, set: selection.name, part: selection.part,
                    attribute: attribute,
                    validation: selection.validation.isEmpty
                        ? nil : (sides.validation, selection.validation.map(\.labels)))
            }
        }
    }

    private func side(_ detector: any Detector, _ texts: [LabelledText]) throws -> ScoredSide {
        let side = try ScoredSide(detector, texts: texts.map(\.text))
        return ScoredSide(name: name(of: detector), identity: side.identity, scores: side.scores)
    }

    private func name(of detector: any Detector) -> String {
        let isAlone = detectors.count { $0.identity.name == detector.identity.name } == 1
        return isAlone ? detector.identity.name : detector.identity.description
    }
}

/// JSON as reports have it: sorted keys in snake case, one a line.
enum ReportJSON {
    static func data(_ value: some Encodable) throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        encoder.keyEncodingStrategy = .convertToSnakeCase
        return try encoder.encode(value) + Data("\n".utf8)
    }
}
