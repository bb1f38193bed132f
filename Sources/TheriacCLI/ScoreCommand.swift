internal import ArgumentParser
internal import Foundation
internal import Theriac
internal import TheriacCorpora
internal import TheriacDetection
internal import TheriacTensors

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

            --spans sentences scores each sentence as well, --spans fine the words that make the text toxic; each by the
            detector's verdict on that stretch alone. A text less toxic than --spans-from has no fine spans. JSON has them as "spans": [[begin, end, {attribute: score}], …].
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

    @Option(help: ArgumentHelp("Score stretches of each text too: sentences, or fine.", valueName: "kind"))
    var spans: String?

    @Option(help: "With --spans fine: look for words in texts of at least this toxicity; 0 looks in all.")
    var spansFrom = 0.1

    @Option(help: ArgumentHelp("Count places of spans in utf8, utf16 or scalar.", valueName: "unit"))
    var offsets = OffsetUnit.utf8.rawValue

    @Flag(help: "Score disguised words (sh1t, s h i t) as what they stand for too; the higher score counts.")
    var normalize = false

    @Option(
        help:
            "fp32 or bf16: how a transformer computes; default: as the detector says, for the shipped one fp32."
    )
    var dtype: String?

    @Option(help: "Threads a transformer may use; default: all cores.")
    var threads: Int?

    func run() throws {
        let kind = try format.map { name in
            guard let kind = TextFormat(rawValue: name) else {
                throw ValidationError("--format \(name): it must be jsonl, csv, tsv or text.")
            }
            return kind
        }
        var loaded = try DetectorShelf(AssetFolder()).load(detector, precision: precision())
        if normalize { loaded = NormalizingDetector(loaded, normalizer: try EvasionNormalizer()) }
        let reader = try TextReader(path: file, format: kind, column: column)
        guard let unit = OffsetUnit(rawValue: offsets) else {
            throw ValidationError("--offsets \(offsets): it must be utf8, utf16 or scalar.")
        }
        let wanted = try wantedSpans(loaded)
        var output = ScoreLines(attributes: loaded.attributes, json: json, spans: wanted != nil)
        let problems = try Scoring(loaded, spans: wanted, offsets: unit).run(reader) { line in
            try output.write(line)
            guard !json, let highlight = SpanHighlight(line, everySpan: spans == "fine") else { return }
            try output.write(highlight.text)
        }
        try output.flush()
        Terminal.report(problems: problems.map(\.description), refused: [])
        if !problems.isEmpty { throw partialSuccess }
    }

    private func precision() throws -> TransformerSettings.Precision? {
        if let threads {
            guard threads > 0 else { throw ValidationError("--threads must be at least 1.") }
            try Torch.setThreads(threads)
        }
        guard let dtype else { return nil }
        guard let precision = TransformerSettings.Precision(rawValue: dtype) else {
            throw ValidationError("--dtype \(dtype): it must be fp32 or bf16.")
        }
        return precision
    }

    private func wantedSpans(_ detector: any Detector) throws -> Scoring.Spans? {
        switch spans {
        case nil: return nil
        case "sentences": return .sentences
        case "fine":
            guard let finder = SpanFinders.best(for: detector) else {
                throw ValidationError(
                    "--spans fine: '\(detector.identity.name)' does not score toxicity, whose words are wanted."
                )
            }
            return .fine(finder, least: Float(spansFrom))
        case let other?: throw ValidationError("--spans \(other): it must be sentences or fine.")
        }
    }
}
