internal import TheriacModels
internal import TheriacTensors

/// Finished hidden states of whole texts: batches of about the same length, no gradients.
enum WholeTexts {
    /// - Parameters:
    ///   - sequences: token ids, none empty, none longer than the model's context.
    ///   - budget: tokens computed together, padding included.
    ///   - body: takes each sequence's place and its states, `[tokens, width]`; in no particular order.
    static func states(
        of sequences: [[Int32]], in model: any CausalLanguageModel, budget: Int = 4096,
        _ body: (Int, Tensor) throws -> Void
    ) throws {
        try Torch.withoutGradients {
            let order = sequences.indices.sorted { (sequences[$0].count, $0) < (sequences[$1].count, $1) }
            var start = 0
            while start < order.count {
                var end = start + 1
                // A batch's rows have the length of its longest, which is the last.
                while end < order.count, sequences[order[end]].count * (end + 1 - start) <= budget {
                    end += 1
                }
                let places = order[start..<end]
                let hidden = try model.hidden(
                    TokenBatch(places.map { sequences[$0] }, for: model.shape, on: model.device))
                for (row, place) in places.enumerated() {
                    let own = try hidden.slice(0, row..<row + 1).reshape([hidden.size(1), hidden.size(2)])
                    try body(place, own.slice(0, 0..<sequences[place].count))
                }
                start = end
            }
        }
    }
}
