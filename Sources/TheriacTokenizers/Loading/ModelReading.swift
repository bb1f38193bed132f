extension ModelFields {
    /// The tokens of `vocab`, an object of ids.
    func readVocabulary() throws(TokenizerError) -> Vocabulary {
        var tokens = try required(vocabulary, "vocab")
        var reader = VocabularyReader()
        try reader.read(&tokens)
        return try reader.vocabulary(file: file)
    }

    /// The id of the unknown token, nil when none is named.
    func unknown(in vocabulary: Vocabulary, isRequired: Bool) throws(TokenizerError) -> Int32? {
        let node = try settings.field("unk_token")
        guard let content = try node.optionalString() else {
            if isRequired { throw node.wrongType("a string") }
            return nil
        }
        let id = vocabulary.id(of: Array(content.utf8))
        guard id != nil || !isRequired else {
            throw .invalidField(file: file, field: node.path, reason: "is not in the vocabulary")
        }
        return id
    }
}

extension BytePairEncoding {
    static func read(_ fields: ModelFields) throws(TokenizerError) -> ComponentReader.ReadModel {
        let settings = fields.settings
        for name in ["continuing_subword_prefix", "end_of_word_suffix"] {
            let node = try settings.field(name)
            if let text = try node.optionalString(), !text.isEmpty {
                throw node.unsupported("set", ["empty"])
            }
        }
        let dropout = try settings.field("dropout")
        guard [.null, .integer(0), .number(0)].contains(dropout.value) else {
            throw dropout.unsupported("set", ["null"])
        }
        let fallback = try settings.field("byte_fallback")
        if try fallback.bool(default: false) { throw fallback.unsupported("true", ["false"]) }

        let vocabulary = try fields.readVocabulary()
        var merges = try fields.required(fields.merges, "merges")
        var mergeReader = MergeReader(vocabulary: vocabulary, file: fields.file)
        try mergeReader.read(&merges)
        var model = BytePairEncoding(vocabulary: vocabulary, merges: mergeReader.table())
        model.fusesUnknown = try settings.field("fuse_unk").bool(default: false)
        model.ignoresMerges = try settings.field("ignore_merges").bool(default: false)
        let named = try settings.field("unk_token").optionalString() != nil
        model.unknown = try fields.unknown(in: vocabulary, isRequired: named && !model.coversAllBytes)
        return (vocabulary, model)
    }
}

extension WordPiece {
    static func read(_ fields: ModelFields) throws(TokenizerError) -> ComponentReader.ReadModel {
        let settings = fields.settings
        let vocabulary = try fields.readVocabulary()
        let unknown = try fields.unknown(in: vocabulary, isRequired: true) ?? 0
        let prefix = try settings.field("continuing_subword_prefix").optionalString() ?? "##"
        var model = WordPiece(
            vocabulary: vocabulary, unknown: unknown, continuingPrefix: Array(prefix.utf8))
        let longest = try settings.field("max_input_chars_per_word")
        if !longest.isNull { model.longestWord = try longest.integer() }
        return (vocabulary, model)
    }
}
