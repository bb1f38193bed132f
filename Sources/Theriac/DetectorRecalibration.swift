public import Foundation
public import TheriacCorpora
public import TheriacDetection
internal import TheriacFiles

/// `theriac detectors calibrate`: fits a calibration for each attribute to labelled texts and writes a detector
/// that has it.
public struct DetectorRecalibration {
    /// One attribute before and after, on the half that was not fitted to; the maps written are fitted to all.
    public struct Row: Sendable, Codable {
        public var attribute: Attribute
        public var texts: Int
        public var positives: Int
        public var before: CalibrationQuality?
        public var after: CalibrationQuality?
        /// By group, after; only with groups in the file.
        public var groups: [String: CalibrationQuality]?
        /// Why the attribute keeps its scores; nil when it was calibrated.
        public var skipped: String?
    }

    /// What came out.
    public struct Outcome: Sendable, Codable {
        public var detector: DetectorIdentity
        public var calibrated: DetectorIdentity
        public var method: String
        public var texts: String
        public var rows: [Row]

        /// As JSON with sorted keys in snake case.
        public func jsonData() throws -> Data { try ReportJSON.data(self) }

        public var table: FigureTable {
            FigureTable(
                [
                    "Attribute", "Texts", "Positive", "ECE before", "after", "Adaptive ECE before", "after",
                    "Brier before", "after", "NLL before", "after",
                ],
                rows: rows.map { row in
                    let (before, after) = (row.before, row.after)
                    func pair(_ figure: (CalibrationQuality) -> Double) -> [String] {
                        [before, after].map { $0.map { FigureFormat.short(figure($0), 4) } ?? "–" }
                    }
                    return [row.attribute.rawValue, "\(row.texts)", "\(row.positives)"]
                        + pair(\.expectedError) + pair(\.adaptiveError) + pair(\.brierScore)
                        + pair(\.negativeLogLikelihood)
                })
        }
    }

    private let reference: DetectorReference
    private let shelf: DetectorShelf
    private let method: any CalibrationMethod.Type
    private let prior: Double?

    /// - Parameters:
    ///   - reference: the detector.
    ///   - method: how it is calibrated.
    ///   - prior: the share of positives where it will be used, when it differs from that of the texts.
    public init(
        _ reference: DetectorReference, shelf: DetectorShelf, method: any CalibrationMethod.Type,
        prior: Double? = nil
    ) {
        self.reference = reference
        self.shelf = shelf
        self.method = method
        self.prior = prior
    }

    /// Writes the calibrated detector's folder: a linear one with the calibration folded in where that is
    /// possible, else one of the kind `calibrated` that names the old by path and hash.
    ///
    /// - Throws: ``WorkbenchError/noLabels(_:what:)`` when no attribute can be calibrated.
    public func run(on selection: TextSelection, name: String?, output: URL) throws -> Outcome {
        let folder = try shelf.folder(reference)
        guard folder.standardizedFileURL.path != output.standardizedFileURL.path else {
            throw WorkbenchError.sameFolder(output.path)
        }
        let detector = try shelf.load(reference.description)
        let side = try ScoredSide(detector, texts: selection.texts.map(\.text))
        var maps: [Attribute: [any CalibrationMap]] = [:]
        var rows: [Row] = []
        for attribute in detector.attributes {
            let scored = selection.scored(by: side, attribute)
            guard !scored.scores.isEmpty else { continue }
            let (row, list) = try fit(attribute, scored.scores, scored.labels, scored.groups)
            rows.append(row)
            if !list.isEmpty { maps[attribute] = list }
        }
        guard !maps.isEmpty else {
            let reason = rows.compactMap(\.skipped).first.map { " (\($0))" } ?? ""
            throw WorkbenchError.noLabels(
                selection.title, what: "labels that '\(method.name)' can be fitted to" + reason)
        }
        let name = name ?? "\(detector.identity.name)-\(method.name)"
        let identity = try write(detector, folder: folder, maps: maps, name: name, to: output)
        let outcome = Outcome(
            detector: detector.identity, calibrated: identity, method: method.name, texts: selection.title,
            rows: rows)
        try AtomicFile.write(outcome.jsonData(), to: output.appendingPathComponent("calibration.json"))
        try AtomicFile.write(Data(card(outcome).utf8), to: output.appendingPathComponent("card.md"))
        return outcome
    }

    private func fit(
        _ attribute: Attribute, _ scores: [Double], _ labels: [Bool], _ groups: [[String]]
    ) throws -> (Row, [any CalibrationMap]) {
        var row = Row(attribute: attribute, texts: scores.count, positives: labels.count { $0 })
        let sample = try CalibrationSample(scores: scores, labels: labels)
        do throws(CalibrationError) {
            var maps: [any CalibrationMap] = [try method.fit(sample)]
            row = try measured(row, sample, groups)
            if let prior { maps.append(PriorShift(from: sample.base, to: prior)) }
            return (row, maps)
        } catch {
            row.skipped = error.description
            return (row, [])
        }
    }

    /// Two-fold: each half is scored with the map fitted to the other, so that no text judges its own fit. Where
    /// a half is too small for the method, before and after stay unknown.
    private func measured(
        _ row: Row, _ sample: CalibrationSample, _ groups: [[String]]
    ) throws(CalibrationError) -> Row {
        var row = row
        row.before = try? CalibrationQuality(of: sample)
        guard let crossed = try? sample.crossFitted(by: method, seed: 1) else { return row }
        row.after = try? CalibrationQuality(of: crossed)
        if groups.contains(where: { !$0.isEmpty }) {
            row.groups = try? CalibrationQuality.byGroup(of: crossed, groups: groups)
        }
        return row
    }

    private func write(
        _ detector: any Detector, folder: URL, maps: [Attribute: [any CalibrationMap]], name: String,
        to output: URL
    ) throws -> DetectorIdentity {
        try FileManager.default.createDirectory(at: output, withIntermediateDirectories: true)
        let version = detector.identity.version
        let foldable = maps.mapValues { $0.compactMap { $0 as? any LogitCalibration } }
        if let linear = detector as? LinearDetector,
            maps.allSatisfy({ foldable[$0.key]?.count == $0.value.count })
        {
            return try linear.writeRecalibrated(by: foldable, name: name, version: version, to: output)
        }
        return try CalibratedDetector.write(of: folder, maps: maps, name: name, version: version, to: output)
            .identity
    }

    private func card(_ outcome: Outcome) -> String {
        """
        # \(outcome.calibrated.name) \(outcome.calibrated.version)

        \(outcome.detector.name), calibrated by \(method.name) on \(outcome.texts)\
        \(prior.map { ", for a share of \($0) positives" } ?? "").

        - Identity: `\(outcome.calibrated)`
        - Calibrated from: `\(outcome.detector)`

        Before and after are measured by two-fold cross-fitting: each half with the map fitted to the other.

        \(outcome.table.markdown)
        """
    }
}
