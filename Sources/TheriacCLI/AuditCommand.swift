internal import ArgumentParser
internal import Foundation
internal import Theriac
internal import TheriacCorpora
internal import TheriacDetection
internal import TheriacFiles

struct AuditCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit",
        abstract: "Measure a detector's own bias, and what labels lose on their way.",
        subcommands: [AuditDetectorCommand.self, AuditTaxonomyCommand.self])
}

struct AuditDetectorCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "detector",
        abstract: "How a detector treats groups of people.",
        discussion: """
            Scores labelled sets, sentence templates filled with identity terms, pairs of texts that differ in such terms, and
            functional suites; writes audit.json, audit.md and audit.html. Of sets that detectors are trained on only the test
            split is scored. Groups are found by word lists.

              theriac audit detector judge --output audits/judge
              theriac audit detector judge --on hatexplain toxigen-annotated --suite hatecheck.csv --output audits/judge

            A suite is a table like HateCheck's (functionality, test_case, label_gold, target_ident). A table of your own with
            the columns text, toxic (0 or 1) and group, such as a dialect, goes to --table.
            """)

    @Argument(help: "A shipped detector (steer, judge, lexicon) or a detector's folder.")
    var detector: String

    @Option(
        name: .customLong("on"), parsing: .upToNextOption,
        help: ArgumentHelp(
            "Labelled sets; default: eight of different kinds. none: no set.", valueName: "set")
    )
    var sets: [String] = []

    @Option(
        help: ArgumentHelp(
            "The folder with the labelled sets; default: THERIAC_DATA, or ../shared/data.", valueName: "dir"))
    var data: String?

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp(
            "Files of identity templates; default: those of the data folder.", valueName: "file"))
    var templates: [String] = []

    @Option(
        name: .customLong("suite"), parsing: .upToNextOption,
        help: ArgumentHelp("Functional suites; default: HatemojiCheck of the data folder.", valueName: "file")
    )
    var suites: [String] = []

    @Option(
        name: .customLong("table"), parsing: .upToNextOption,
        help: ArgumentHelp("Tables with the columns text, toxic and group.", valueName: "file"))
    var tables: [String] = []

    @Option(help: ArgumentHelp("Gets audit.json, audit.md and audit.html.", valueName: "dir"))
    var output: String

    @Option(help: "The attribute that is audited.")
    var attribute = "toxicity"

    @Option(help: "A text counts as called toxic from here on. Choose it on other texts than these.")
    var threshold = 0.5

    @Option(help: "Texts of each set at most, drawn by the seed; 0: all.")
    var limit = 0

    @Option(help: "Resamples of the texts for the intervals.")
    var resamples = 200

    @Option(help: "Seed of the draws.")
    var seed = 1

    @Flag(help: "Show no progress.")
    var quiet = false

    func run() throws {
        guard let kind = Attribute(rawValue: attribute) else {
            let known = Attribute.allCases.map(\.rawValue).joined(separator: ", ")
            throw ValidationError("--attribute \(attribute): it must be one of \(known).")
        }
        guard (0...1).contains(threshold) else {
            throw ValidationError("--threshold \(threshold): it must be between 0 and 1.")
        }
        guard limit >= 0, resamples >= 0 else {
            throw ValidationError("--limit and --resamples must not be negative.")
        }
        let loaded = try DetectorShelf(AssetFolder()).load(detector)
        let folder = URL(
            fileURLWithPath: data ?? ProcessInfo.processInfo.environment["THERIAC_DATA"] ?? "../shared/data")
        func files(_ named: [String], else usual: [String]) -> [URL] {
            named.isEmpty
                ? usual.map { folder.appending(path: $0) } : named.map { URL(fileURLWithPath: $0) }
        }
        var auditing = DetectorAuditing(loaded)
        if !sets.isEmpty { auditing.sets = sets == ["none"] ? [] : sets }
        auditing.templates = files(
            templates, else: ["bias/identity-templates-en.csv.gz", "bias/bias-madlibs-77k-extra.csv"])
        auditing.suites = files(suites, else: ["toxicity/hatemoji-check.jsonl"])
        auditing.tables = tables.map { URL(fileURLWithPath: $0) }
        auditing.attribute = kind
        auditing.threshold = threshold
        auditing.limit = limit
        auditing.resamples = resamples
        auditing.seed = UInt64(bitPattern: Int64(seed))
        let line = ProgressLine(quiet: quiet)
        let audit = try auditing.run(dataFolder: folder) { line.show($0) }
        line.close()
        let page = try DetectorAuditing.write(audit, to: URL(fileURLWithPath: output))
        for note in audit.notes { Terminal.note(note) }
        try Terminal.out(page.path + "\n")
    }
}

struct AuditTaxonomyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "taxonomy",
        abstract: "What becomes of one taxonomy's labels in another, and what is lost.",
        discussion: """
            Labels meet in the attributes of the detectors; --to perspective shows those. Known taxonomies: \
            \(Taxonomies.all.map(\.name).joined(separator: ", ")).

              theriac audit taxonomy --from olid --to perspective
              theriac audit taxonomy --from davidson --to llama-guard --json
            """)

    @Option(help: ArgumentHelp("The taxonomy whose labels there are.", valueName: "name"))
    var from: String

    @Option(help: ArgumentHelp("The taxonomy whose labels are wanted.", valueName: "name"))
    var to: String

    @Flag(help: "One JSON object instead of a table.")
    var json = false

    func run() throws {
        let mapping = try Taxonomies.mapping(from: from, to: to)
        guard !json else {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
            return try Terminal.out(String(decoding: try encoder.encode(mapping), as: UTF8.self) + "\n")
        }
        var lines: [String] = []
        for row in mapping.rows {
            let attributes = row.attributes.sorted { $0.key < $1.key }
                .map { "\($0.key) \(String(format: "%g", $0.value))" }.joined(separator: ", ")
            lines.append("\(from)/\(row.label): \(row.definition)")
            lines.append("  attributes: " + (attributes.isEmpty ? "none" : attributes))
            lines.append("  becomes:    " + (row.becomes.isEmpty ? "–" : row.becomes.joined(separator: ", ")))
            lines += row.lossy.map { "  lossy:      \($0)" }
        }
        if !mapping.unfilled.isEmpty {
            lines.append("Nothing becomes \(to)/" + mapping.unfilled.joined(separator: ", \(to)/") + ".")
        }
        try Terminal.out(lines.joined(separator: "\n") + "\n")
    }
}
