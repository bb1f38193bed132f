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
            if token.isSpecial { vocabulary.special.insert(token.id) }
            addedTokens.append(token)
        }
    }
}
