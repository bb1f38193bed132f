// ELECTRA: BERT with embeddings that may be narrower than the layers, and a head of its own.
// Source: Clark et al., *ELECTRA: Pre-training Text Encoders as Discriminators Rather Than Generators*, ICLR 2020.

public import TheriacOptions
internal import TheriacTensors

public final class Electra: Bert {
    public override class var modelType: String { "electra" }
    public override class var className: String { "ElectraForSequenceClassification" }
    public override class var headPrefix: String { "electra." }

    override class func embeddingWidth(_ fields: inout OptionFields) throws -> Int? {
        var width = 128
        try fields.read("embedding_size", into: &width, in: 1...1_000_000)
        return width
    }

    public override func makeHead(
        labels: Int, _ fields: inout OptionFields, _ store: ParameterStore
    ) throws -> any ClassificationHead {
        try DenseHead(store, activation: .gelu, width: shape.width, labels: labels)
    }
}
