internal import ArgumentParser
internal import Foundation
internal import Theriac
internal import TheriacCorpora
internal import TheriacDetection

struct MeasureDetectorsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "measure",
        abstract: "How good detectors are on labelled texts, side by side.",
        discussion: """
            For each set and attribute: ROC-AUC, average precision, macro-F1 at 0.5 and at the threshold that is best on
            the set's validation part, calibration error (ten bins) and Brier score, with 95 % bootstrap intervals over
            texts. Texts without a label for the attribute are not counted; texts a detector could not score are counted
            apart.

              theriac detectors measure steer judge --all-sets --output measured
              theriac detectors measure judge --on olid --on hatexplain --attribute all
              theriac detectors measure judge --on labelled.jsonl --json
            """)

    @Argument(
        help: ArgumentHelp("Detectors: shipped ones or folders, possibly pinned.", valueName: "detector"))
    var detectors: [String]

    @Option(
        parsing: .singleValue,
        help: ArgumentHelp("A data set or a file with labels; may be repeated.", valueName: "texts"))
    var on: [String] = []

    @Flag(help: "Every data set that the data folder has.")
    var allSets = false

    @Option(parsing: .singleValue, help: "What to measure, or all; may be repeated. Default: toxicity.")
    var attribute: [String] = []

    @Option(help: ArgumentHelp("Gets measures.json and measures.md.", valueName: "dir"))
    var output: String?

    @Flag(help: "Print JSON instead of the table.")
    var json = false

    @Flag(help: "Show no progress.")
    var quiet = false

    @OptionGroup(title: "Texts") var texts: TextOptions

    func run() throws {
        guard allSets || !on.isEmpty else {
            throw ValidationError("Say on which texts: --on, or --all-sets.")
        }
        let shelf = DetectorShelf(try AssetFolder())
        let loaded = try detectors.map { try shelf.load($0) }
        let measuring = DetectorMeasuring(
            loaded, attributes: try TextOptions.attributes(attribute.isEmpty ? ["toxicity"] : attribute))
        let part = try texts.setPart()
        var sources: [() throws -> TextSelection] = on.map { source in { try texts.selection(source) } }
        if allSets {
            for set in Datasets.all where !on.contains(set.card.name) {
                let isThere = set.card.relativePaths.allSatisfy {
                    FileManager.default.fileExists(atPath: texts.folder.appendingPathComponent($0).path)
                }
                guard isThere else {
                    Terminal.note("skipped: \(set.card.name): not in \(texts.folder.path)")
                    continue
                }
                sources.append { try TextSelection(set, dataFolder: texts.folder, part: part) }
            }
        }
        let line = ProgressLine(quiet: quiet)
        let outcome = try measuring.run(sources) { line.show($0) }
        line.close()
        let data = try outcome.jsonData()
        try Terminal.out(json ? String(decoding: data, as: UTF8.self) : outcome.table.text)
        if let output {
            try writeReports(
                [("measures.json", data), ("measures.md", Data(outcome.table.markdown.utf8))], to: output)
        }
        Terminal.report(problems: outcome.problems, refused: [])
        if !outcome.problems.isEmpty { throw partialSuccess }
    }
}
