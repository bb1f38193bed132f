/// Reads `vocab.json` and `merges.txt`, GPT-2's original files, with the special tokens of the files around
/// them.
struct VocabularyFiles {
    let vocabulary: [UInt8]
    let merges: [UInt8]
    /// `tokenizer_config.json` and `special_tokens_map.json`, when there are any.
    let settings: JSONNode?
    let specialTokens: JSONNode?

    func read() throws(TokenizerError) -> TokenizerParts {
        var vocabularyReader = VocabularyReader()
        try withBytes(of: vocabulary, file: "vocab.json") { (reader) throws(TokenizerError) in
            try vocabularyReader.read(&reader)
            try reader.expectEnd()
        }
        let tokens = try vocabularyReader.vocabulary(file: "vocab.json")
        var mergeReader = MergeReader(vocabulary: tokens, file: "merges.txt")
        for line in merges.split(separator: 0x0A) {
            let line = line.last == 0x0D ? line.dropLast() : line
            if !line.isEmpty { try mergeReader.add(line: Array(line)) }
        }
        var model = BytePairEncoding(vocabulary: tokens, merges: mergeReader.table())
        if let unknown = try content(of: "unk_token") { model.unknown = tokens.id(of: Array(unknown.utf8)) }
        let addsPrefixSpace = try settings?.field("add_prefix_space").bool(default: false) ?? false
        var parts = TokenizerParts(
            vocabulary: tokens,
            pipeline: Pipeline(
                preTokenizers: [ByteLevelPreTokenizer(addsPrefixSpace: addsPrefixSpace, usesPattern: true)],
                model: model, postProcessors: [], decoder: ByteLevelDecoder()),
            addedTokens: [])
        try addSpecialTokens(to: &parts)
        parts.finishAddedTokens()
        return parts
    }

    /// Tokens of `added_tokens_decoder` with their ids, then the named ones that are still unknown, in this
    /// order.
    private func addSpecialTokens(to parts: inout TokenizerParts) throws(TokenizerError) {
        var tokens: [AddedToken] = []
        if let listed = try settings?.field("added_tokens_decoder"), case .object(let fields) = listed.value {
            for name in fields.keys {
                let node = try listed.field(name)
                guard let id = Int32(name), id >= 0 else { throw node.wrongType("under a token id") }
                tokens.append(try node.addedToken(id: id))
            }
        }
        try parts.add(tokens.sorted { $0.id < $1.id }, file: "tokenizer_config.json")
        for name in [
            "bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token",
        ] {
            guard let content = try content(of: name), !content.isEmpty else { continue }
            let bytes = Array(content.utf8)
            if parts.addedTokens.contains(where: { Array($0.content.utf8) == bytes }) { continue }
            let id = parts.vocabulary.id(of: bytes) ?? Int32(parts.vocabulary.count)
            var token = AddedToken(id: id, content: content)
            token.isSpecial = true
            try parts.add([token], file: "tokenizer_config.json")
        }
        if parts.addedTokens.isEmpty, let id = parts.vocabulary.id(of: Array("<|endoftext|>".utf8)) {
            var token = AddedToken(id: id, content: "<|endoftext|>")
            token.isSpecial = true
            try parts.add([token], file: "vocab.json")
        }
    }

    private func content(of name: String) throws(TokenizerError) -> String? {
        if let content = try settings?.field(name).tokenContent() { return content }
        return try specialTokens?.field(name).tokenContent()
    }
}
