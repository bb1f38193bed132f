public import Foundation
internal import TheriacFiles

/// The keys that callers may show, by their hashes alone.
public struct KeyRing: Sendable {
    /// One key that is let in.
    public struct Entry: Sendable, Equatable {
        /// Stands in metrics of use and in the store instead of the key.
        public var id: String
        /// SHA-256 of the key's UTF-8.
        public var hash: [UInt8]
        /// Requests a minute; nil for what the settings say.
        public var perMinute: Int?

        /// - Parameter hash: 64 hexadecimal digits; nil comes back when it is none.
        public init?(id: String, hash: String, perMinute: Int? = nil) {
            guard let bytes = Self.bytes(hash) else { return nil }
            self.id = id
            self.hash = bytes
            self.perMinute = perMinute
        }

        private static func bytes(_ text: String) -> [UInt8]? {
            let digits = text.utf8.compactMap { Character(Unicode.Scalar($0)).hexDigitValue }
            guard text.utf8.count == 64, digits.count == 64 else { return nil }
            return stride(from: 0, to: 64, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
        }
    }

    private let entries: [Entry]

    /// No entries: nobody is asked for a key.
    public init(_ entries: [Entry] = []) { self.entries = entries }

    public var isEmpty: Bool { entries.isEmpty }
    public var count: Int { entries.count }

    /// Reads a file with one key a line: an id, the key's SHA-256 in hexadecimal, and possibly how many requests a
    /// minute it may make. Empty lines and those that begin with `#` are passed over.
    ///
    /// - Throws: ``ServerSettingsError/keys(file:line:reason:)``.
    public init(file: URL) throws {
        guard let text = try? String(contentsOf: file, encoding: .utf8) else {
            throw ServerSettingsError.keys(file: file.path, line: 0, reason: "the file cannot be read")
        }
        var entries: [Entry] = []
        for (number, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
            .enumerated()
        {
            let words = line.split { $0 == " " || $0 == "\t" || $0 == "\r" }.map(String.init)
            guard let first = words.first, !first.hasPrefix("#") else { continue }
            func refused(_ reason: String) -> ServerSettingsError {
                .keys(file: file.path, line: number + 1, reason: reason)
            }
            guard (2...3).contains(words.count) else {
                throw refused("a line holds an id, a SHA-256, and possibly requests a minute")
            }
            let limit = words.count == 3 ? Int(words[2]) : nil
            guard words.count == 2 || (limit ?? 0) > 0 else {
                throw refused("requests a minute are a whole number from 1 on")
            }
            guard let entry = Entry(id: first, hash: words[1], perMinute: limit) else {
                throw refused("the second word is not a SHA-256 of 64 hexadecimal digits")
            }
            guard !entries.contains(where: { $0.id == first }) else { throw refused("the id appears twice") }
            entries.append(entry)
        }
        guard !entries.isEmpty else {
            throw ServerSettingsError.keys(file: file.path, line: 0, reason: "it holds no key")
        }
        self.entries = entries
    }

    /// The entry of a key; nil when it is not let in. Takes the same time whichever key it is, and whether or not it is one.
    public func entry(of key: String) -> Entry? {
        guard let wanted = Entry(id: "", hash: sha256(of: Data(key.utf8)))?.hash else { return nil }
        var found: Int?
        for (place, entry) in entries.enumerated() {
            var difference: UInt8 = 0
            for (one, other) in zip(entry.hash, wanted) { difference |= one ^ other }
            found = difference == 0 ? place : found
        }
        return found.map { entries[$0] }
    }

    /// A new key with its line for the file.
    public static func make(id: String) -> (key: String, line: String) {
        var generator = SystemRandomNumberGenerator()
        let letters = Array("ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789")
        let key = "th-" + String((0..<40).map { _ in letters.randomElement(using: &generator) ?? "x" })
        return (key, "\(id) \(sha256(of: Data(key.utf8)))")
    }
}
