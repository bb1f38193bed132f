public import Foundation
public import TheriacCorpora
import TheriacFiles
import TheriacOptions

/// Says whether a text holds a word of a list: profanity and toxicity are 1 or 0.
///
/// Simple, fast and explainable, and the baseline that the others must beat. Matching is that of
/// ``WordList``.
public struct LexiconDetector: Detector {
    static let kind = "lexicon"

    public let identity: DetectorIdentity
    public let attributes: [Attribute] = [.toxicity, .profanity]
    let list: WordList

    /// `entries`: words and phrases; case does not matter.
    /// - Throws: ``DetectionError/wordList(reason:)`` when there is no entry, or one has no word.
    public init(name: String, version: String = "1.0.0", entries: [String]) throws {
        list = try WordList(entries)
        let hash = sha256(of: Data(entries.joined(separator: "\n").utf8))
        identity = DetectorIdentity(name: name, version: version, hash: hash)
    }

    /// Loads `detector.json` (`name`, `version`, `words`: the list's file) and the list: plain text with one
    /// entry a
    /// line, lines that begin with `#` left out; or JSON, a list of texts.
    /// - Throws: ``DetectionError`` saying what is wrong with which file.
    public init(folder: URL) throws {
        let file = folder.appending(path: "detector.json")
        guard FileManager.default.fileExists(atPath: file.path) else {
            throw DetectionError.notADetector(folder: folder.path, reason: "it has no detector.json")
        }
        let settings = try Settings(OptionValue(jsonFile: file), source: file.path)
        let entries = try Self.readEntries(folder.appending(path: settings.words))
        try self.init(name: settings.name, version: settings.version, entries: entries)
    }

    public func verdicts(for texts: [String]) -> [Verdict] {
        texts.map { text in
            guard let isFound = list.isFound(in: text) else { return .emptyText }
            return isFound ? Self.found : Self.clean
        }
    }

    private static let found = Verdict.scored([.toxicity: 1, .profanity: 1])
    private static let clean = Verdict.scored([.toxicity: 0, .profanity: 0])

    private struct Settings: Options {
        var name = "lexicon"
        var version = "1.0.0"
        var words = "words.txt"

        mutating func read(_ fields: inout OptionFields) throws(OptionsError) {
            _ = fields.value("kind")
            try fields.read("name", into: &name)
            try fields.read("version", into: &version)
            try fields.read("words", into: &words)
        }
    }

    private static func readEntries(_ file: URL) throws -> [String] {
        guard let data = FileManager.default.contents(atPath: file.path) else {
            throw DetectionError.wordList(reason: "'\(file.path)' is missing")
        }
        guard file.pathExtension == "json" else {
            guard let text = String(validating: data, as: UTF8.self) else {
                throw DetectionError.wordList(reason: "'\(file.path)' is not UTF-8")
            }
            return text.split(whereSeparator: \.isNewline)
                .map { $0.trimmingCharacters(in: .whitespaces) }
                .filter { !$0.isEmpty && !$0.hasPrefix("#") }
        }
        let value = try OptionValue(json: data, source: file.path)
        return try [String].read(value, path: "the list", source: file.path)
    }
}
