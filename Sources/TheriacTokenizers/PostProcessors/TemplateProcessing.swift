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
