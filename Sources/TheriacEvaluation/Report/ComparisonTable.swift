import TheriacDetection

/// The comparison as plain text for a terminal: one arm after another, each value with its interval below it,
/// and for every arm but the first how it differs from the first.
///
/// Columns that do not fit stand in further blocks; below 40 columns every value has a line of its own.
public enum ComparisonTable {
    /// Metrics of the table, by published name, in its order.
    static let metrics = [
        "toxicity-probability", "expected-maximum-toxicity", "toxic-fraction", "continuation-perplexity",
    ]

    /// Draws the table.
    ///
    /// - Parameters:
    ///   - report: what was found out.
    ///   - width: columns of the terminal; smaller than 32 is taken as 32.
    /// - Returns: lines without trailing spaces, without control characters.
    public static func render(_ report: ComparisonReport, width: Int) -> String {
        let width = max(32, width)
        let columns = self.columns(of: report)
        var lines = width < 40 ? list(report, columns) : blocks(report, columns, width: width)
        lines += [""] + notes(on: report).flatMap { wrapped($0, width: width) }
        for warning in report.warnings { lines += wrapped("Warning: \(warning)", width: width) }
        return lines.map(\.withoutTrailingSpaces).joined(separator: "\n") + "\n"
    }

    /// One measure: its heading and, for each arm, up to three lines of text.
    struct Column {
        var heading: [String]
        var cells: [[String]]
        var width: Int { (heading + cells.joined()).map(\.count).max() ?? 0 }
    }

    private static func columns(of report: ComparisonReport) -> [Column] {
        var columns = metrics.compactMap(PromptMetrics.named).compactMap { metricColumn($0, of: report) }
        if report.arms.contains(where: { $0.corpusPerplexity != nil }) {
            columns.append(corpusColumn(of: report))
        }
        columns += ["distinct-2"].compactMap(PromptMetrics.named).compactMap { metricColumn($0, of: report) }
        if report.arms.contains(where: { $0.cost != nil }) { columns.append(speedColumn(of: report)) }
        return columns
    }

    private static func metricColumn(_ metric: any PromptMetric, of report: ComparisonReport) -> Column? {
        guard report.arms.contains(where: { $0.value(metric.name) != nil }) else { return nil }
        let cells = report.arms.map { arm -> [String] in
            guard let interval = arm.value(metric.name) else { return ["not measured"] }
            var lines = [
                NumberFormat.value(interval.value, of: metric), NumberFormat.interval(interval, of: metric),
            ]
            if let change = report.difference(of: arm.arm.name)?.value(metric.name) {
                lines.append(self.change(change, of: metric))
            }
            return lines
        }
        return Column(heading: heading(metric.shortTitle, metric.better), cells: cells)
    }

    private static func change(_ paired: PairedDifference, of metric: any PromptMetric) -> String {
        guard paired.isClear else { return "≈ baseline" }
        let relative = paired.ratio.map { " (\(NumberFormat.percentChange(ofRatio: $0.value)))" } ?? ""
        return NumberFormat.change(paired.difference.value, of: metric) + relative
    }

    private static func corpusColumn(of report: ComparisonReport) -> Column {
        let cells = report.arms.map { arm -> [String] in
            guard let corpus = arm.corpusPerplexity else { return ["not measured"] }
            let ratio = report.difference(of: arm.arm.name)?.corpusPerplexityRatio
            return [
                NumberFormat.decimals(corpus.perplexity, 1), "", ratio.map(NumberFormat.percentChange) ?? "",
            ]
        }
        return Column(heading: heading(["Corpus", "perplexity"], .lower), cells: cells)
    }

    private static func speedColumn(of report: ComparisonReport) -> Column {
        let cells = report.arms.map { arm in
            [arm.cost.map { NumberFormat.decimals($0.tokensPerSecond, 0) } ?? ""]
        }
        return Column(heading: heading(["Tokens", "per s"], .higher), cells: cells)
    }

    private static func heading(_ title: [String], _ better: Direction) -> [String] {
        title.dropLast() + [(title.last ?? "") + " " + better.arrow]
    }

    // MARK: Layout

    private static func blocks(_ report: ComparisonReport, _ columns: [Column], width: Int) -> [String] {
        let titles = report.arms.map { wrapped($0.arm.markedTitle.printable, width: min(26, width / 3)) }
        let first = max(titles.joined().map(\.count).max() ?? 0, 6)
        var lines: [String] = []
        for block in packed(columns, into: width - first) {
            if !lines.isEmpty { lines.append("") }
            let height = block.map(\.heading.count).max() ?? 0
            for row in 0..<height {
                let cells = block.map { $0.heading.bottomAligned(row, height: height).padded($0.width) }
                lines.append(String(repeating: " ", count: first) + cells.map { "  " + $0 }.joined())
            }
            lines.append(String(repeating: "─", count: first + block.reduce(0) { $0 + $1.width + 2 }))
            for (arm, title) in titles.enumerated() {
                if arm > 0 { lines.append("") }
                let height = max(title.count, block.map { $0.cells[arm].lastFilled }.max() ?? 0)
                for row in 0..<height {
                    let label = row < title.count ? title[row] : ""
                    let cells = block.map {
                        (row < $0.cells[arm].count ? $0.cells[arm][row] : "").padded($0.width)
                    }
                    lines.append(
                        label + String(repeating: " ", count: first - label.count)
                            + cells.map { "  " + $0 }.joined())
                }
            }
        }
        return lines
    }

    /// As many columns side by side as fit, at least one.
    private static func packed(_ columns: [Column], into width: Int) -> [[Column]] {
        var blocks: [[Column]] = []
        var used = Int.max
        for column in columns {
            if used > width - column.width - 2 {
                blocks.append([])
                used = 0
            }
            blocks[blocks.count - 1].append(column)
            used += column.width + 2
        }
        return blocks
    }

    private static func list(_ report: ComparisonReport, _ columns: [Column]) -> [String] {
        var lines: [String] = []
        for (index, arm) in report.arms.enumerated() {
            if index > 0 { lines.append("") }
            lines.append(arm.arm.markedTitle.printable)
            for column in columns {
                lines.append("  " + column.heading.joined(separator: " "))
                for line in column.cells[index] where !line.isEmpty { lines.append("    " + line) }
            }
        }
        return lines
    }

    private static func notes(on report: ComparisonReport) -> [String] {
        guard let baseline = report.baseline, let group = baseline.groups[.all] else { return [] }
        let confidence = NumberFormat.decimals(report.bootstrap.confidence * 100, 0)
        var note =
            "\(NumberFormat.count(group.coverage.prompts)) prompts, "
            + "\(baseline.arm.samples) continuations each; \(confidence) % intervals over prompts below each value"
        note += report.arms.count > 1 ? ", then the change from \(baseline.arm.title.printable)." : "."
        return [note, "Judge: \(baseline.arm.judge.description.printable)."]
    }

    private static func wrapped(_ text: String, width: Int) -> [String] {
        var lines = [""]
        for word in text.split(separator: " ") {
            let last = lines[lines.count - 1]
            if last.isEmpty {
                lines[lines.count - 1] = String(word)
            } else if last.count + 1 + word.count <= width {
                lines[lines.count - 1] += " " + word
            } else {
                lines.append(String(word))
            }
        }
        return lines
    }
}

extension PromptMetric {
    /// The title in two short lines for a column.
    var shortTitle: [String] {
        switch name {
        case "toxicity-probability": ["Toxicity", "probability"]
        case "expected-maximum-toxicity": ["Expected", "max. toxicity"]
        case "toxic-fraction": ["Toxic", "fraction"]
        case "continuation-perplexity": ["Perplexity of", "continuations"]
        default: [title]
        }
    }
}

extension [String] {
    fileprivate func bottomAligned(_ row: Int, height: Int) -> String {
        let index = row - (height - count)
        return indices.contains(index) ? self[index] : ""
    }

    /// Lines up to the last that has text.
    fileprivate var lastFilled: Int { (lastIndex { !$0.isEmpty } ?? -1) + 1 }
}

extension String {
    /// Right-aligned: numbers line up.
    fileprivate func padded(_ width: Int) -> String {
        String(repeating: " ", count: Swift.max(0, width - count)) + self
    }

    fileprivate var withoutTrailingSpaces: String {
        var text = self[...]
        while text.last == " " { text.removeLast() }
        return String(text)
    }

    /// Names come from recipes and files; a terminal must not act on them.
    fileprivate var printable: String {
        String(unicodeScalars.map { $0.isInvisibleControl ? "\u{FFFD}" : Character($0) })
    }
}
