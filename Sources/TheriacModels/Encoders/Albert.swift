// ALBERT: narrow embeddings, and one layer (or a few) applied again and again.
// Source: Lan et al., *ALBERT: A Lite BERT for Self-supervised Learning of Language Representations*, ICLR 2020.

public import TheriacOptions
public import TheriacTensors

extension BertConfiguration {
    /// What fields of ALBERT's `config.json` are when they are absent.
    fileprivate static var albert: BertConfiguration {
        var config = BertConfiguration()
        config.vocabulary = 30000
        config.width = 4096
        config.heads = 64
        config.inner = 16384
        config.activation = .geluNew
        return config
    }
}

public final class Albert: TextEncoder {
    public static let modelType = "albert"
    public static let className = "AlbertForSequenceClassification"
    public static let headPrefix = "albert."

    public let shape: EncoderShape
    public let parameters: [Parameter]
    public var computeType: DType
    private let embeddings: BertEmbeddings
    private let projection: Linear
    private let groups: [PostNormLayer]
    /// The groups in the order in which they are applied.
    private let layers: [PostNormLayer]

    private static let projectionPath = "albert.encoder.embedding_hidden_mapping_in"

    public init(_ fields: inout OptionFields, _ store: ParameterStore) throws {
        let config = try BertConfiguration(&fields, defaults: .albert)
        var (narrow, groupCount, inGroup) = (128, 1, 1)
        try fields.read("embedding_size", into: &narrow, in: 1...1_000_000)
        try fields.read("num_hidden_groups", into: &groupCount, in: 1...config.layers)
        try fields.read("inner_group_num", into: &inGroup)
        guard inGroup == 1 else {
            throw ModelError.unsupportedSetting(
                "inner_group_num \(inGroup)", reason: "groups of one layer are")
        }
        embeddings = try BertEmbeddings(
            store, "albert.embeddings", vocabulary: config.vocabulary, positions: config.positions,
            types: config.types, width: narrow, epsilon: config.epsilon)
        projection = try Linear(store, Self.projectionPath, inputs: narrow, outputs: config.width)
        let sizes = PostNormLayer.Sizes(
            width: config.width, inner: config.inner, heads: config.heads, epsilon: config.epsilon,
            activation: config.activation.function)
        let names = PostNormLayer.Names(
            query: "attention.query", key: "attention.key", value: "attention.value",
            attentionOutput: "attention.dense", attentionNorm: "attention.LayerNorm", inner: "ffn",
            outer: "ffn_output", outputNorm: "full_layer_layer_norm")
        let groups = try (0..<groupCount).map {
            try PostNormLayer(
                store, "albert.encoder.albert_layer_groups.\($0).albert_layers.0", sizes, names)
        }
        self.groups = groups
        layers = (0..<config.layers).map { groups[$0 * groupCount / config.layers] }
        parameters = store.parameters
        computeType = store.dtype
        shape = EncoderShape(
            vocabulary: config.vocabulary, context: config.positions, layers: config.layers,
            heads: config.heads, headWidth: config.width / config.heads, width: config.width)
    }

    public var adapterTargets: [String] { ["query", "value"] }
    public var linears: [(path: String, layer: Linear)] {
        [(Self.projectionPath, projection)] + groups.flatMap(\.linears)
    }

    public func hidden(_ batch: PackedBatch) throws -> Tensor {
        try layers.states(embed(batch), batch, firstOnly: false)
    }

    public func firstHidden(_ batch: PackedBatch) throws -> Tensor {
        try layers.states(embed(batch), batch, firstOnly: true)
    }

    private func embed(_ batch: PackedBatch) throws -> Stream {
        let narrow = try embeddings(batch.tokens, positions: batch.positions)
        return try Stream(projection.rows(narrow.to(computeType)).to(.float32), computeType)
    }

    public func makeHead(
        labels: Int, _ fields: inout OptionFields, _ store: ParameterStore
    ) throws -> any ClassificationHead {
        try PoolerHead(store, pooler: "albert.pooler", width: shape.width, labels: labels)
    }
}
