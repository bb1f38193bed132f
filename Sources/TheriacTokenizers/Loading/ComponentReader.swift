/// Makes the components that a `tokenizer.json` names. A new kind is one line in its table and one file.
///
/// Whatever is not in a table is refused by name.
struct ComponentReader {
    /// The top level of the file, without `model`.
    let root: JSONNode

    typealias ReadModel = (vocabulary: Vocabulary, model: any TokenModel)
    typealias Read<Component> = @Sendable (JSONNode) throws(TokenizerError) -> Component

    static let models: [String: @Sendable (ModelFields) throws(TokenizerError) -> ReadModel] = [
        "BPE": { (fields) throws(TokenizerError) in try readPairEncoding(fields) },
        "Unigram": { (fields) throws(TokenizerError) in try Unigram.read(fields) },
        "WordLevel": { (fields) throws(TokenizerError) in try WordLevel.read(fields) },
        "WordPiece": { (fields) throws(TokenizerError) in try WordPiece.read(fields) },
    ]
    static let normalizers: [String: Read<any Normalizer>] = [
        "BertNormalizer": { (node) throws(TokenizerError) in try BertNormalizer(node) },
        "ByteLevel": { (_) throws(TokenizerError) in ByteLevelNormalizer() },
        "Lowercase": { (_) throws(TokenizerError) in LowercaseNormalizer() },
        "NFC": { (_) throws(TokenizerError) in UnicodeForm.canonicalComposed },
        "NFD": { (_) throws(TokenizerError) in UnicodeForm.canonicalDecomposed },
        "NFKC": { (_) throws(TokenizerError) in UnicodeForm.compatibilityComposed },
        "NFKD": { (_) throws(TokenizerError) in UnicodeForm.compatibilityDecomposed },
        "Nmt": { (_) throws(TokenizerError) in MachineTranslationCleaning() },
        "Precompiled": { (node) throws(TokenizerError) in try Precompiled(node) },
        "Prepend": { (node) throws(TokenizerError) in try Prepending(node) },
        "Replace": { (node) throws(TokenizerError) in try Replacement(node) },
        "Strip": { (node) throws(TokenizerError) in try SpaceStripping(node) },
        "StripAccents": { (_) throws(TokenizerError) in AccentStripping() },
    ]
    static let preTokenizers: [String: Read<any PreTokenizer>] = [
        "BertPreTokenizer": { (_) throws(TokenizerError) in BertPreTokenizer() },
        "ByteLevel": { (node) throws(TokenizerError) in try ByteLevelPreTokenizer(node) },
        "CharDelimiterSplit": { (node) throws(TokenizerError) in try ScalarSplit.delimiter(node) },
        "Digits": { (node) throws(TokenizerError) in try ScalarSplit.digits(node) },
        "FixedLength": { (node) throws(TokenizerError) in try FixedLengthSplit(node) },
        "Metaspace": { (node) throws(TokenizerError) in try MetaspacePreTokenizer(node) },
        "Punctuation": { (node) throws(TokenizerError) in try ScalarSplit.punctuation(node) },
        "Split": { (node) throws(TokenizerError) in try SplitPreTokenizer(node) },
        "UnicodeScripts": { (_) throws(TokenizerError) in ScriptSplit() },
        "Whitespace": { (_) throws(TokenizerError) in WordSplit() },
        "WhitespaceSplit": { (_) throws(TokenizerError) in ScalarSplit.whitespace },
    ]
    static let postProcessors:
        [String: @Sendable (JSONNode, Vocabulary) throws(TokenizerError) -> [any PostProcessor]] = [
            "BertProcessing": { (node, vocabulary) throws(TokenizerError) in
                [try TemplateProcessing.around(node, vocabulary)]
            },
            "ByteLevel": { (node, _) throws(TokenizerError) in try OffsetTrimming.read(node) },
            "RobertaProcessing": { (node, vocabulary) throws(TokenizerError) in
                try TemplateProcessing.trimming(node, vocabulary)
            },
            "TemplateProcessing": { (node, vocabulary) throws(TokenizerError) in
                [try TemplateProcessing(node, vocabulary)]
            },
        ]
    static let decoders: [String: Read<any DecodingStep>] = [
        "BPEDecoder": { (node) throws(TokenizerError) in try EndOfWordStep(node) },
        "ByteFallback": { (_) throws(TokenizerError) in ByteFallbackStep() },
        "ByteLevel": { (_) throws(TokenizerError) in ByteLevelStep() },
        "Fuse": { (_) throws(TokenizerError) in FusingStep() },
        "Metaspace": { (node) throws(TokenizerError) in try MetaspaceStep(node) },
        "Replace": { (node) throws(TokenizerError) in
            ReplacingStep(replacement: try Replacement(node))
        },
        "Strip": { (node) throws(TokenizerError) in try StrippingStep(node) },
        "WordPiece": { (node) throws(TokenizerError) in try WordPieceStep(node) },
    ]

    func normalizers() throws(TokenizerError) -> [any Normalizer] {
        try steps("normalizer", "normalizers", of: Self.normalizers)
    }

    func model(_ fields: ModelFields) throws(TokenizerError) -> ReadModel {
        let type = try fields.settings.field("type").optionalString() ?? "BPE"
        return try entry(type, of: Self.models, at: fields.settings)(fields)
    }

    func preTokenizers() throws(TokenizerError) -> [any PreTokenizer] {
        try steps("pre_tokenizer", "pretokenizers", of: Self.preTokenizers)
    }

    func postProcessors(_ vocabulary: Vocabulary) throws(TokenizerError) -> [any PostProcessor] {
        var processors: [any PostProcessor] = []
        for part in try flattened("post_processor", "processors") {
            let read = try entry(try part.field("type").string(), of: Self.postProcessors, at: part)
            processors += try read(part, vocabulary)
        }
        return processors
    }

    func decoder() throws(TokenizerError) -> any TokenDecoder {
        let steps = try steps("decoder", "decoders", of: Self.decoders)
        if steps.isEmpty { return BlankDecoder() }
        if steps.count == 1, steps[0] is ByteLevelStep { return ByteLevelDecoder() }
        return DecoderChain(steps: steps)
    }

    private func steps<Step>(
        _ name: String, _ list: String, of table: [String: Read<Step>]
    ) throws(TokenizerError) -> [Step] {
        var steps: [Step] = []
        for part in try flattened(name, list) {
            steps.append(try entry(try part.field("type").string(), of: table, at: part)(part))
        }
        return steps
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
