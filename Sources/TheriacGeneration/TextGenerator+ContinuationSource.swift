/// A checkpoint in this process: it gives everything, and answers batch by batch.
extension TextGenerator: ContinuationSource {
    public var sourceName: String { "a local checkpoint" }
    public var gives: Set<ModelNeed> { Set(ModelNeed.allCases) }

    public mutating func answer(
        _ prompts: [(id: String, text: String)], each: ([PromptAnswer]) throws -> Void
    ) throws {
        var batch: [(id: String, tokens: [Int32])] = []
        var refusals: [String: String] = [:]
        var order: [String] = []  // of the prompts since the last hand-over
        for (place, prompt) in prompts.enumerated() {
            order.append(prompt.id)
            do {
                batch.append((prompt.id, try tokens(of: prompt.text)))
            } catch let error as GenerationError {
                refusals[prompt.id] = error.description
            }
            guard batch.count == promptsPerBatch || place == prompts.count - 1 else { continue }
            let written = Dictionary(grouping: try continuations(of: batch), by: \.promptID)
            try each(
                order.map { id in
                    if let reason = refusals[id] {
                        return PromptAnswer(promptID: id, .refused(reason: reason))
                    }
                    let found = written[id] ?? []
                    return PromptAnswer(
                        promptID: id, .written(found, tokens: found.reduce(0) { $0 + $1.tokens.count }))
                })
            (batch, order, refusals) = ([], [], [:])
        }
    }
}
