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

/// Byte-pair encoding, on bytes or on scalars.
func readPairEncoding(_ fields: ModelFields) throws(TokenizerError) -> ComponentReader.ReadModel {
    let settings = fields.settings
    let dropout = try settings.field("dropout")
    guard [.null, .integer(0), .number(0)].contains(dropout.value) else {
        throw dropout.unsupported("set", ["null"])
    }
    let prefix = Array(try settings.field("continuing_subword_prefix").optionalString()?.utf8 ?? "".utf8)
    let suffix = Array(try settings.field("end_of_word_suffix").optionalString()?.utf8 ?? "".utf8)
    let fallsBack = try settings.field("byte_fallback").bool(default: false)
    let fusesUnknown = try settings.field("fuse_unk").bool(default: false)
    let ignoresMerges = try settings.field("ignore_merges").bool(default: false)
    let namesUnknown = try settings.field("unk_token").optionalString() != nil

    let vocabulary = try fields.readVocabulary()
    var merges = try fields.required(fields.merges, "merges")
    var reader = MergeReader(vocabulary: vocabulary, file: fields.file, prefixLength: prefix.count)
    try reader.read(&merges)

    if fields.piecesAreBytes, prefix.isEmpty, suffix.isEmpty, !fallsBack {
        var model = BytePairEncoding(vocabulary: vocabulary, merges: reader.table())
        model.fusesUnknown = fusesUnknown
        model.ignoresMerges = ignoresMerges
        model.unknown = try fields.unknown(
            in: vocabulary, isRequired: namesUnknown && !model.coversAllBytes)
        return (vocabulary, model)
    }
    var model = ScalarPairEncoding(vocabulary: vocabulary, merges: reader.table())
    (model.fusesUnknown, model.ignoresMerges) = (fusesUnknown, ignoresMerges)
    (model.continuingPrefix, model.endOfWordSuffix) = (prefix, suffix)
    model.unknown = try fields.unknown(in: vocabulary, isRequired: namesUnknown)
    model.byteTokens = fallsBack ? vocabulary.byteTokens : nil
    model.cutsAtBlanks =
        prefix.isEmpty && suffix.isEmpty && !ignoresMerges && vocabulary.id(of: Array("▁".utf8)) != nil
        && !reader.joinedTokens.contains { vocabulary.hasInnerBlank($0) }
    return (vocabulary, model)
}

extension Vocabulary {
    /// Whether `▁` follows anything else in a token.
    fileprivate func hasInnerBlank(_ id: Int32) -> Bool {
        let scalars = String(decoding: content(id), as: UTF8.self).unicodeScalars
        return zip(scalars, scalars.dropFirst()).contains { $0 != "▁" && $1 == "▁" }
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
