internal import ArgumentParser
internal import Foundation
internal import Theriac
internal import TheriacCorpora
internal import TheriacDetection
internal import TheriacTensors

struct SpansCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "spans",
        abstract: "Which words make a text toxic: measure how well they are found.",
        discussion: "To see the spans of your own texts: theriac score --spans fine FILE.",
        subcommands: [JudgeSpansCommand.self])
}

struct JudgeSpansCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "judge",
        abstract: "Compare found spans with those that raters marked.",
        discussion: """
            Every finder that fits each detector, and baselines, measured by the F1 of character offsets of SemEval-2021
            Task 5: mean over texts, with its 95 % bootstrap interval. Thresholds are chosen on the set's training part
            and measured on its validation part (the official trial set of SemEval; its test set is kept aside). For a set
            without spans in its training part (hatexplain), choose on valid with --split test.

            Finders:
            \(SpanFinders.all.map { "  \($0.name.padding(toLength: 15, withPad: " ", startingAt: 0))\($0.summary)" }.joined(separator: "\n"))
            """)

    @Option(
        help: ArgumentHelp(
            "A set with marked spans: semeval-toxic-spans, civil-comments-spans or hatexplain.",
            valueName: "set"))
    var on = "semeval-toxic-spans"

    @Option(
        help: ArgumentHelp(
            "The folder with the labelled sets; default: THERIAC_DATA, or ../shared/data.", valueName: "dir"))
    var data: String?

    @Option(
        name: .customLong("detector"), parsing: .singleValue,
        help: ArgumentHelp(
            "A shipped detector or a detector's folder; repeat it. Default: all that ship.", valueName: "name"
        ))
    var detectors: [String] = []

    @Option(
        name: .customLong("finder"), parsing: .singleValue,
        help: ArgumentHelp("Only this finder; repeat it.", valueName: "name"))
    var finders: [String] = []

    @Option(
        help: "Texts of the training part to choose thresholds on, evenly spread; 0 keeps each finder's own.")
    var tune = 2000

    @Option(help: "Take this threshold, in the finder's own unit, instead of choosing one.")
    var threshold: Double?

    @Option(help: "With --threshold: the least share of the strongest word's weight, 0 to 1.")
    var share = 0.0

    @Option(help: "Measure on this part: valid, test or train.")
    var split = "valid"

    @Flag(help: "One JSON object instead of a table.")
    var json = false

    @Option(help: ArgumentHelp("Write the JSON there as well.", valueName: "file"))
    var output: String?

    @Option(help: "Threads one operation may use; default: all cores.")
    var threads: Int?

    @Flag(help: "Show no progress.")
    var quiet = false

    /// What `--json` prints.
    private struct Report: Encodable {
        var schema = "theriac-spans-1"
        var set: String
        var split: String
        var texts: Int
        var tunedOn: Int
        var rows: [SpanMeasurement]
    }

    func run() throws {
        guard let part = Split(rawValue: split) else {
            throw ValidationError("--split \(split): it must be valid, test or train.")
        }
        if let unknown = finders.first(where: { name in !SpanFinders.all.contains { $0.name == name } }) {
            throw ValidationError(
                "--finder \(unknown) is not known. Known: \(SpanFinders.all.map { $0.name }.joined(separator: ", "))."
            )
        }
        guard let set = Datasets.named(on) else {
            throw ValidationError("--on \(on): there is no such set. See theriac spans judge --help.")
        }
        if let threads {
            guard threads > 0 else { throw ValidationError("--threads must be at least 1.") }
            try Torch.setThreads(threads)
        }
        let folder = data ?? ProcessInfo.processInfo.environment["THERIAC_DATA"] ?? "../shared/data"
        let line = ProgressLine(quiet: quiet)
        line.show(Stage("reading \(on)"))
        let all = try set.read(from: URL(fileURLWithPath: folder)).elements
        let measured = all.filter { $0.split == part }.compactMap { MarkedText($0) }
        guard !measured.isEmpty else {
            throw ValidationError("'\(on)' has no text with marked spans in its \(split) part.")
        }
        // Never the part that is measured.
        let tuning =
            [Split.train, .valid].filter { $0 != part }.lazy
            .map { split in Self.spread(all.filter { $0.split == split }.compactMap { MarkedText($0) }, tune)
            }
            .first { !$0.isEmpty } ?? []
        let rows = try rows(measured, tuning: tuning, line)
        line.close()
        let report = Report(
            set: on, split: split, texts: measured.count, tunedOn: tuning.count, rows: rows)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes, .prettyPrinted]
        let encoded = try encoder.encode(report)
        if let output { try encoded.write(to: URL(fileURLWithPath: output), options: .atomic) }
        try Terminal.out(json ? String(decoding: encoded, as: UTF8.self) + "\n" : table(report))
    }

    private func rows(
        _ texts: [MarkedText], tuning: [MarkedText], _ line: ProgressLine
    ) throws -> [SpanMeasurement] {
        var rows = SpanMeasurement.baselines(
            on: texts, share: SpanMeasurement.markedShare(of: tuning.isEmpty ? texts : tuning))
        let assets = try AssetFolder()
        for name in detectors.isEmpty ? ["lexicon", "steer", "judge"] : detectors {
            let detector = try DetectorShelf(assets).load(name)
            for kind in SpanFinders.all where finders.isEmpty || finders.contains(kind.name) {
                // Leaving words out of a yes-or-no detector says no more than its matches.
                guard detector is LexiconDetector == (kind is LexiconMatches.Type),
                    let finder = kind.init(detector, attribute: .toxicity)
                else { continue }
                line.show(Stage("\(kind.name) of \(name)"))
                let row = try SpanMeasurement.measure(
                    finder, detector: detector.identity, tuning: tuning, on: texts,
                    rule: threshold.map { SpanRule(threshold: Float($0), share: Float(share)) })
                if let row { rows.append(row) }
            }
        }
        return rows
    }

    private static func spread(_ texts: [MarkedText], _ count: Int) -> [MarkedText] {
        guard count > 0, texts.count > count else { return count > 0 ? texts : [] }
        return (0..<count).map { texts[$0 * texts.count / count] }
    }

    private func table(_ report: Report) -> String {
        func cell(_ text: String, _ width: Int) -> String {
            text.padding(toLength: width, withPad: " ", startingAt: 0)
        }
        func number(_ value: Double?) -> String { value.map { String(format: "%.3f", $0) } ?? "–" }
        var lines = [
            "\(report.set), \(report.split): \(report.texts) texts; thresholds from \(report.tunedOn) others",
            "",
            cell("finder", 15) + cell("detector", 36) + cell("F1", 8) + cell("95 % interval", 16)
                + cell("precision", 11) + cell("recall", 8) + cell("threshold", 11) + cell("share", 7)
                + "texts/s",
        ]
        for row in report.rows {
            lines.append(
                cell(row.finder, 15) + cell(row.detector ?? "–", 36) + cell(number(row.f1.value), 8)
                    + cell("\(number(row.f1.low))–\(number(row.f1.high))", 16)
                    + cell(number(row.precision), 11)
                    + cell(number(row.recall), 8) + cell(number(row.rule.map { Double($0.threshold) }), 11)
                    + cell(row.rule.map { String(format: "%.1f", $0.share) } ?? "–", 7)
                    + (row.textsPerSecond.map { String(format: "%.0f", $0) } ?? "–"))
        }
        return lines.joined(separator: "\n") + "\n"
    }
}
