internal import ArgumentParser
internal import Foundation
internal import Theriac
internal import TheriacCorpora
internal import TheriacDetection
internal import TheriacFiles

struct AttackCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "attack",
        abstract: "Disguise words as people do to slip past detectors, and measure what is still found.",
        discussion: "Attacks:\n"
            + TextAttacks.all.map { "  \($0.name): \($0.summary)" }.joined(separator: "\n"),
        subcommands: [AttackTextsCommand.self, AttackDetectorCommand.self])
}

/// What both subcommands take.
struct AttackOptions: ParsableArguments {
    @Option(
        name: .customLong("attack"), parsing: .singleValue,
        help: ArgumentHelp("An attack; repeat it for several. Default: all.", valueName: "name"))
    var attacks: [String] = []

    @Option(help: "Share of a text's rude words that are attacked, 0 to 1; at least one always is.")
    var rate = 1.0

    @Option(
        help: ArgumentHelp(
            "Attack the words that this detector's score rests on, instead of the rude words of the lists.",
            valueName: "detector"))
    var by: String?

    @Option(
        help: ArgumentHelp("A model's folder: near neighbours are those of its embeddings.", valueName: "dir")
    )
    var embeddings: String?

    @Option(help: "The same seed gives the same disguises.")
    var seed = 1

    func chosen() throws -> [any TextAttack] {
        guard (0...1).contains(rate) else { throw ValidationError("--rate \(rate): it must be in 0...1.") }
        let names = attacks.isEmpty ? TextAttacks.all.map { $0.name } : attacks
        return try names.map { name in
            var attack = try TextAttacks.named(name, path: "--attack")
            attack.rate = rate
            return attack
        }
    }

    func run() throws -> AttackRun {
        let assets = try AssetFolder()
        return try AttackRun(
            embeddings: embeddings.map { try assets.folder($0, kind: "models") },
            by: by.map { try DetectorShelf(assets).load($0) },
            seed: UInt64(bitPattern: Int64(seed)))
    }
}

struct AttackTextsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "texts",
        abstract: "Write attacked texts, as for adversarial training.",
        discussion: """
            One JSON object a line: {id, text, attack}, one for each text and attack that changes it. Formats of the file
            are those of theriac score.

              theriac attack texts comments.jsonl --attack leetspeak --rate 0.5 --output attacked.jsonl
            """)

    @Argument(help: "A file, or - for standard input.")
    var file: String

    @OptionGroup var options: AttackOptions

    @Option(help: "The field or column that holds the text; default: text.")
    var column: String?

    @Option(help: ArgumentHelp("Default: standard output.", valueName: "file"))
    var output: String?

    @Flag(help: "Write texts that an attack leaves as they are, too.")
    var keepUnchanged = false

    func run() throws {
        let attacks = try options.chosen()
        let run = try options.run()
        let reader = try TextReader(path: file, format: nil, column: column)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        func lines(_ write: (String) throws -> Void) throws -> [LineProblem] {
            try run.texts(reader, attacks: attacks, keepsUnchanged: keepUnchanged) { line in
                try write(String(decoding: encoder.encode(line), as: UTF8.self))
            }
        }
        var problems: [LineProblem] = []
        if let output {
            try AtomicFile.write(to: URL(fileURLWithPath: output)) { file in
                problems = try lines { try file.write($0 + "\n") }
            }
        } else {
            let standard = LineOutput()
            problems = try lines { try standard.write($0) }
            try standard.flush()
        }
        Terminal.report(problems: problems.map(\.description), refused: [])
        if !problems.isEmpty { throw partialSuccess }
    }
}

struct AttackDetectorCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "detector",
        abstract: "Measure a detector on attacked texts, alone and with the normaliser in front.",
        discussion: """
            Toxic texts of a set's test part are attacked; the others stay as they are. Each cell says first what the
            detector alone does, then what it does with the normaliser in front. Recall is the share of toxic texts that
            are found, at the threshold 0.5 and at the one that 5 % of the clean texts reach.

              theriac attack detector judge --on davidson --data ../shared/data
            """)

    @Argument(help: "A shipped detector (steer, judge, lexicon) or a detector's folder.")
    var detector: String

    @Option(help: ArgumentHelp("A labelled set, by the name on its card.", valueName: "set"))
    var on: String

    @Option(
        help: ArgumentHelp(
            "The folder with the labelled sets; default: THERIAC_DATA, or ../shared/data.", valueName: "dir"))
    var data: String?

    @OptionGroup var options: AttackOptions

    @Option(help: "At most so many toxic and so many other texts, evenly spread; 0 takes all.")
    var limit = 2000

    @Option(help: ArgumentHelp("Writes all figures with their intervals as JSON.", valueName: "file"))
    var output: String?

    @Flag(help: "Show no progress.")
    var quiet = false

    func run() throws {
        guard limit >= 0 else { throw ValidationError("--limit \(limit): it must be at least 0.") }
        let attacks = try options.chosen()
        let loaded = try DetectorShelf(AssetFolder()).load(detector)
        let folder = data ?? ProcessInfo.processInfo.environment["THERIAC_DATA"] ?? "../shared/data"
        let line = ProgressLine(quiet: quiet)
        let measured = try options.run().measure(
            loaded, on: on, dataFolder: URL(fileURLWithPath: folder), attacks: attacks, limit: limit
        ) { line.show($0) }
        line.close()
        try Terminal.out(AttackTable(measured, set: on).text)
        if let output {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
            try AtomicFile.write(try encoder.encode(measured), to: URL(fileURLWithPath: output))
        }
    }
}

/// An ``AttackMeasurement`` as a table for people.
struct AttackTable {
    let text: String

    init(_ measured: AttackMeasurement, set: String) {
        var lines = [
            "\(measured.detector) on \(set): \(measured.toxicTexts) toxic texts, \(measured.clean.texts) others",
            "",
            ["attack", "changed", "recall at 0.5", "recall at FPR 5 %", "F1", "ROC-AUC"].enumerated()
                .map { Self.padded($1, to: Self.widths[$0]) }.joined(),
        ]
        for row in measured.rows {
            let (alone, normalized) = (row.alone, row.normalized)
            let pairs = [
                (alone.recall, normalized.recall),
                (alone.recallAtFalsePositiveRate, normalized.recallAtFalsePositiveRate),
                (alone.f1, normalized.f1),
                (alone.areaUnderROC, normalized.areaUnderROC),
            ]
            let cells =
                [row.attack, String(format: "%.0f %%", 100 * row.changed)]
                + pairs.map { "\(Self.cell($0)) → \(Self.cell($1))" }
            lines.append(cells.enumerated().map { Self.padded($1, to: Self.widths[$0]) }.joined())
        }
        let clean = measured.clean
        let share = 100 * Double(clean.changed) / Double(max(1, clean.texts))
        lines += [
            "",
            "alone → with the normaliser in front; ± half of the 95 % interval",
            "clean texts: the normaliser changes \(clean.changed) (\(String(format: "%.2f", share)) %); flagged "
                + String(
                    format: "%.2f → %.2f %%", 100 * clean.falsePositiveRateAlone,
                    100 * clean.falsePositiveRateNormalized),
            "",
        ]
        text = lines.joined(separator: "\n")
    }

    private static let widths = [13, 9, 26, 26, 26, 26]

    private static func cell(_ estimate: Estimate?) -> String {
        guard let estimate else { return "–" }
        return String(format: "%.3f±%.3f", estimate.value, (estimate.high - estimate.low) / 2)
    }

    private static func padded(_ cell: String, to width: Int) -> String {
        cell + String(repeating: " ", count: max(1, width - cell.count))
    }
}
