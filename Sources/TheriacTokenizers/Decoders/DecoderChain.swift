/// Rewrites the contents of tokens on their way to text.
protocol DecodingStep: Sendable {
    func apply(to tokens: inout [[UInt8]])
}

/// Takes the contents of the tokens through steps, then joins them.
struct DecoderChain: TokenDecoder {
    var steps: [any DecodingStep]

    func text(of ids: [Int32], in vocabulary: Vocabulary) -> String {
        String(decoding: bytes(of: ids.map { Array(vocabulary.content($0)) }), as: UTF8.self)
    }

    /// What the token adds when it follows another one.
    func bytes(of id: Int32, in vocabulary: Vocabulary) -> [UInt8] {
        let content = Array(vocabulary.content(id))
        if steps.contains(where: { $0 is ByteFallbackStep }), let byte = ByteFallbackStep.byte(of: content) {
            return [byte]
        }
        let before = Array("a".utf8)
        let both = bytes(of: [before, content])
        return both.starts(with: before) ? Array(both.dropFirst(before.count)) : content
    }

    private func bytes(of contents: [[UInt8]]) -> [UInt8] {
        if contents.isEmpty { return [] }
        var tokens = contents
        for step in steps { step.apply(to: &tokens) }
        return Array(tokens.joined())
    }
}
