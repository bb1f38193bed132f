/// A checkpoint in this process: it gives everything, and answers prompts as they are done.
extension TextGenerator: ContinuationSource {
    public var sourceName: String { "a local checkpoint" }
    public var gives: Set<ModelNeed> { Set(ModelNeed.allCases) }

    public mutating func answer(
        _ prompts: [(id: String, text: String)], each: ([PromptAnswer]) throws -> Void
    ) throws {
        var ready: [(id: String, tokens: [Int32])] = []
        for (prompt, text) in zip(prompts, try edited(prompts.map(\.text))) {
            do {
                ready.append((prompt.id, try tokens(of: text)))
            } catch let error as GenerationError {
                try each([PromptAnswer(promptID: prompt.id, .refused(reason: error.description))])
            }
        }
        try continuations(of: ready) { place, written in
            let tokens = written.reduce(0) { $0 + $1.tokens.count }
            try each([PromptAnswer(promptID: ready[place].id, .written(written, tokens: tokens))])
        }
    }
}
