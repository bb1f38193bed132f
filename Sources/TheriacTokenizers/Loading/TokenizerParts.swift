/// What a tokenizer is made of, as read from its files.
struct TokenizerParts {
    var vocabulary: Vocabulary
    var pipeline: Pipeline
    var addedTokens: [AddedToken]
    var endOfText: Int32?

    /// Gives added tokens that the model lacks the next ids, and marks the special ones.
    mutating func add(_ tokens: [AddedToken], file: String) throws(TokenizerError) {
        for token in tokens {
            let content = Array(token.content.utf8)
            if let known = vocabulary.id(of: content) {
                guard token.id == known else {
                    throw .invalidVocabulary(
                        file: file, reason: "added token \(token.id) is in the vocabulary with id \(known)")
                }
            } else {
                guard Int(token.id) == vocabulary.count else {
                    throw .invalidVocabulary(
                        file: file,
                        reason: "added token \(token.id) leaves a hole or takes another's place: "
                            + "the next free id is \(vocabulary.count)")
                }
                vocabulary.append(content)
            }
            addedTokens.append(token)
        }
    }

    /// Finds out how added tokens look in normalized text, and marks the special ones.
    ///
    /// Decoding knows special tokens by what they look like there, so one that normalization changes is not
    /// left out, as in the Rust library.
    mutating func finishAddedTokens() {
        let contents = Set(addedTokens.filter(\.isSpecial).map { Array($0.content.utf8) })
        for token in addedTokens {
            let content = Array(token.content.utf8)
            let form = token.isNormalized ? pipeline.normalized(content) : content
            if form != content { vocabulary.normalizedForms[token.id] = form }
            if contents.contains(form) { vocabulary.special.insert(token.id) }
        }
    }
}
