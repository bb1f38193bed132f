import TheriacFiles

/// The part of a dataset a text belongs to.
public enum Split: String, Codable, Sendable, Hashable, CaseIterable {
    case train, valid, test

    /// The split of a text whose source names none: 80 % train, 10 % valid, 10 % test by the SHA-256 of its
    /// ``normalizedText(_:)``, so that equal texts share a split in every dataset.
    public init(hashOf text: String) {
        let digest = sha256(of: Array(normalizedText(text).utf8))
        switch (UInt64(digest.prefix(12), radix: 16) ?? 0) % 10 {
        case 8: self = .valid
        case 9: self = .test
        default: self = .train
        }
    }
}

/// `text` in lower case, with every run of white space as one blank and none at the ends. Texts that are
/// equal in this form count as the same text.
public func normalizedText(_ text: String) -> String {
    text.lowercased().split(whereSeparator: \.isWhitespace).joined(separator: " ")
}
