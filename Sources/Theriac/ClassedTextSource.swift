public import Foundation
internal import TheriacCorpora
public import TheriacDetection
public import TheriacDetox

/// Where texts of both classes come from: some places and a detector or labels, or two files.
public struct ClassedTextSource: Sendable {
    /// Of a data set.
    public var part = SetPart.train
    /// The field or column of a file that holds the text; `text` when nil.
    public var column: String?
    public var toxicFrom = 0.5
    /// Texts between the two are left out.
    public var nontoxicTo = 0.1
    /// The most texts of each class, evenly spread; 0 for all.
    public var limit = 0

    public init() {}

    /// - Parameters:
    ///   - texts: files, or data sets by name, at least one.
    ///   - detector: tells the texts apart, which need no labels then; nil goes by their labels. Texts without a score or
    ///     label are left out.
    /// - Throws: ``WorkbenchError/noTexts(_:known:)``, ``WorkbenchError/noLabels(_:what:)``.
    public func read(
        _ texts: [String], dataFolder: URL, detector: (any Detector)?, _ report: (Stage) -> Void = { _ in }
    ) throws -> ClassedTexts {
        let found = try texts.flatMap {
            try TextSelection($0, dataFolder: dataFolder, part: part, column: column).texts
        }
        var scores: [Float?]?
        if let detector { scores = try self.scores(of: found.map(\.text), by: detector, report) }
        var result = ClassedTexts(nontoxic: [], toxic: [], labeller: detector?.identity)
        for (place, text) in found.enumerated() {
            guard let toxicity = scores.map({ $0[place] }) ?? text.labels[.toxicity] else { continue }
            if Double(toxicity) >= toxicFrom {
                result.toxic.append(text.text)
            } else if Double(toxicity) <= nontoxicTo {
                result.nontoxic.append(text.text)
            }
        }
        guard !result.toxic.isEmpty, !result.nontoxic.isEmpty else {
            throw WorkbenchError.noLabels(
                texts.joined(separator: ", "), what: "toxicity on both sides of the thresholds")
        }
        return limited(result)
    }

    /// - Parameters: two files of texts, each of one class.
    public func read(nontoxic: String, toxic: String) throws -> ClassedTexts {
        func texts(_ path: String) throws -> [String] {
            let found = try TextFile.read(path: path, column: column).elements.map(\.text)
            guard !found.isEmpty else { throw WorkbenchError.noTexts(path, known: []) }
            return found
        }
        return limited(ClassedTexts(nontoxic: try texts(nontoxic), toxic: try texts(toxic)))
    }

    private func scores(
        of texts: [String], by detector: any Detector, _ report: (Stage) -> Void
    ) throws -> [Float?] {
        var scores: [Float?] = []
        while scores.count < texts.count {
            let next = texts[scores.count..<min(scores.count + 512, texts.count)]
            scores += try detector.verdicts(for: Array(next)).map(\.toxicity)
            report(Stage("telling texts apart", done: scores.count, total: texts.count))
        }
        return scores
    }

    private func limited(_ texts: ClassedTexts) -> ClassedTexts {
        func spread(_ all: [String]) -> [String] {
            guard limit > 0, all.count > limit else { return all }
            return (0..<limit).map { all[$0 * all.count / limit] }
        }
        var result = texts
        result.nontoxic = spread(texts.nontoxic)
        result.toxic = spread(texts.toxic)
        return result
    }
}
