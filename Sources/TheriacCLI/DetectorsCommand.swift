internal import ArgumentParser
internal import Foundation
internal import Theriac
internal import TheriacCorpora
internal import TheriacDetection

struct DetectorsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "detectors",
        abstract: "List, measure, compare, calibrate and combine detectors.",
        discussion: """
            A detector is named by a shipped name or by its folder, and pinned to one set of weights by a version or
            the first digits of its hash; another one under that name is then refused:

              judge    judge@1.1.0    judge@sha256:9244c66e    path/to/folder@sha256:9244c66e

            Texts are a file (JSON lines, a table, one text a line) or a public data set by name, read from the data
            folder; of a set the held-out part is taken unless --part says otherwise.
            """,
        subcommands: [
            ListDetectorsCommand.self, ShowDetectorCommand.self, MeasureDetectorsCommand.self,
            CompareDetectorsCommand.self, AgreeDetectorsCommand.self, ThresholdDetectorCommand.self,
            CalibrateDetectorCommand.self, CombineDetectorsCommand.self,
        ])
}

struct ListDetectorsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "The detectors that ship with the program, with their identities.")

    @Flag(help: "One JSON object a line.")
    var json = false

    private struct Line: Encodable {
        var reference: String
        var identity: DetectorIdentity?
        var summary: String
    }

    func run() throws {
        let shelf = DetectorShelf(try AssetFolder())
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        var table = FigureTable(["Name", "Identity", "What it is"], wordColumns: 3)
        for name in shelf.shipped {
            let identity = Result { try shelf.load(name).identity }
            let summary = Self.firstSentence(try shelf.card(name) ?? "")
            if json {
                let line = Line(reference: name, identity: try? identity.get(), summary: summary)
                try Terminal.out(String(decoding: encoder.encode(line), as: UTF8.self) + "\n")
            }
            switch identity {
            case .success(let identity): table.rows.append([name, identity.description, summary])
            case .failure(let error): table.rows.append([name, "cannot be loaded", "\(error)"])
            }
        }
        if !json { try Terminal.out(table.text) }
    }

    /// The first sentence of a card's first paragraph.
    static func firstSentence(_ card: String) -> String {
        let paragraph = card.split(separator: "\n").first { !$0.hasPrefix("#") } ?? ""
        let end = paragraph.firstRange(of: ". ")?.lowerBound ?? paragraph.endIndex
        let sentence = paragraph[..<end]
        return sentence.last == "." ? String(sentence.dropLast()) : String(sentence)
    }
}

struct ShowDetectorCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "A detector's identity and its card.")

    @Argument(help: "A shipped detector or a folder, possibly pinned.")
    var detector: String

    func run() throws {
        let shelf = DetectorShelf(try AssetFolder())
        let loaded = try shelf.load(detector)
        let identity = loaded.identity
        var lines = """
            \(identity)
            hash           sha256:\(identity.hash)
            training hash  \(identity.trainingHash.isEmpty ? "none" : "sha256:" + identity.trainingHash)
            attributes     \(loaded.attributes.map(\.rawValue).joined(separator: ", "))

            """
        for part in identity.parts ?? [] { lines += "made of        \(part)\n" }
        try Terminal.out(lines + "\n" + (try shelf.card(detector) ?? "It has no card.\n"))
    }
}
