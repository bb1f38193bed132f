public import Foundation
import TheriacFiles

extension EvasionVocabulary {
    /// The lists that ship with the program: `detectors/lexicon/words.txt` (strong), `words/word-filter.txt` (weak) and
    /// `words/english-words.txt` under its assets.
    ///
    /// Read once.
    /// - Throws: ``DetectionError/wordList(reason:)`` when one of them is missing.
    public static func shipped() throws -> EvasionVocabulary { try cached.get() }

    /// The lists under another folder of assets.
    public convenience init(assets: URL) throws {
        try self.init(
            strong: Self.lines(assets.appending(path: "detectors/lexicon/words.txt")),
            weak: Self.lines(assets.appending(path: "words/word-filter.txt")),
            english: Self.lines(assets.appending(path: "words/english-words.txt")))
    }

    private static let cached = Result<EvasionVocabulary, any Error> {
        guard let folder = ShippedFiles.folder() else {
            throw DetectionError.wordList(
                reason: "the program's folder 'Assets' was not found; name it in THERIAC_ASSETS")
        }
        return try EvasionVocabulary(assets: folder)
    }

    private static func lines(_ file: URL) throws -> [String] {
        guard let data = FileManager.default.contents(atPath: file.path) else {
            throw DetectionError.wordList(reason: "'\(file.path)' is missing")
        }
        return data.withUnsafeBytes { bytes in
            bytes.split(separator: UInt8(ascii: "\n")).compactMap { line in
                let rest = line.drop { $0 <= 0x20 }
                guard let first = rest.first, first != UInt8(ascii: "#") else { return nil }
                var end = rest.endIndex
                while rest[end - 1] <= 0x20 { end -= 1 }
                return String(decoding: rest[..<end], as: UTF8.self)
            }
        }
    }
}
