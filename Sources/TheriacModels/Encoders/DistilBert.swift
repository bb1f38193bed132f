// DistilBERT: BERT with half the layers and no token types, under names of its own.
// Source: Sanh et al., *DistilBERT, a distilled version of BERT*, 2019.

public import TheriacOptions
public import TheriacTensors

public final class DistilBert: TextEncoder {
    public static let modelType = "distilbert"
    public static let className = "DistilBertForSequenceClassification"
    public static let headPrefix = "distilbert."

    public let shape: EncoderShape
    public let parameters: [Parameter]
    public var computeType: DType
    private let embeddings: BertEmbeddings
    private let layers: [PostNormLayer]

    public init(_ fields: inout OptionFields, _ store: ParameterStore) throws {
        var (vocabulary, width, count, heads, inner, positions) = (30522, 768, 6, 12, 3072, 512)
        var activation = HiddenActivation.gelu
        try fields.read("vocab_size", into: &vocabulary, in: 1...10_000_000)
        try fields.read("dim", into: &width, in: 1...1_000_000)
        try fields.read("n_layers", into: &count, in: 1...10_000)
        try fields.read("n_heads", into: &heads, in: 1...10_000)
        try fields.read("hidden_dim", into: &inner, in: 1...1_000_000)
        try fields.read("max_position_embeddings", into: &positions, in: 1...10_000_000)
        try fields.read("activation", into: &activation)
        guard width % heads == 0 else {
            throw ModelError.unsupportedSetting(
                "dim \(width) with n_heads \(heads)", reason: "heads must divide the width")
        }
        embeddings = try BertEmbeddings(
            store, "distilbert.embeddings", vocabulary: vocabulary, positions: positions, types: 0,
            width: width, epsilon: 1e-12)
        let sizes = PostNormLayer.Sizes(
            width: width, inner: inner, heads: heads, epsilon: 1e-12, activation: activation.function)
        let names = PostNormLayer.Names(
            query: "attention.q_lin", key: "attention.k_lin", value: "attention.v_lin",
            attentionOutput: "attention.out_lin", attentionNorm: "sa_layer_norm", inner: "ffn.lin1",
            outer: "ffn.lin2", outputNorm: "output_layer_norm")
        layers = try (0..<count).map {
            try PostNormLayer(store, "distilbert.transformer.layer.\($0)", sizes, names)
        }
        parameters = store.parameters
        computeType = store.dtype
        shape = EncoderShape(
            vocabulary: vocabulary, context: positions, layers: count, heads: heads,
            headWidth: width / heads, width: width)
    }

    public var adapterTargets: [String] { ["q_lin", "v_lin"] }
    public var linears: [(path: String, layer: Linear)] { layers.flatMap(\.linears) }

    public func hidden(_ batch: PackedBatch) throws -> Tensor {
        try layers.states(embed(batch), batch, firstOnly: false)
    }

    public func firstHidden(_ batch: PackedBatch) throws -> Tensor {
        try layers.states(embed(batch), batch, firstOnly: true)
    }

    private func embed(_ batch: PackedBatch) throws -> Stream {
        try Stream(embeddings(batch.tokens, positions: batch.positions), computeType)
    }

    public func makeHead(
        labels: Int, _ fields: inout OptionFields, _ store: ParameterStore
    ) throws -> any ClassificationHead {
        try PoolerHead(
            store, pooler: "pre_classifier", activation: .relu, width: shape.width, labels: labels)
    }
}
