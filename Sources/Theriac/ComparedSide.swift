internal import Foundation
internal import TheriacCorpora
internal import TheriacDetection

/// One side of a comparison: a detector, or scores that somebody stored.
struct ComparedSide {
    private enum Source {
        case detector(any Detector)
        case stored([String: AttributeScores])
    }

    let name: String
    private let source: Source

    /// - Parameter reference: a detector (``DetectorReference``); `stored:` and a data set's name, whose labels
    ///   are then the scores; or a file of scored texts, also after `stored:`.
    init(_ reference: String, shelf: DetectorShelf, dataFolder: URL) throws {
        let marker = "stored:"
        let isMarked = reference.hasPrefix(marker)
        let place = isMarked ? String(reference.dropFirst(marker.count)) : reference
        if isMarked, let set = Datasets.named(place) {
            self.init(
                name: reference,
                rows: try set.read(from: dataFolder).elements.map { ($0.id, $0.labels) })
            return
        }
        var isFolder: ObjCBool = false
        let exists = FileManager.default.fileExists(atPath: place, isDirectory: &isFolder)
        if exists && !isFolder.boolValue {
            self.init(
                name: URL(fileURLWithPath: place).lastPathComponent,
                rows: try ScoredTextFile.read(path: place).elements.map { ($0.id, $0.scores) })
        } else if isMarked {
            throw WorkbenchError.noTexts(place, known: Datasets.all.map { $0.card.name }.sorted())
        } else {
            self.init(try shelf.load(reference))
        }
    }

    private init(_ detector: any Detector) {
        name = detector.identity.name
        source = .detector(detector)
    }

    private init(name: String, rows: [(id: String, scores: AttributeScores)]) {
        self.name = name
        source = .stored(Dictionary(rows) { first, _ in first })
    }

    /// The scores of the texts; stored ones are found by id.
    func scores(of texts: [LabelledText]) throws -> ScoredSide {
        switch source {
        case .detector(let detector): return try ScoredSide(detector, texts: texts.map(\.text))
        case .stored(let scores):
            return ScoredSide(
                name: name, identity: nil,
                scores: texts.map { text in scores[text.id].flatMap { $0.isEmpty ? nil : $0 } })
        }
    }
}
