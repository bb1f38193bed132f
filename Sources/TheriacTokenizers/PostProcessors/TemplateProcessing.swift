/// Puts special tokens before and after a text.
struct TemplateProcessing: PostProcessor {
    /// A token put in: its id and the white space in its content.
    typealias Inserted = (id: Int32, margins: TokenSequence.Margins)
    var before: [Inserted]
    var after: [Inserted]

    func process(_ tokens: inout TokenSequence, addingSpecialTokens: Bool) {
        guard addingSpecialTokens else { return }
        tokens.ids = before.map(\.id) + tokens.ids + after.map(\.id)
        guard tokens.collectsRanges else { return }
        tokens.ranges = before.map { _ in 0..<0 } + tokens.ranges + after.map { _ in 0..<0 }
        tokens.margins = before.map(\.margins) + tokens.margins + after.map(\.margins)
    }
}

extension TemplateProcessing {
    init(_ node: JSONNode, _ vocabulary: Vocabulary) throws(TokenizerError) {
        var parts: [[Inserted]] = [[]]
        for piece in try node.field("single").elements() {
            let sequence = try piece.field("Sequence")
            if !sequence.isNull {
                guard try sequence.field("id").string() == "A", parts.count == 1 else {
                    throw sequence.unsupported("a second text", ["one text, A"])
                }
                parts.append([])
                continue
            }
            let name = try piece.field("SpecialToken").field("id").string()
            let ids = try node.field("special_tokens").field(name).field("ids").elements()
            if ids.isEmpty { throw piece.wrongType("a token that special_tokens gives ids") }
            for id in ids {
                let id = try id.tokenID(below: vocabulary.count)
                parts[parts.count - 1].append((id, vocabulary.margins(of: id)))
            }
        }
        guard parts.count == 2 else {
            throw try node.field("single").unsupported("a template without a text", ["one text, A"])
        }
        self.init(before: parts[0], after: parts[1])
    }
}
