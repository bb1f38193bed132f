public import Foundation
public import TheriacCorpora
public import TheriacDetection

/// `theriac detectors agree`: how far several detectors agree, and on which texts they do not.
public struct DetectorPanel {
    private let references: [String]
    private let shelf: DetectorShelf
    private let dataFolder: URL

    /// - Parameter references: detectors, `stored:SET`, or files of scored texts; two or more.
    public init(_ references: [String], shelf: DetectorShelf, dataFolder: URL) {
        self.references = references
        self.shelf = shelf
        self.dataFolder = dataFolder
    }

    public func run(
        on selection: TextSelection, attribute: Attribute, threshold: Double, disputes: Int
    ) throws -> DetectorAgreement {
        let sides = try references.map {
            try ComparedSide($0, shelf: shelf, dataFolder: dataFolder).scores(of: selection.texts)
        }
        return try DetectorAgreement(
            of: sides, ids: selection.texts.map(\.id), attribute: attribute, threshold: threshold,
            disputes: disputes)
    }
}

extension DetectorAgreement {
    /// As JSON with sorted keys in snake case.
    public func jsonData() throws -> Data { try ReportJSON.data(self) }

    /// - Parameter texts: by id, to be shown with the disputes; nil shows ids only.
    public func summary(showing texts: [String: String]? = nil) -> String {
        func figure(_ value: Double?) -> String { value.map { FigureFormat.short($0) } ?? "–" }
        let shares = zip(detectors, flagged).map { "\($0) \(FigureFormat.short(100 * $1, 1)) %" }
        var lines = """
            \(attribute.rawValue) from \(threshold) on, \(self.texts) texts\
            \(unscored > 0 ? ", \(unscored) not scored by all" : "")
            Flagged: \(shares.joined(separator: ", "))
            Fleiss' kappa \(FigureFormat.interval(fleissKappa)), Krippendorff's alpha of flags \
            \(figure(alphaOfFlags)), of scores \(figure(alphaOfScores)), mean deviation \
            \(FigureFormat.short(meanDeviation))


            """
        lines +=
            FigureTable(
                ["A", "B", "Kappa", "Both", "Only A", "Only B", "Neither"], wordColumns: 2,
                rows: pairs.map {
                    [
                        $0.first, $0.second, FigureFormat.interval($0.kappa), "\($0.table.both)",
                        "\($0.table.onlyFirst)", "\($0.table.onlySecond)", "\($0.table.neither)",
                    ]
                }
            ).text
        lines += "\nMost disputed:\n"
        lines +=
            FigureTable(
                ["Id"] + detectors + ["Deviation", "Range"],
                rows: disputed.map { dispute in
                    [dispute.id] + dispute.scores.map { FigureFormat.short($0) }
                        + [dispute.spread.standardDeviation, dispute.spread.range].map {
                            FigureFormat.short($0)
                        }
                }
            ).text
        for dispute in disputed {
            guard let text = texts?[dispute.id] else { continue }
            lines +=
                "\(dispute.id)  " + text.split(whereSeparator: \.isWhitespace).joined(separator: " ") + "\n"
        }
        return lines
    }
}
