internal import ArgumentParser
internal import Foundation
internal import Theriac
internal import TheriacCorpora
internal import TheriacDetection

struct ScoreCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "score",
        abstract: "Score texts: how toxic, and in which way.",
        discussion: """
            Texts come one a line (.txt, or - for standard input), as JSON lines with "text" and an optional "id"
            (.jsonl), or from a column of a table (.csv, .tsv). Each gets a probability for every attribute the detector
            knows; a text that cannot be scored is reported as unscored, never as clean.

              theriac score comments.jsonl
              theriac score --json --detector judge comments.csv --column body > scores.jsonl
              echo "What a lovely idea" | theriac score -
            """)

    @Argument(help: "A file, or - for standard input.")
    var file: String

    @Option(help: "A shipped detector or a detector's folder; judge@sha256:HEX takes no other than that one.")
    var detector = "steer"

    @Flag(help: "One JSON object a line: {id, attributes, detector}, or {id, unscored}.")
    var json = false

    @Option(help: "jsonl, csv, tsv or text; default: by the file's name.")
    var format: String?

    @Option(help: "The field or column that holds the text; default: text.")
    var column: String?

    func run() throws {
        let kind = try format.map { name in
            guard let kind = TextFormat(rawValue: name) else {
                throw ValidationError("--format \(name): it must be jsonl, csv, tsv or text.")
            }
            return kind
        }
        let loaded = try DetectorShelf(AssetFolder()).load(detector)
        let reader = try TextReader(path: file, format: kind, column: column)
        let output = LineOutput()
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let names = loaded.attributes
        if !json { try output.write("id\t" + names.map(\.rawValue).joined(separator: "\t")) }
        let problems = try Scoring(loaded).run(reader) { line in
            guard !json else {
                return try output.write(String(decoding: encoder.encode(line), as: UTF8.self))
            }
            switch line.verdict {
            case .scored(let scores):
                let cells = names.map { scores[$0].map { String(format: "%.3f", $0) } ?? "–" }
                try output.write("\(line.id)\t" + cells.joined(separator: "\t"))
            case .unscored(let reason): try output.write("\(line.id)\tunscored: \(reason)")
            }
        }
        try output.flush()
        Terminal.report(problems: problems.map(\.description), refused: [])
        if !problems.isEmpty { throw partialSuccess }
    }
}

/// Lines to standard output, in pieces large enough to be quick.
final class LineOutput {
    private var waiting = ""

    func write(_ line: String) throws {
        waiting += line
        waiting += "\n"
        if waiting.utf8.count > 1 << 16 { try flush() }
    }

    func flush() throws {
        try Terminal.out(waiting)
        waiting = ""
    }
}
