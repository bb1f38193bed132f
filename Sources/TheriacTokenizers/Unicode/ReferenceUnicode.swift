/// Which version of Unicode each part of the Rust library `tokenizers` (0.23) has.
///
/// The standard library may be newer (Swift 6.3 has 17.0). Scalars that came later are unassigned there, and
/// must be here, or ids would differ. A comparison of all scalars finds no differences but those written down
/// where they matter; the parity tests repeat it.
enum ReferenceUnicode {
    /// Regular expressions: `\p{L}`, `\w`.
    static let patterns = 16
    /// General categories in BertNormalizer, BertPreTokenizer and Punctuation.
    static let categories = 8
    /// NFC, NFD, NFKC, NFKD and StripAccents.
    static let normalization = 9
}

extension Unicode.Scalar {
    /// Whether the patterns of the reference know this scalar.
    var isKnownToReference: Bool { isKnown(to: ReferenceUnicode.patterns) }

    /// Whether a version of Unicode, given by its first number, has this scalar.
    func isKnown(to version: Int) -> Bool {
        guard let age = properties.age else { return true }
        return age.major <= version
    }
}
