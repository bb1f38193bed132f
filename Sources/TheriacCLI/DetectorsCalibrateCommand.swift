internal import ArgumentParser
internal import Foundation
internal import Theriac
internal import TheriacCorpora
internal import TheriacDetection

struct ThresholdDetectorCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "threshold",
        abstract: "From which score on to flag, for a wanted precision, recall or false-positive rate.",
        discussion: """
            The threshold is chosen on labelled texts; the other rates there come with it, with 95 % bootstrap intervals.
            Chosen and measured on the same texts, the wanted rate looks a little better than it is: --check shows what
            the threshold does on others.

              theriac detectors threshold judge --on dev.jsonl --precision 0.9 --check test.jsonl
              theriac detectors threshold judge --on olid --part valid --false-positive-rate 0.01
            """)

    @Argument(help: "A shipped detector or a folder, possibly pinned.")
    var detector: String

    @Option(help: ArgumentHelp("A data set or a file with labels.", valueName: "texts"))
    var on: String

    @Option(help: "At least this share of the flagged texts shall be positive.")
    var precision: Double?

    @Option(help: "At least this share of the positive texts shall be flagged.")
    var recall: Double?

    @Option(help: "At most this share of the negative texts shall be flagged.")
    var falsePositiveRate: Double?

    @Option(help: ArgumentHelp("Other labelled texts to see the threshold on.", valueName: "texts"))
    var check: String?

    @Option(help: "Which score it is a threshold of.")
    var attribute = "toxicity"

    @Flag(help: "Print JSON instead of the table.")
    var json = false

    @OptionGroup(title: "Texts") var texts: TextOptions

    func run() throws {
        let goals = [
            try precision.map { ThresholdGoal.precision(try checkedShare($0, "--precision")) },
            try recall.map { .recall(try checkedShare($0, "--recall")) },
            try falsePositiveRate.map {
                .falsePositiveRate(try checkedShare($0, "--false-positive-rate"))
            },
        ].compactMap { $0 }
        guard let goal = goals.first, goals.count == 1 else {
            throw ValidationError("Give one of --precision, --recall and --false-positive-rate.")
        }
        let selection = try texts.selection(on)
        let other = try check.map { try texts.selection($0) }
        let search = ThresholdSearch(
            try DetectorShelf(AssetFolder()).load(detector), attribute: try TextOptions.attribute(attribute))
        let outcome = try search.run(goal, on: selection, checkingOn: other)
        try Terminal.out(
            json ? String(decoding: outcome.jsonData(), as: UTF8.self) : outcome.table.text)
        let problems = selection.problems + (other?.problems ?? [])
        Terminal.report(problems: problems, refused: [])
        guard outcome.chosen != nil else {
            Terminal.note("No threshold reaches a \(goal) on \(selection.title).")
            throw ExitCode.failure
        }
        if !problems.isEmpty { throw partialSuccess }
    }
}

struct CalibrateDetectorCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "calibrate",
        abstract: "Make a detector's probabilities come true on labelled texts.",
        discussion: """
            Methods: \(Calibrations.all.map { "\($0.name): \($0.summary)" }.joined(separator: " "))

            Fit on texts the detector was not trained on. Before and after are measured by two-fold cross-fitting. A
            linear detector gets temperature and Platt folded into its weights; otherwise the new folder names the old
            one by path and hash, and needs it.

              theriac detectors calibrate judge --on dev.jsonl --method platt --output judge-mine
              theriac detectors calibrate judge --on dev.jsonl --method isotonic --prior 0.02 --output judge-mine
            """)

    @Argument(help: "A shipped detector or a folder, possibly pinned.")
    var detector: String

    @Option(help: ArgumentHelp("A data set or a file with labels.", valueName: "texts"))
    var on: String

    @Option(help: "temperature, platt or isotonic.")
    var method = "platt"

    @Option(help: "The share of positives where the detector will be used, when the texts have another.")
    var prior: Double?

    @Option(help: "The new detector's name; default: the old one's with the method behind it.")
    var name: String?

    @Option(help: ArgumentHelp("The new detector's folder.", valueName: "dir"))
    var output: String

    @Flag(help: "Print JSON instead of the table.")
    var json = false

    @OptionGroup(title: "Texts") var texts: TextOptions

    func run() throws {
        guard let method = Calibrations.named(method) else {
            let known = Calibrations.all.map { $0.name }.joined(separator: ", ")
            throw ValidationError("--method \(method): it must be one of \(known).")
        }
        if let prior, !(1e-6...(1 - 1e-6)).contains(prior) {
            throw ValidationError("--prior \(prior): it must be between 0 and 1.")
        }
        let selection = try texts.selection(on)
        let outcome = try DetectorRecalibration(
            DetectorReference(detector), shelf: DetectorShelf(AssetFolder()), method: method, prior: prior
        ).run(on: selection, name: name, output: URL(fileURLWithPath: output))
        try Terminal.out(
            json
                ? String(decoding: outcome.jsonData(), as: UTF8.self)
                : outcome.table.text + "\(outcome.calibrated)\n")
        for row in outcome.rows {
            if let reason = row.skipped {
                Terminal.note("not calibrated: \(row.attribute.rawValue): \(reason)")
            }
        }
        Terminal.report(problems: selection.problems, refused: [])
        if !selection.problems.isEmpty { throw partialSuccess }
    }
}

struct CombineDetectorsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "combine",
        abstract: "Make one detector of several.",
        discussion: """
            The new folder names its members by path and hash, and needs them. A text that one of them cannot score is
            unscored.

              theriac detectors combine steer judge --pooling mean --output both
              theriac detectors combine steer judge --pooling weighted --weight 1 --weight 3 --output both
            """)

    @Argument(help: "Shipped detectors or folders, possibly pinned.")
    var detectors: [String]

    @Option(help: "mean, max, median or weighted.")
    var pooling = "mean"

    @Option(parsing: .singleValue, help: "One for each detector, for --pooling weighted.")
    var weight: [Double] = []

    @Option(help: "The new detector's name; default: its folder's.")
    var name: String?

    @Option(help: ArgumentHelp("The new detector's folder.", valueName: "dir"))
    var output: String

    func run() throws {
        guard let pooling = ScorePooling(rawValue: pooling) else {
            let known = ScorePooling.allCases.map(\.rawValue).joined(separator: ", ")
            throw ValidationError("--pooling \(pooling): it must be one of \(known).")
        }
        let shelf = DetectorShelf(try AssetFolder())
        let folders = try detectors.map { text in
            _ = try shelf.load(text)  // the pin
            return try shelf.folder(DetectorReference(text))
        }
        let folder = URL(fileURLWithPath: output)
        let ensemble = try EnsembleDetector.write(
            name: name ?? folder.lastPathComponent, parts: folders, pooling: pooling, weights: weight,
            to: folder)
        try Terminal.out("\(ensemble.identity)\n")
    }
}
