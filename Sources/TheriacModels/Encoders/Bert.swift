// BERT: learned positions, post-norm layers, a pooler over the first token.
// Source: Devlin et al., *BERT: Pre-training of Deep Bidirectional Transformers*, NAACL 2019.

public import TheriacOptions
public import TheriacTensors

/// `config.json` of BERT and of the families that took over its fields.
struct BertConfiguration {
    var vocabulary = 30522
    var width = 768
    var layers = 12
    var heads = 12
    var inner = 3072
    var activation = HiddenActivation.gelu
    var positions = 512
    var types = 2
    var epsilon = 1e-12

    /// What BERT's fields are when they are absent.
    init() {}

    /// - Parameter defaults: what fields are when they are absent.
    init(_ fields: inout OptionFields, defaults: BertConfiguration = .init()) throws {
        self = defaults
        try fields.read("vocab_size", into: &vocabulary, in: 1...10_000_000)
        try fields.read("hidden_size", into: &width, in: 1...1_000_000)
        try fields.read("num_hidden_layers", into: &layers, in: 1...10_000)
        try fields.read("num_attention_heads", into: &heads, in: 1...10_000)
        try fields.read("intermediate_size", into: &inner, in: 1...1_000_000)
        try fields.read("hidden_act", into: &activation)
        try fields.read("max_position_embeddings", into: &positions, in: 1...10_000_000)
        try fields.read("type_vocab_size", into: &types, in: 0...1_000_000)
        try fields.read("layer_norm_eps", into: &epsilon, in: 0...1)
        var kind: String? = "absolute"
        try fields.read("position_embedding_type", into: &kind)
        if let kind, kind != "absolute" {
            throw ModelError.unsupportedSetting(
                "position_embedding_type \(kind)", reason: "only absolute positions are")
        }
        for name in ["is_decoder", "add_cross_attention"] {
            var isOn = false
            try fields.read(name, into: &isOn)
            if isOn { throw ModelError.unsupportedSetting(name, reason: "encoders look both ways") }
        }
        guard width % heads == 0 else {
            throw ModelError.unsupportedSetting(
                "hidden_size \(width) with num_attention_heads \(heads)",
                reason: "heads must divide the width")
        }
    }
}

/// Word, position and type embeddings, added up and normed.
struct BertEmbeddings {
    private let words: Tensor  // [vocabulary, width]
    private let positions: Tensor?  // [positions, width]
    private let types: Tensor?  // [types, width]; every token is of type 0
    private let norm: LayerNorm

    /// - Parameters: `positions` and `types` are 0 where there are none.
    init(
        _ store: ParameterStore, _ path: String, vocabulary: Int, positions: Int, types: Int, width: Int,
        epsilon: Double
    ) throws {
        func table(_ name: String, _ count: Int) throws -> Tensor {
            try store.parameter("\(path).\(name).weight", [count, width], initial: .normal(0.02))
        }
        words = try table("word_embeddings", vocabulary)
        self.positions = positions > 0 ? try table("position_embeddings", positions) : nil
        self.types = types > 0 ? try table("token_type_embeddings", types) : nil
        norm = try LayerNorm(store, path + ".LayerNorm", width: width, epsilon: epsilon)
    }

    /// float32 `[total, width]`.
    func callAsFunction(_ tokens: Tensor, positions places: Tensor) throws -> Tensor {
        var sum = try words.embedding(tokens).to(.float32)
        if let types { sum = try sum + types.slice(0, 0..<1).to(.float32) }
        if let positions { sum = try sum + positions.embedding(places).to(.float32) }
        return try norm(sum)
    }
}

public class Bert: TextEncoder {
    public class var modelType: String { "bert" }
    public class var className: String { "BertForSequenceClassification" }
    public class var headPrefix: String { "bert." }

    public final let shape: EncoderShape
    public final let parameters: [Parameter]
    public final var computeType: DType
    private let embeddings: BertEmbeddings
    private let projection: Linear?
    private let layers: [PostNormLayer]
    private let path: String
    /// Positions before that of the first token; all of them belong to padding.
    let firstPosition: Int

    public required init(_ fields: inout OptionFields, _ store: ParameterStore) throws {
        let config = try BertConfiguration(&fields)
        path = String(Self.headPrefix.dropLast())
        firstPosition = try Self.firstPosition(&fields)
        let narrow = try Self.embeddingWidth(&fields) ?? config.width
        embeddings = try BertEmbeddings(
            store, path + ".embeddings", vocabulary: config.vocabulary, positions: config.positions,
            types: config.types, width: narrow, epsilon: config.epsilon)
        projection =
            narrow == config.width
            ? nil : try Linear(store, path + ".embeddings_project", inputs: narrow, outputs: config.width)
        let sizes = PostNormLayer.Sizes(
            width: config.width, inner: config.inner, heads: config.heads, epsilon: config.epsilon,
            activation: config.activation.function)
        let path = path
        layers = try (0..<config.layers).map {
            try PostNormLayer(store, "\(path).encoder.layer.\($0)", sizes)
        }
        parameters = store.parameters
        computeType = store.dtype
        guard config.positions > firstPosition else {
            throw ModelError.unsupportedSetting(
                "max_position_embeddings \(config.positions)",
                reason: "the first token has position \(firstPosition)")
        }
        shape = EncoderShape(
            vocabulary: config.vocabulary, context: config.positions - firstPosition, layers: config.layers,
            heads: config.heads, headWidth: config.width / config.heads, width: config.width)
    }

    /// The position of a sequence's first token.
    class func firstPosition(_ fields: inout OptionFields) throws -> Int { 0 }
    /// The width of the embeddings, where a projection follows them.
    class func embeddingWidth(_ fields: inout OptionFields) throws -> Int? { nil }

    public var adapterTargets: [String] { ["query", "value"] }

    public final var linears: [(path: String, layer: Linear)] {
        (projection.map { [("\(path).embeddings_project", $0)] } ?? []) + layers.flatMap(\.linears)
    }

    public final func hidden(_ batch: PackedBatch) throws -> Tensor {
        try layers.states(embed(batch), batch, firstOnly: false)
    }

    public final func firstHidden(_ batch: PackedBatch) throws -> Tensor {
        try layers.states(embed(batch), batch, firstOnly: true)
    }

    /// int64 `[total]`.
    func positions(_ batch: PackedBatch) throws -> Tensor { batch.positions }

    private func embed(_ batch: PackedBatch) throws -> Stream {
        let embedded = try embeddings(batch.tokens, positions: positions(batch))
        guard let projection else { return try Stream(embedded, computeType) }
        return try Stream(projection.rows(embedded.to(computeType)).to(.float32), computeType)
    }

    public func makeHead(
        labels: Int, _ fields: inout OptionFields, _ store: ParameterStore
    ) throws -> any ClassificationHead {
        try PoolerHead(store, pooler: path + ".pooler.dense", width: shape.width, labels: labels)
    }
}

/// tanh of a square product over the first token, then the labels.
final class PoolerHead: ClassificationHead {
    let parameters: [Parameter]
    let linears: [(path: String, layer: Linear)]
    let savedModules: [String]
    private let pooler: Linear
    private let classifier: Linear
    private let activation: Activation

    /// - Parameter pooler: the path of its linear layer.
    init(
        _ store: ParameterStore, pooler path: String, savedModules: [String]? = nil,
        activation: Activation = .tanh, width: Int, labels: Int
    ) throws {
        let before = store.parameters.count
        pooler = try Linear(store, path, inputs: width, outputs: width)
        classifier = try Linear(store, "classifier", inputs: width, outputs: labels)
        parameters = Array(store.parameters[before...])
        linears = [(path, pooler), ("classifier", classifier)]
        let module = path.hasSuffix(".dense") ? String(path.dropLast(6)) : path
        self.savedModules = savedModules ?? ["classifier", module]
        self.activation = activation
    }

    func logits(_ pooled: Tensor) throws -> Tensor {
        try classifier.rows(pooler.rows(pooled, activation))
    }
}
