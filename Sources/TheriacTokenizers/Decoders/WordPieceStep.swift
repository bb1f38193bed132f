/// Joins words of which the later pieces begin with a prefix, with blanks between words.
struct WordPieceStep: DecodingStep {
    var prefix = Array("##".utf8)
    /// Whether blanks before punctuation and around English contractions go.
    var cleansUp = true

    init(_ node: JSONNode) throws(TokenizerError) {
        prefix = Array(try node.field("prefix").string().utf8)
        cleansUp = try node.field("cleanup").bool(default: true)
    }

    func apply(to tokens: inout [[UInt8]]) {
        for index in tokens.indices {
            if index > 0 {
                if tokens[index].starts(with: prefix) {
                    tokens[index].removeFirst(prefix.count)
                } else {
                    tokens[index].insert(0x20, at: 0)
                }
            }
            if cleansUp { Self.cleanUp(&tokens[index]) }
        }
    }

    /// In this order. Source: `clean_up_tokenization` of transformers, in which "do not" is shortened too.
    private static let replacements = [
        (" .", "."), (" ?", "?"), (" !", "!"), (" ,", ","), (" ' ", "'"), (" n't", "n't"), (" 'm", "'m"),
        (" do not", " don't"), (" 's", "'s"), (" 've", "'ve"), (" 're", "'re"),
    ].map { (Array($0.utf8), Array($1.utf8)) }

    private static func cleanUp(_ token: inout [UInt8]) {
        guard token.contains(0x20) else { return }
        for (old, new) in replacements { token.replaceAll(old, with: new) }
    }
}

extension [UInt8] {
    /// Replaces every occurrence of `old`, from the front, without overlap.
    mutating func replaceAll(_ old: [UInt8], with new: [UInt8]) {
        guard let first = old.first, count >= old.count else { return }
        var result: [UInt8] = []
        var position = 0
        while position < count {
            if self[position] == first, self[position...].starts(with: old) {
                result.append(contentsOf: new)
                position += old.count
            } else {
                result.append(self[position])
                position += 1
            }
        }
        self = result
    }
}
