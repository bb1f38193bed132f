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
