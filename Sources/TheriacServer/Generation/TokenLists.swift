internal import TheriacGeneration
internal import TheriacTokenizers

/// Tokens as JSON can hold them.
struct TokenNames: Sendable {
    let tokenizer: Tokenizer
    private let special: Set<Int32>

    init(_ tokenizer: Tokenizer) {
        self.tokenizer = tokenizer
        special = Set(tokenizer.specialTokens.map(\.id))
    }

    /// The token's text; of one that is part of a character its bytes, as `bytes:\xe2\x80`.
    func name(_ token: Int32) -> String {
        let bytes = tokenizer.tokenBytes(token)
        if let text = String(validating: bytes, as: UTF8.self) { return text }
        return "bytes:"
            + bytes.map { "\\x" + ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    /// Code points that a token adds to a text from which special tokens are left out, or not.
    func points(_ token: Int32, countingSpecial: Bool) -> Int {
        if special.contains(token), !countingSpecial { return 0 }
        return tokenizer.tokenBytes(token).count { $0 & 0xC0 != 0x80 }
    }
}

/// `logprobs` of `/v1/completions`: four lists over tokens.
struct TokenLists {
    struct Entry {
        var name: String
        /// nil for a prompt's first token.
        var logProbability: Float?
        var top: [(name: String, value: Float)]?
        /// Code points before it in the choice's text.
        var offset: Int
    }

    private(set) var entries: [Entry] = []
    private(set) var offset = 0

    /// - Parameter contentless: tokens at the beginning that the text does not show.
    mutating func add(
        prompt tokens: [Int32], _ values: [TokenLogProbability?], _ names: TokenNames, contentless: Int
    ) {
        for (place, token) in tokens.enumerated() {
            let value = place < values.count ? values[place] : nil
            entries.append(entry(token, value, names))
            if place >= contentless { offset += names.points(token, countingSpecial: true) }
        }
    }

    mutating func add(written values: [TokenLogProbability], _ names: TokenNames) {
        for value in values {
            entries.append(entry(value.token, value, names))
            offset += names.points(value.token, countingSpecial: false)
        }
    }

    private func entry(_ token: Int32, _ value: TokenLogProbability?, _ names: TokenNames) -> Entry {
        Entry(
            name: names.name(token), logProbability: value?.logProbability,
            top: value.map { Self.top($0, names) }, offset: offset)
    }

    /// The likeliest tokens, and the drawn one where it is not among them. Of two with one name the likelier counts.
    private static func top(_ value: TokenLogProbability, _ names: TokenNames) -> [(
        name: String, value: Float
    )] {
        var found: [(name: String, value: Float)] = []
        for entry in value.top {
            let name = names.name(entry.token)
            if !found.contains(where: { $0.name == name }) { found.append((name, entry.logProbability)) }
        }
        let own = names.name(value.token)
        if !found.contains(where: { $0.name == own }) { found.append((own, value.logProbability)) }
        return found
    }

    /// Drops the entries, which were written, and goes on counting behind them.
    mutating func forget() { entries = [] }

    func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("tokens", entries.map(\.name))
            writer.member("token_logprobs") { writer in
                writer.array { writer in
                    for entry in entries {
                        writer.element { writer in
                            if let value = entry.logProbability {
                                writer.logProbability(value)
                            } else {
                                writer.raw("null")
                            }
                        }
                    }
                }
            }
            writer.member("top_logprobs") { writer in
                writer.array { writer in
                    for entry in entries {
                        writer.element { writer in
                            guard let top = entry.top else { return writer.raw("null") }
                            writer.object { writer in
                                for (name, value) in top {
                                    writer.member(name) { $0.logProbability(value) }
                                }
                            }
                        }
                    }
                }
            }
            writer.member("text_offset") { writer in
                writer.array { writer in
                    for entry in entries { writer.element { $0.integer(entry.offset) } }
                }
            }
        }
    }
}

/// `logprobs.content[]` of `/v1/chat/completions`.
enum ChatTokens {
    static func write(_ values: [TokenLogProbability], _ names: TokenNames, to writer: inout JSONWriter) {
        func describe(_ token: Int32, _ value: Float, _ writer: inout JSONWriter) {
            writer.member("token", names.name(token))
            writer.member("bytes") { writer in
                writer.array { writer in
                    for byte in names.tokenizer.tokenBytes(token) { writer.element { $0.integer(Int(byte)) } }
                }
            }
            writer.member("logprob") { $0.logProbability(value) }
        }
        writer.object { writer in
            writer.member("content") { writer in
                writer.array { writer in
                    for value in values {
                        writer.element { writer in
                            writer.object { writer in
                                describe(value.token, value.logProbability, &writer)
                                writer.member("top_logprobs") { writer in
                                    writer.array { writer in
                                        for entry in value.top {
                                            writer.element {
                                                $0.object { describe(entry.token, entry.logProbability, &$0) }
                                            }
                                        }
                                    }
                                }
                            }
                        }
                    }
                }
            }
            writer.memberNull("refusal")
        }
    }
}

extension JSONWriter {
    /// A banned token's −∞, which JSON has no word for, is −9999 as elsewhere.
    fileprivate mutating func logProbability(_ value: Float) { number(max(value, -9999)) }
}
