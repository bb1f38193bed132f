extension TemplateProcessing {
    /// One token before and one after a text (`BertProcessing`, `RobertaProcessing`).
    static func around(
        _ node: JSONNode, _ vocabulary: Vocabulary
    ) throws(TokenizerError) -> TemplateProcessing {
        TemplateProcessing(
            before: [try inserted(try node.field("cls"), vocabulary)],
            after: [try inserted(try node.field("sep"), vocabulary)])
    }

    /// `RobertaProcessing`: trims offsets as byte-level tokenizers do, then the same.
    static func trimming(
        _ node: JSONNode, _ vocabulary: Vocabulary
    ) throws(TokenizerError) -> [any PostProcessor] {
        let trimming: [any PostProcessor] = try OffsetTrimming.read(node)
        return trimming + [try around(node, vocabulary)]
    }

    /// A token as these two write it: its content and its id.
    private static func inserted(
        _ node: JSONNode, _ vocabulary: Vocabulary
    ) throws(TokenizerError) -> Inserted {
        let parts = try node.elements()
        guard parts.count == 2 else { throw node.wrongType("a token and its id") }
        let id = try parts[1].tokenID(below: vocabulary.count)
        return (id, vocabulary.margins(of: id))
    }
}
