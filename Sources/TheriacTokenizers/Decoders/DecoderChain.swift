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
        let both = bytes(of: [Self.letter, content])
        return both.starts(with: Self.letter) ? Array(both.dropFirst(Self.letter.count)) : content
    }

    func running() -> any RunningDecoding { RunningChain(self) }

    /// A token that no usual step changes, and that ends what began before it.
    private static let letter = Array("a".utf8)

    /// What the contents add behind another token.
    func bytes(following contents: [[UInt8]]) -> [UInt8] {
        Array(bytes(of: [Self.letter] + contents).dropFirst(Self.letter.count))
    }

    /// Whether the text of tokens in a row is the text of the first ones, and ``bytes(following:)`` of the rest, wherever no
    /// run of byte tokens is cut and something is left of the first ones.
    var isSeparable: Bool {
        guard bytes(of: [Self.letter]) == Self.letter else { return false }
        var isFused = false
        for step in steps {
            switch step {
            case is FusingStep: isFused = true
            case let step as StrippingStep: if isFused, step.stop > 0 { return false }
            case is ReplacingStep, is MetaspaceStep, is WordPieceStep, is ByteFallbackStep:
                if isFused { return false }
            default: return false
            }
        }
        return true
    }

    /// Whether a token stands for a byte when it comes to the step that joins these.
    func isByte(_ id: Int32, in vocabulary: Vocabulary) -> Bool {
        var tokens = [Self.letter, Array(vocabulary.content(id))]
        for step in steps {
            if step is ByteFallbackStep { break }
            step.apply(to: &tokens)
        }
        return tokens.last.flatMap { ByteFallbackStep.byte(of: $0) } != nil
    }

    func bytes(of contents: [[UInt8]]) -> [UInt8] {
        if contents.isEmpty { return [] }
        var tokens = contents
        for step in steps { step.apply(to: &tokens) }
        return Array(tokens.joined())
    }
}
