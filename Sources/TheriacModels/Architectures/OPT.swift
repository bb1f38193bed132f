// OPT: learned positions with an offset, norms before the branches or after the additions, ReLU.
// Source: Zhang et al., *OPT: Open Pre-trained Transformer Language Models*, 2022.

public import TheriacOptions
public import TheriacTensors

private struct OPTConfiguration {
    var vocabulary = 50272
    var context = 2048
    var width = 768
    /// Of token embeddings and of what meets the head; the model's own width in all but OPT-350m.
    var embeddingWidth = 768
    var layers = 12
    var heads = 12
    var inner = 3072
    var activation = HiddenActivation.relu
    var isPreNorm = true
    var hasFinalNorm = true
    var hasBiases = true
    var hasNormWeights = true
    var isTied = true

    init(_ fields: inout OptionFields) throws {
        try fields.read("vocab_size", into: &vocabulary, in: 1...10_000_000)
        try fields.read("max_position_embeddings", into: &context, in: 1...10_000_000)
        try fields.read("hidden_size", into: &width, in: 1...1_000_000)
        var embeddingWidth: Int?
        try fields.read("word_embed_proj_dim", into: &embeddingWidth)
        self.embeddingWidth = embeddingWidth ?? width
        try fields.read("num_hidden_layers", into: &layers, in: 1...10_000)
        try fields.read("num_attention_heads", into: &heads, in: 1...10_000)
        try fields.read("ffn_dim", into: &inner, in: 1...10_000_000)
        try fields.read("activation_function", into: &activation)
        try fields.read("do_layer_norm_before", into: &isPreNorm)
        // Checkpoints tuned with early code of transformers lack the last norm.
        var lacksFinalNorm = false
        try fields.read("_remove_final_layer_norm", into: &lacksFinalNorm)
        hasFinalNorm = isPreNorm && !lacksFinalNorm
        try fields.read("enable_bias", into: &hasBiases)
        try fields.read("layer_norm_elementwise_affine", into: &hasNormWeights)
        try fields.read("tie_word_embeddings", into: &isTied)
        guard width % heads == 0 else {
            throw ModelError.unsupportedSetting(
                "hidden_size \(width) with num_attention_heads \(heads)",
                reason: "heads must divide the width")
        }
    }

    func norm(_ store: ParameterStore, _ name: String) throws -> LayerNorm {
        try LayerNorm(store, name, width: width, epsilon: 1e-5, isAffine: hasNormWeights)
    }
}

private struct Block {
    private let query, key, value, attentionOutput, inner, outer: Linear
    private let attentionNorm, outputNorm: LayerNorm
    private let layer: Int
    private let config: OPTConfiguration
    let linears: [(path: String, layer: Linear)]

    init(_ store: ParameterStore, _ path: String, _ config: OPTConfiguration, layer: Int) throws {
        var linears: [(String, Linear)] = []
        func linear(_ name: String, _ inputs: Int, _ outputs: Int) throws -> Linear {
            let layer = try Linear(
                store, "\(path).\(name)", inputs: inputs, outputs: outputs, bias: config.hasBiases)
            linears.append(("\(path).\(name)", layer))
            return layer
        }
        key = try linear("self_attn.k_proj", config.width, config.width)
        value = try linear("self_attn.v_proj", config.width, config.width)
        query = try linear("self_attn.q_proj", config.width, config.width)
        attentionOutput = try linear("self_attn.out_proj", config.width, config.width)
        attentionNorm = try config.norm(store, "\(path).self_attn_layer_norm")
        inner = try linear("fc1", config.width, config.inner)
        outer = try linear("fc2", config.inner, config.width)
        outputNorm = try config.norm(store, "\(path).final_layer_norm")
        self.layer = layer
        self.config = config
        self.linears = linears
    }

    func callAsFunction(_ x: Tensor, _ pass: Pass, _ type: DType) throws -> Tensor {
        if config.isPreNorm {
            let y = try attention(attentionNorm(x, as: type), pass, addingTo: x)
            return try feedForward(outputNorm(y, as: type), addingTo: y)
        }
        let y = try attentionNorm(attention(x.to(type), pass, addingTo: x))
        return try outputNorm(feedForward(y.to(type), addingTo: y))
    }

    private func attention(_ x: Tensor, _ pass: Pass, addingTo residual: Tensor) throws -> Tensor {
        let mixed = try pass.attend(
            layer: layer, query: query(x).split(among: config.heads), key: key(x).split(among: config.heads),
            value: value(x).split(among: config.heads),
            scale: 1 / Double(config.width / config.heads).squareRoot())
        return try attentionOutput(mixed, addingTo: residual)
    }

    private func feedForward(_ x: Tensor, addingTo residual: Tensor) throws -> Tensor {
        try outer(inner(x, config.activation.function), addingTo: residual)
    }
}

public final class OPT: CausalLanguageModel, Architecture {
    public static let modelType = "opt"
    public static let className = "OPTForCausalLM"
    public static let headPrefix = "model."
    public static let adapterTargets = ["q_proj", "v_proj"]
    public static let storesLinearsTransposed = false

    public let shape: ModelShape
    public let parameters: [Parameter]
    public var computeType: DType
    private let tokenEmbedding: Tensor  // [vocabulary, embeddingWidth]
    private let positionEmbedding: Tensor  // [context + 2, width]
    private let projectIn, projectOut: Linear?
    private let blocks: [Block]
    private let norm: LayerNorm?
    private let head: Linear

    /// The first two positions belonged to padding.
    private static let positionOffset = 2

    public init(_ fields: inout OptionFields, _ store: ParameterStore) throws {
        let config = try OPTConfiguration(&fields)
        let embedding = [config.vocabulary, config.embeddingWidth]
        tokenEmbedding = try store.parameter(
            "model.decoder.embed_tokens.weight", embedding, initial: .normal(0.02))
        positionEmbedding = try store.parameter(
            "model.decoder.embed_positions.weight", [config.context + Self.positionOffset, config.width],
            initial: .normal(0.02))
        func projection(_ name: String, _ inputs: Int, _ outputs: Int) throws -> Linear? {
            guard inputs != outputs else { return nil }
            return try Linear(store, "model.decoder." + name, inputs: inputs, outputs: outputs, bias: false)
        }
        projectOut = try projection("project_out", config.width, config.embeddingWidth)
        projectIn = try projection("project_in", config.embeddingWidth, config.width)
        norm = config.hasFinalNorm ? try config.norm(store, "model.decoder.final_layer_norm") : nil
        blocks = try (0..<config.layers).map {
            try Block(store, "model.decoder.layers.\($0)", config, layer: $0)
        }
        head = Linear(
            weight: config.isTied
                ? tokenEmbedding : try store.parameter("lm_head.weight", embedding, initial: .normal(0.02)))
        parameters = store.parameters
        computeType = store.dtype
        shape = ModelShape(
            vocabulary: config.vocabulary, context: config.context, layers: config.layers,
            heads: config.heads, keyValueHeads: config.heads, headWidth: config.width / config.heads,
            width: config.width)
    }

    public var linears: [(path: String, layer: Linear)] {
        [("project_out", projectOut), ("project_in", projectIn)].compactMap { name, layer in
            layer.map { ("model.decoder." + name, $0) }
        } + blocks.flatMap(\.linears)
    }

    public func embed(_ tokens: Tensor, _ pass: Pass) throws -> Tensor {
        var embedded = try tokenEmbedding.embedding(tokens)
        if let projectIn { embedded = try projectIn(embedded.to(computeType)) }
        let places = try positionEmbedding.slice(0, Self.positionOffset..<positionEmbedding.size(0))
        return try embedded.to(streamType) + places.embedding(pass.positions).to(streamType)
    }

    public func block(_ layer: Int, _ hidden: Tensor, _ pass: Pass) throws -> Tensor {
        try blocks[layer](hidden, pass, computeType)
    }

    public func finish(_ hidden: Tensor) throws -> Tensor {
        try (norm?(hidden) ?? hidden).to(computeType)
    }

    public func logits(_ hidden: Tensor) throws -> Tensor {
        try head(projectOut?(hidden) ?? hidden, as: .float32)
    }
}
