public import Foundation

/// Keys in a text file, one a line: a label without blanks, the secret's SHA-256 in hexadecimal, and possibly how many
/// requests a minute it may make and the word `operator`. Empty lines and those that begin with `#` are passed over.
extension KeyRing {
    /// - Throws: ``AuditError/keyFile(_:line:reason:)``.
    public init(file: URL) throws {
        guard let text = try? String(contentsOf: file, encoding: .utf8) else {
            throw AuditError.keyFile(file.path, line: 0, reason: "the file cannot be read")
        }
        var entries: [(hash: String, key: ServiceKey)] = []
        for (number, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
            .enumerated()
        {
            let words = line.split { $0 == " " || $0 == "\t" || $0 == "\r" }.map(String.init)
            guard let first = words.first, !first.hasPrefix("#") else { continue }
            do throws(LineProblem) {
                let entry = try Self.entry(words)
                guard !entries.contains(where: { $0.key.label == first }) else {
                    throw LineProblem(reason: "the label appears twice")
                }
                entries.append(entry)
            } catch {
                throw AuditError.keyFile(file.path, line: number + 1, reason: error.reason)
            }
        }
        guard !entries.isEmpty else {
            throw AuditError.keyFile(file.path, line: 0, reason: "it holds no key")
        }
        self.init(entries)
    }

    /// A new key with its line for the file.
    public static func makeLine(
        label: String, role: ServiceKey.Role = .client
    ) -> (secret: String, line: String) {
        let secret = ServiceKey.makeSecret()
        let word = role == .operator ? " operator" : ""
        return (secret, "\(label) \(ServiceKey.hash(of: secret))\(word)")
    }

    private struct LineProblem: Error { var reason: String }

    private static func entry(_ words: [String]) throws(LineProblem) -> (hash: String, key: ServiceKey) {
        guard (2...4).contains(words.count) else {
            throw LineProblem(
                reason:
                    "a line holds a label, a SHA-256, and possibly requests a minute and the word operator")
        }
        let hash = words[1].lowercased()
        guard hash.utf8.count == 64, hash.allSatisfy(\.isHexDigit) else {
            throw LineProblem(reason: "the second word is not a SHA-256 of 64 hexadecimal digits")
        }
        var key = ServiceKey(label: words[0])
        for word in words.dropFirst(2) {
            if word == ServiceKey.Role.operator.rawValue {
                key.role = .operator
            } else if let limit = Int(word), limit > 0, key.perMinute == nil {
                key.perMinute = limit
            } else {
                throw LineProblem(reason: "requests a minute are one whole number from 1 on")
            }
        }
        return (hash, key)
    }
}
