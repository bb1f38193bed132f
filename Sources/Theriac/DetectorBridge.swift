public import Foundation
public import TheriacCorpora
public import TheriacDetection
internal import TheriacEvaluation

/// `theriac detectors compare`: two detectors, or a detector and stored scores, on the same texts.
public struct DetectorBridge {
    /// What came out.
    public struct Outcome: Sendable {
        public let comparison: DetectorComparison
        /// Lines of the file that could not be read.
        public let problems: [String]
        /// The texts of the largest differences by id, for those who ask.
        public let texts: [String: String]

        /// The comparison as JSON with sorted keys in snake case.
        public func jsonData() throws -> Data { try ReportJSON.data(comparison) }

        /// The same as a page for readers, one file.
        public var page: String { DetectorComparisonPage.render(comparison) }
    }

    private let first: String
    private let second: String
    private let shelf: DetectorShelf
    private let dataFolder: URL

    /// - Parameters:
    ///   - first: a detector, `stored:SET`, or a file of scored texts.
    ///   - second: likewise.
    ///   - dataFolder: where data sets are.
    public init(_ first: String, _ second: String, shelf: DetectorShelf, dataFolder: URL) {
        self.first = first
        self.second = second
        self.shelf = shelf
        self.dataFolder = dataFolder
    }

    /// The set behind a stored side, on whose texts the two are compared when nothing else is said.
    public var storedSource: String? {
        [second, first].first { $0.hasPrefix("stored:") }.map { String($0.dropFirst("stored:".count)) }
    }

    /// - Throws: ``WorkbenchError/noLabels(_:what:)`` when no text has a score of both sides.
    public func run(
        on selection: TextSelection, attributes: [Attribute], thresholds: [Double], largest: Int
    ) throws -> Outcome {
        let sides = try [first, second].map { reference in
            try ComparedSide(reference, shelf: shelf, dataFolder: dataFolder).scores(of: selection.texts)
        }
        let comparison = try DetectorComparison(
            sides[0], sides[1], texts: selection.title, ids: selection.texts.map(\.id),
            attributes: attributes, thresholds: thresholds, largest: largest)
        guard !comparison.attributes.isEmpty else {
            throw WorkbenchError.noLabels(
                selection.title, what: "a score of both sides; stored ones are found by id")
        }
        let wanted = Set(comparison.attributes.flatMap { $0.largestDifferences.map(\.id) })
        let texts = selection.texts.filter { wanted.contains($0.id) }
        return Outcome(
            comparison: comparison, problems: selection.problems,
            texts: Dictionary(texts.map { ($0.id, $0.text) }) { first, _ in first })
    }
}

extension DetectorBridge.Outcome {
    /// Four tables: how alike, one in terms of the other, who flags what, and where they part.
    /// - Parameter showsTexts: with the texts of the largest differences, which may be foul.
    public func summary(showsTexts: Bool) -> String {
        let (a, b) = (comparison.first.name, comparison.second.name)
        var parts = [heading]
        parts.append(
            FigureTable(
                [
                    "Attribute", "Texts", "Mean A", "Mean B", "Pearson", "Spearman", "Kendall",
                    "Mean abs. difference",
                ],
                rows: comparison.attributes.map {
                    [
                        $0.attribute.rawValue, "\($0.texts)", FigureFormat.short($0.firstMean),
                        FigureFormat.short($0.secondMean), FigureFormat.interval($0.pearson),
                        FigureFormat.interval($0.spearman), FigureFormat.interval($0.kendall),
                        FigureFormat.interval($0.meanAbsoluteDifference),
                    ]
                }
            ).text)
        parts.append(
            "One in terms of the other, fitted on one half of the texts, measured on the other:\n" + bridges)
        parts.append(
            FigureTable(
                ["Attribute", "Threshold", "Kappa", "Both", "Only A", "Only B", "Neither"],
                rows: comparison.attributes.flatMap { attribute in
                    attribute.agreements.map {
                        [
                            attribute.attribute.rawValue, FigureFormat.short($0.threshold, 2),
                            FigureFormat.interval($0.kappa), "\($0.table.both)", "\($0.table.onlyFirst)",
                            "\($0.table.onlySecond)", "\($0.table.neither)",
                        ]
                    }
                }
            ).text)
        parts.append("Largest differences (A is \(a), B is \(b)):\n" + differences(showsTexts))
        return parts.joined(separator: "\n")
    }

    private var heading: String {
        func line(_ letter: String, _ side: DetectorComparison.Side) -> String {
            let name = side.identity?.description ?? "\(side.name), stored scores"
            return "\(letter): \(name)"
                + (side.unscored > 0 ? ", \(side.unscored) texts without a score" : "") + "\n"
        }
        return line("A", comparison.first) + line("B", comparison.second)
            + "Texts: \(comparison.texts), \(comparison.count)\n"
    }

    private var bridges: String {
        var table = FigureTable(
            [
                "Attribute", "Map", "Method", "Texts", "ECE before", "after", "Mean abs. difference before",
                "after",
            ],
            wordColumns: 3)
        for attribute in comparison.attributes {
            for (name, bridge) in [("A → B", attribute.firstToSecond), ("B → A", attribute.secondToFirst)] {
                for map in bridge.maps {
                    table.rows.append([
                        attribute.attribute.rawValue, name, map.method,
                        "\(bridge.fittedTexts) + \(bridge.checkedTexts)",
                        FigureFormat.short(bridge.before.expectedError, 4),
                        FigureFormat.short(map.after.expectedError, 4),
                        FigureFormat.short(bridge.before.meanAbsoluteDifference, 4),
                        FigureFormat.short(map.after.meanAbsoluteDifference, 4),
                    ])
                }
            }
        }
        let unfitted = comparison.attributes.flatMap { attribute in
            [attribute.firstToSecond, attribute.secondToFirst].flatMap { Array($0.unfitted.values) }
        }
        return table.text + Set(unfitted).sorted().map { $0 + "\n" }.joined()
    }

    private func differences(_ showsTexts: Bool) -> String {
        var table = FigureTable(["Attribute", "Id", "A", "B"], wordColumns: 2)
        if showsTexts { table.columns.append("Text") }
        for attribute in comparison.attributes {
            for difference in attribute.largestDifferences {
                let text = (texts[difference.id] ?? "").split(whereSeparator: \.isWhitespace).joined(
                    separator: " ")
                table.rows.append(
                    [
                        attribute.attribute.rawValue, difference.id, FigureFormat.short(difference.first),
                        FigureFormat.short(difference.second),
                    ] + (showsTexts ? [text] : []))
            }
        }
        guard showsTexts else { return table.text }
        // The text is the last column, as long as it is.
        let width = table.rows.map { $0[1].count }.max() ?? 0
        return table.rows.map { row in
            "\(row[0])  \(row[1])\(String(repeating: " ", count: width - row[1].count))  \(row[2])  \(row[3])  \(row[4])\n"
        }.joined()
    }
}
