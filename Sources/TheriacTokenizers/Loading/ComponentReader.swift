/// Makes the components that a `tokenizer.json` names. A new kind is one line in its table and one file.
///
/// Whatever is not in a table is refused by name.
struct ComponentReader {
    /// The top level of the file, without `model`.
    let root: JSONNode

    typealias ReadModel = (vocabulary: Vocabulary, model: any TokenModel)

    static let models: [String: @Sendable (ModelFields) throws(TokenizerError) -> ReadModel] = [
        "BPE": readBytePairEncoding
    ]
    static let preTokenizers: [String: @Sendable (JSONNode) throws(TokenizerError) -> any PreTokenizer] = [
        "ByteLevel": readByteLevelPreTokenizer
    ]
    static let postProcessors:
        [String: @Sendable (JSONNode, Vocabulary) throws(TokenizerError) -> (any PostProcessor)?] = [
            "ByteLevel": readOffsetTrimming, "TemplateProcessing": readTemplateProcessing,
        ]
    static let decoders: [String: @Sendable (JSONNode) throws(TokenizerError) -> any TokenDecoder] = [
        "ByteLevel": { (_) throws(TokenizerError) in ByteLevelDecoder() }
    ]

    func checkNormalizer() throws(TokenizerError) {
        for part in try flattened("normalizer", "normalizers") {
            throw part.unsupported(try part.field("type").string(), [])
        }
    }

    func model(_ fields: ModelFields) throws(TokenizerError) -> ReadModel {
        let type = try fields.settings.field("type").optionalString() ?? "BPE"
        return try entry(type, of: Self.models, at: fields.settings)(fields)
    }

    func preTokenizer() throws(TokenizerError) -> any PreTokenizer {
        let parts = try flattened("pre_tokenizer", "pretokenizers")
        // Byte-level models need their bytes mapped exactly once.
        guard parts.count == 1 else {
            throw try root.field("pre_tokenizer").unsupported("\(parts.count) steps", ["one step, ByteLevel"])
        }
        return try entry(try parts[0].field("type").string(), of: Self.preTokenizers, at: parts[0])(parts[0])
    }

    func postProcessors(_ vocabulary: Vocabulary) throws(TokenizerError) -> [any PostProcessor] {
        var processors: [any PostProcessor] = []
        for part in try flattened("post_processor", "processors") {
            let read = try entry(try part.field("type").string(), of: Self.postProcessors, at: part)
            if let processor = try read(part, vocabulary) { processors.append(processor) }
        }
        return processors
    }

    func decoder() throws(TokenizerError) -> any TokenDecoder {
        let parts = try flattened("decoder", "decoders")
        guard let part = parts.first else { return BlankDecoder() }
        guard parts.count == 1 else {
            throw try root.field("decoder").unsupported("\(parts.count) steps", ["one step, ByteLevel"])
        }
        return try entry(try part.field("type").string(), of: Self.decoders, at: part)(part)
    }

    /// The steps of a component: none when null, those within when it is a `Sequence`, else itself.
    private func flattened(_ name: String, _ list: String) throws(TokenizerError) -> [JSONNode] {
        func steps(_ node: JSONNode) throws(TokenizerError) -> [JSONNode] {
            guard try node.field("type").string() == "Sequence" else { return [node] }
            var all: [JSONNode] = []
            for part in try node.field(list).elements() { all += try steps(part) }
            return all
        }
        let node = try root.field(name)
        return node.isNull ? [] : try steps(node)
    }

    private func entry<Reader>(
        _ type: String, of table: [String: Reader], at node: JSONNode
    ) throws(TokenizerError) -> Reader {
        guard let reader = table[type] else { throw node.unsupported(type, table.keys.sorted()) }
        return reader
    }
}

@Sendable
private func readByteLevelPreTokenizer(_ node: JSONNode) throws(TokenizerError) -> any PreTokenizer {
    ByteLevelPreTokenizer(
        addsPrefixSpace: try node.field("add_prefix_space").bool(default: true),
        usesPattern: try node.field("use_regex").bool(default: true))
}

@Sendable
private func readOffsetTrimming(_ node: JSONNode, _: Vocabulary) throws(TokenizerError) -> (
    any PostProcessor
)? {
    guard try node.field("trim_offsets").bool(default: true) else { return nil }
    return OffsetTrimming(addsPrefixSpace: try node.field("add_prefix_space").bool(default: true))
}

@Sendable
private func readTemplateProcessing(
    _ node: JSONNode, _ vocabulary: Vocabulary
) throws(TokenizerError) -> (any PostProcessor)? {
    var parts: [[TemplateProcessing.Inserted]] = [[]]
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
    return TemplateProcessing(before: parts[0], after: parts[1])
}

@Sendable
private func readBytePairEncoding(_ fields: ModelFields) throws(TokenizerError) -> ComponentReader.ReadModel {
    let settings = fields.settings
    for name in ["continuing_subword_prefix", "end_of_word_suffix"] {
        let node = try settings.field(name)
        if let text = try node.optionalString(), !text.isEmpty { throw node.unsupported("set", ["empty"]) }
    }
    let dropout = try settings.field("dropout")
    guard [.null, .integer(0), .number(0)].contains(dropout.value) else {
        throw dropout.unsupported("set", ["null"])
    }
    let fallback = try settings.field("byte_fallback")
    if try fallback.bool(default: false) { throw fallback.unsupported("true", ["false"]) }

    var tokens = try fields.required(fields.vocabulary, "vocab")
    var vocabularyReader = VocabularyReader()
    try vocabularyReader.read(&tokens)
    let vocabulary = try vocabularyReader.vocabulary(file: fields.file)
    var merges = try fields.required(fields.merges, "merges")
    var mergeReader = MergeReader(vocabulary: vocabulary, file: fields.file)
    try mergeReader.read(&merges)

    var model = BytePairEncoding(vocabulary: vocabulary, merges: mergeReader.table())
    model.fusesUnknown = try settings.field("fuse_unk").bool(default: false)
    model.ignoresMerges = try settings.field("ignore_merges").bool(default: false)
    let unknown = try settings.field("unk_token")
    if let content = try unknown.optionalString() {
        model.unknown = vocabulary.id(of: Array(content.utf8))
        guard model.unknown != nil || model.coversAllBytes else {
            throw .invalidField(file: fields.file, field: unknown.path, reason: "is not in the vocabulary")
        }
    }
    return (vocabulary, model)
}
