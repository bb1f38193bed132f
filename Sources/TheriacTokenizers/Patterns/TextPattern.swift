/// What a `Split` or `Replace` looks for.
protocol TextPattern: Sendable {
    /// Calls `body` with each match in a piece, front to back, without overlap. The piece is all there is: what
    /// lies outside is not looked at.
    func forEachMatch(
        in piece: Range<Int>, of bytes: UnsafeBufferPointer<UInt8>, _ body: (Range<Int>) -> Void)
}

/// The patterns of `tokenizer.json`: `{"String": …}` or `{"Regex": …}`.
enum TextPatterns {
    /// Regular expressions that have a scanner of their own, by their source.
    static let scanners: [String: any TextPattern] = {
        var scanners: [String: any TextPattern] = [:]
        for source in GPT2Pattern.sources { scanners[source] = GPT2Pattern() }
        for pattern in WordPattern.all { scanners[pattern.source] = pattern }
        return scanners
    }()

    static func read(_ node: JSONNode) throws(TokenizerError) -> any TextPattern {
        if let text = try node.field("String").optionalString() {
            if text.isEmpty { throw node.unsupported("an empty text", ["a text", "a regular expression"]) }
            return LiteralPattern(text)
        }
        let source = try node.field("Regex").string()
        if let scanner = scanners[source] { return scanner }
        if let run = RunPattern(source) { return run }
        guard let pattern = ExpressionPattern(source) else {
            throw .invalidField(
                file: node.file, field: node.path,
                reason: "is not a regular expression that Theriac can read")
        }
        return pattern
    }
}
