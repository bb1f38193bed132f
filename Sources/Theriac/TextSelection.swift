public import Foundation
public import TheriacCorpora
internal import TheriacDetection

/// Which part of a data set is taken.
public enum SetPart: String, Sendable, CaseIterable {
    /// The test part; the validation part where there is none; everything of a set that is for tests only.
    case heldOut = "held-out"
    case train, valid, test, all
}

/// The texts a command works on, with labels where there are any: a file, or a public data set by name.
public struct TextSelection: Sendable {
    /// The file's or the set's name.
    public let name: String
    /// `test`, `valid`, `train`, `all` for data sets; `file` for a file.
    public let part: String
    public let texts: [LabelledText]
    /// Groups of each text; empty lists where none are known.
    public let groups: [[String]]
    /// Of a data set: its validation part, for choices that must not look at the test part.
    public let validation: [LabelledText]
    /// Lines that could not be read.
    public let problems: [String]

    /// - Parameters:
    ///   - source: a file (``ScoredTextFile``, or plain text) or the name of a set in ``Datasets/all``.
    ///   - dataFolder: where the sets are.
    ///   - part: of a set; a file is always taken whole.
    ///   - column: the field or column with the texts; `text` when nil.
    /// - Throws: ``WorkbenchError/noTexts(_:known:)`` when it is neither, or holds no text.
    public init(
        _ source: String, dataFolder: URL, part: SetPart = .heldOut, column: String? = nil
    ) throws {
        let isFile = FileManager.default.fileExists(atPath: source)
        if !isFile, let set = Datasets.named(source) {
            try self.init(set, dataFolder: dataFolder, part: part)
        } else {
            guard isFile || source == "-" else {
                throw WorkbenchError.noTexts(source, known: Datasets.all.map { $0.card.name }.sorted())
            }
            try self.init(file: source, column: column)
        }
    }

    /// A part of a data set.
    public init(_ set: any Dataset.Type, dataFolder: URL, part: SetPart = .heldOut) throws {
        let reading = try set.read(from: dataFolder)
        func texts(_ split: Split) -> [LabelledText] { reading.elements.filter { $0.split == split } }
        let chosen: (String, [LabelledText])
        switch part {
        case .heldOut where set.card.use == .testOnly: chosen = ("all", reading.elements)
        case .heldOut:
            let test = texts(.test)
            chosen = test.isEmpty ? ("valid", texts(.valid)) : ("test", test)
        case .all: chosen = ("all", reading.elements)
        case .train: chosen = ("train", texts(.train))
        case .valid: chosen = ("valid", texts(.valid))
        case .test: chosen = ("test", texts(.test))
        }
        guard !chosen.1.isEmpty else { throw WorkbenchError.noTexts(set.card.name, known: []) }
        name = set.card.name
        self.part = chosen.0
        self.texts = chosen.1
        groups = chosen.1.map { _ in [] }
        validation = chosen.0 == "test" ? texts(.valid) : []
        problems = reading.problems.map { "\(set.card.name): \($0)" }
    }

    private init(file: String, column: String?) throws {
        let reading = try ScoredTextFile.read(path: file, column: column)
        name = file == "-" ? "standard input" : URL(fileURLWithPath: file).lastPathComponent
        part = "file"
        let readable = reading.elements.filter { $0.text != nil }
        texts = readable.map {
            LabelledText(id: $0.id, text: $0.text ?? "", labels: $0.scores, dataset: file, split: nil)
        }
        groups = readable.map(\.groups)
        validation = []
        let textless = reading.elements.count - readable.count
        problems =
            reading.problems.map(\.description)
            + (textless > 0 ? ["\(textless) lines have no field '\(column ?? "text")'"] : [])
        guard !texts.isEmpty else { throw WorkbenchError.noTexts(file, known: []) }
    }

    /// As tables name it.
    public var title: String { part == "file" ? name : "\(name) (\(part))" }

    /// What a detector says of the texts beside their labels, of one attribute, without texts that have no label
    /// or no score.
    func scored(
        by side: ScoredSide, _ attribute: Attribute
    ) -> (scores: [Double], labels: [Bool], targets: [Double], groups: [[String]]) {
        var result = (scores: [Double](), labels: [Bool](), targets: [Double](), groups: [[String]]())
        for (row, text) in texts.enumerated() {
            guard let label = text.labels[attribute], let score = side.scores[row]?[attribute] else {
                continue
            }
            result.scores.append(Double(score))
            result.labels.append(label >= 0.5)
            result.targets.append(Double(label))
            result.groups.append(groups[row])
        }
        return result
    }
}
