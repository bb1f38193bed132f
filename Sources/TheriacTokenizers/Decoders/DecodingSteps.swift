/// Joins all tokens to one (`Fuse`).
struct FusingStep: DecodingStep {
    func apply(to tokens: inout [[UInt8]]) { tokens = [Array(tokens.joined())] }
}

/// Takes a character off the ends of every token (`Strip`).
struct StrippingStep: DecodingStep {
    var content: [UInt8]
    /// The most characters taken off in front.
    var start: Int
    /// The most characters taken off behind.
    var stop: Int

    init(_ node: JSONNode) throws(TokenizerError) {
        content = []
        UTF8Scalar.append(try node.field("content").scalar(), to: &content)
        start = try node.field("start").integer()
        stop = try node.field("stop").integer()
    }

    func apply(to tokens: inout [[UInt8]]) {
        for index in tokens.indices {
            var token = tokens[index][...]
            var count = 0
            while count < start, token.starts(with: content) {
                token = token.dropFirst(content.count)
                count += 1
            }
            count = 0
            while count < stop, token.suffix(content.count).elementsEqual(content) {
                token = token.dropLast(content.count)
                count += 1
            }
            tokens[index] = Array(token)
        }
    }
}

/// Replaces what a pattern matches within every token (`Replace`).
struct ReplacingStep: DecodingStep {
    var replacement: Replacement

    func apply(to tokens: inout [[UInt8]]) {
        for index in tokens.indices { replacement.apply(to: &tokens[index]) }
    }
}

/// Turns the mark of a word's end into a blank, but for the last token (`BPEDecoder`).
struct EndOfWordStep: DecodingStep {
    var suffix: [UInt8]

    init(_ node: JSONNode) throws(TokenizerError) {
        suffix = Array(try node.field("suffix").optionalString()?.utf8 ?? "</w>".utf8)
    }

    func apply(to tokens: inout [[UInt8]]) {
        for index in tokens.indices {
            tokens[index].replaceAll(suffix, with: index == tokens.count - 1 ? [] : [0x20])
        }
    }
}

/// Turns `▁` into blanks, and takes out those of the first token when encoding put one there (`Metaspace`).
struct MetaspaceStep: DecodingStep {
    var replacement: [UInt8]
    var takesFirst: Bool

    init(_ node: JSONNode) throws(TokenizerError) {
        replacement = []
        UTF8Scalar.append(try node.field("replacement").scalar(), to: &replacement)
        takesFirst = try MetaspacePreTokenizer.prepending(node) != .never
    }

    func apply(to tokens: inout [[UInt8]]) {
        for index in tokens.indices {
            tokens[index].replaceAll(replacement, with: index == 0 && takesFirst ? [] : [0x20])
        }
    }
}
