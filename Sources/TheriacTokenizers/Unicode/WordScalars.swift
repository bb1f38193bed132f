extension Unicode.Scalar {
    /// Whether `\w` matches, by Unicode Technical Standard 18: alphabetic, mark, decimal number, connector or
    /// joiner.
    var isWordScalar: Bool {
        guard isKnownToReference else { return false }
        if properties.isAlphabetic || properties.isJoinControl { return true }
        return switch properties.generalCategory {
        case .nonspacingMark, .spacingMark, .enclosingMark, .decimalNumber, .connectorPunctuation: true
        default: false
        }
    }
}
