import TheriacModels
import TheriacTensors

/// The tensors of a transformer detector. Not Sendable: its owner lets one caller in at a time.
final class TransformerModel {
    let classifier: SequenceClassifier
    let spanHead: SpanHead?

    init(_ classifier: SequenceClassifier, spanHead: SpanHead? = nil) {
        self.classifier = classifier
        self.spanHead = spanHead
    }

    /// Logits `[row][label]` of sequences that are computed together.
    func logits(_ sequences: [[Int32]]) throws -> [[Float]] {
        try Torch.withoutGradients {
            let logits = try classifier.logits(batch(sequences)).floats()
            let labels = classifier.labels.count
            return sequences.indices.map { Array(logits[$0 * labels..<($0 + 1) * labels]) }
        }
    }

    /// A logit for each token, special ones included, sequence by sequence; nil without a span head.
    func tokenLogits(_ sequences: [[Int32]]) throws -> [[Float]]? {
        guard let spanHead else { return nil }
        return try Torch.withoutGradients {
            let batch = try batch(sequences)
            let logits = try spanHead.logits(classifier.hidden(batch)).floats()
            return sequences.indices.map { Array(logits[batch.offsets[$0]..<batch.offsets[$0 + 1]]) }
        }
    }

    func batch(_ sequences: [[Int32]]) throws -> PackedBatch {
        try PackedBatch(sequences, for: classifier.shape, on: classifier.parameters[0].tensor.device)
    }
}
