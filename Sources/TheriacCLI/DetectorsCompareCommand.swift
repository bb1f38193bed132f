internal import ArgumentParser
internal import Foundation
internal import Theriac
internal import TheriacCorpora
internal import TheriacDetection

struct CompareDetectorsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compare",
        abstract: "Two detectors on the same texts: how alike, one in terms of the other, where they part.",
        discussion: """
            Each side is a detector, the stored scores of a data set (stored:perspective-scored-wikipedia), or a file of
            scored texts: JSON lines {"id", "scores": {"toxicity": 0.1}}, or what theriac score --json printed. Stored
            scores are found by the texts' ids; with stored:SET and no --on the set's own texts are taken.

              theriac detectors compare judge stored:perspective-scored-wikipedia
              theriac detectors compare steer judge --on comments.jsonl --output compared
            """)

    @Argument(help: "The first side.")
    var first: String

    @Argument(help: "The second side.")
    var second: String

    @Option(help: ArgumentHelp("A data set or a file of texts.", valueName: "texts"))
    var on: String?

    @Option(
        parsing: .singleValue, help: "An attribute, or all; may be repeated. Default: all that both have.")
    var attribute: [String] = []

    @Option(
        parsing: .singleValue,
        help: "Where it is counted who flags what; may be repeated. Default: 0.3, 0.5, 0.7 and 0.9.")
    var threshold: [Double] = []

    @Option(help: "How many of the largest differences of each attribute are listed.")
    var largest = 5

    @Flag(help: "Print the texts of the largest differences. They may be foul.")
    var showTexts = false

    @Option(help: ArgumentHelp("Gets comparison.json and comparison.html.", valueName: "dir"))
    var output: String?

    @Flag(help: "Print JSON instead of the tables.")
    var json = false

    @OptionGroup(title: "Texts") var texts: TextOptions

    func run() throws {
        guard largest >= 0 else { throw ValidationError("--largest must not be below 0.") }
        let thresholds = try threshold.map { try checkedShare($0, "--threshold") }
        let bridge = DetectorBridge(
            first, second, shelf: DetectorShelf(try AssetFolder()), dataFolder: texts.folder)
        guard let source = on ?? bridge.storedSource else {
            throw ValidationError("Say on which texts: --on FILE, or --on and a data set's name.")
        }
        let outcome = try bridge.run(
            on: texts.selection(source),
            attributes: TextOptions.attributes(attribute.isEmpty ? ["all"] : attribute),
            thresholds: thresholds.isEmpty ? [0.3, 0.5, 0.7, 0.9] : thresholds.sorted(), largest: largest)
        let data = try outcome.jsonData()
        try Terminal.out(
            json ? String(decoding: data, as: UTF8.self) : outcome.summary(showsTexts: showTexts))
        if let output {
            try writeReports(
                [("comparison.json", data), ("comparison.html", Data(outcome.page.utf8))], to: output)
        }
        Terminal.report(problems: outcome.problems, refused: [])
        if !outcome.problems.isEmpty { throw partialSuccess }
    }
}

struct AgreeDetectorsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "agree",
        abstract: "How far several detectors agree, and on which texts they do not.",
        discussion: """
            Cohen's kappa of each two, Fleiss' kappa and Krippendorff's alpha of all, and the texts whose scores deviate
            most. Sides are named as for compare.

              theriac detectors agree steer judge lexicon --on olid
            """)

    @Argument(help: "Two detectors or more.")
    var detectors: [String]

    @Option(help: ArgumentHelp("A data set or a file of texts.", valueName: "texts"))
    var on: String

    @Option(help: "What is compared.")
    var attribute = "toxicity"

    @Option(help: "A text is flagged from here on.")
    var threshold = 0.5

    @Option(help: "How many disputed texts are listed.")
    var largest = 10

    @Flag(help: "Print the disputed texts. They may be foul.")
    var showTexts = false

    @Flag(help: "Print JSON instead of the tables.")
    var json = false

    @OptionGroup(title: "Texts") var texts: TextOptions

    func run() throws {
        guard detectors.count > 1 else { throw ValidationError("Name two detectors or more.") }
        guard largest >= 0 else { throw ValidationError("--largest must not be below 0.") }
        let selection = try texts.selection(on)
        let panel = DetectorPanel(
            detectors, shelf: DetectorShelf(try AssetFolder()), dataFolder: texts.folder)
        let agreement = try panel.run(
            on: selection, attribute: TextOptions.attribute(attribute),
            threshold: checkedShare(threshold, "--threshold"), disputes: largest)
        let shown =
            showTexts
            ? Dictionary(selection.texts.map { ($0.id, $0.text) }) { first, _ in first } : nil
        try Terminal.out(
            json
                ? String(decoding: agreement.jsonData(), as: UTF8.self) : agreement.summary(showing: shown))
        Terminal.report(problems: selection.problems, refused: [])
        if !selection.problems.isEmpty { throw partialSuccess }
    }
}
