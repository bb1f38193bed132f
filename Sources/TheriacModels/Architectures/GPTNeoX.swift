// GPT-NeoX (Pythia): rotary positions on a part of each head, attention and feed-forward side by side.
// Sources: Black et al., *GPT-NeoX-20B: An Open-Source Autoregressive Language Model*, 2022; Biderman et al., *Pythia*,
// ICML 2023.

public import TheriacOptions
public import TheriacTensors

private struct GPTNeoXConfiguration {
    var vocabulary = 50432
    var context = 2048
    var width = 6144
    var layers = 44
    var heads = 64
    var inner = 24576
    var epsilon = 1e-5
    var activation = HiddenActivation.gelu
    var isParallel = true
    var hasAttentionBias = true
    var isTied = false
    let rotary: Rotary

    init(_ fields: inout OptionFields) throws {
        try fields.read("vocab_size", into: &vocabulary, in: 1...10_000_000)
        try fields.read("max_position_embeddings", into: &context, in: 1...10_000_000)
        try fields.read("hidden_size", into: &width, in: 1...1_000_000)
        try fields.read("num_hidden_layers", into: &layers, in: 1...10_000)
        try fields.read("num_attention_heads", into: &heads, in: 1...10_000)
        try fields.read("intermediate_size", into: &inner, in: 1...10_000_000)
        try fields.read("layer_norm_eps", into: &epsilon, in: 0...1)
        try fields.read("hidden_act", into: &activation)
        try fields.read("use_parallel_residual", into: &isParallel)
        try fields.read("attention_bias", into: &hasAttentionBias)
        try fields.read("tie_word_embeddings", into: &isTied)
        var theta = 10_000.0
        var share = 0.25
        try fields.read("rotary_emb_base", into: &theta, in: 1...1e12)
        try fields.read("rotary_pct", into: &share, in: 0...1)
        let settings = try RotarySettings(&fields, theta: theta, share: share)
        let turned = Int(Double(width / heads) * settings.share)
        guard width % heads == 0, turned > 0, turned % 2 == 0 else {
            throw ModelError.unsupportedSetting(
                "hidden_size \(width) with num_attention_heads \(heads) and rotary_pct \(settings.share)",
                reason: "heads must divide the width, and an even number of elements of each be turned")
        }
        rotary = Rotary(frequencies: try RotaryFrequencies(settings, width: turned, context: context))
    }
}

private struct Block {
    private let queryKeyValue, dense, inner, outer: Linear
    private let attentionNorm, innerNorm: LayerNorm
    private let layer: Int
    private let config: GPTNeoXConfiguration
    let linears: [(path: String, layer: Linear)]

    init(_ store: ParameterStore, _ path: String, _ config: GPTNeoXConfiguration, layer: Int) throws {
        var linears: [(String, Linear)] = []
        func linear(_ name: String, _ inputs: Int, _ outputs: Int, bias: Bool = true) throws -> Linear {
            let layer = try Linear(
                store, "\(path).\(name)", inputs: inputs, outputs: outputs, bias: bias)
            linears.append(("\(path).\(name)", layer))
            return layer
        }
        func norm(_ name: String) throws -> LayerNorm {
            try LayerNorm(store, "\(path).\(name)", width: config.width, epsilon: config.epsilon)
        }
        attentionNorm = try norm("input_layernorm")
        innerNorm = try norm("post_attention_layernorm")
        queryKeyValue = try linear(
            "attention.query_key_value", config.width, 3 * config.width, bias: config.hasAttentionBias)
        dense = try linear("attention.dense", config.width, config.width, bias: config.hasAttentionBias)
        inner = try linear("mlp.dense_h_to_4h", config.width, config.inner)
        outer = try linear("mlp.dense_4h_to_h", config.inner, config.width)
        self.layer = layer
        self.config = config
        self.linears = linears
    }

    func callAsFunction(_ x: Tensor, _ pass: Pass, _ type: DType) throws -> Tensor {
        let y = try dense(attention(attentionNorm(x, as: type), pass), addingTo: x)
        let fed = try innerNorm(config.isParallel ? x : y, as: type)
        return try outer(inner(fed, config.activation.function), addingTo: y)
    }

    /// `[rows, length, width]` to the same, before the projection back.
    private func attention(_ x: Tensor, _ pass: Pass) throws -> Tensor {
        let width = config.width / config.heads
        // Query, key and value of each head: 3 · width.
        let all = try queryKeyValue(x).split(among: config.heads)
        func part(_ index: Int) throws -> Tensor { try all.slice(3, index * width..<(index + 1) * width) }
        return try pass.attend(
            layer: layer, query: config.rotary(part(0), pass), key: config.rotary(part(1), pass),
            value: part(2), scale: 1 / Double(width).squareRoot())
    }
}

public final class GPTNeoX: CausalLanguageModel, Architecture {
    public static let modelType = "gpt_neox"
    public static let className = "GPTNeoXForCausalLM"
    public static let headPrefix = "gpt_neox."
    public static let adapterTargets = ["query_key_value"]
    public static let storesLinearsTransposed = false

    public let shape: ModelShape
    public let parameters: [Parameter]
    public var computeType: DType
    private let tokenEmbedding: Tensor  // [vocabulary, width]
    private let blocks: [Block]
    private let norm: LayerNorm
    private let head: Linear

    public init(_ fields: inout OptionFields, _ store: ParameterStore) throws {
        let config = try GPTNeoXConfiguration(&fields)
        let embedding = [config.vocabulary, config.width]
        tokenEmbedding = try store.parameter("gpt_neox.embed_in.weight", embedding, initial: .normal(0.02))
        blocks = try (0..<config.layers).map {
            try Block(store, "gpt_neox.layers.\($0)", config, layer: $0)
        }
        norm = try LayerNorm(
            store, "gpt_neox.final_layer_norm", width: config.width, epsilon: config.epsilon)
        // transformers 5 calls it otherwise in memory, and some of its files do.
        let name = store.name(among: "embed_out.weight", "lm_head.weight")
        head = Linear(
            weight: config.isTied
                ? tokenEmbedding : try store.parameter(name, embedding, initial: .normal(0.02)))
        parameters = store.parameters
        computeType = store.dtype
        shape = ModelShape(
            vocabulary: config.vocabulary, context: config.rotary.frequencies.context,
            layers: config.layers, heads: config.heads, keyValueHeads: config.heads,
            headWidth: config.width / config.heads, width: config.width)
    }

    public var linears: [(path: String, layer: Linear)] { blocks.flatMap(\.linears) }

    public func embed(_ tokens: Tensor, _ pass: Pass) throws -> Tensor {
        try tokenEmbedding.embedding(tokens).to(streamType)
    }

    public func block(_ layer: Int, _ hidden: Tensor, _ pass: Pass) throws -> Tensor {
        try blocks[layer](hidden, pass, computeType)
    }

    public func finish(_ hidden: Tensor) throws -> Tensor { try norm(hidden, as: computeType) }

    public func logits(_ hidden: Tensor) throws -> Tensor { try head(hidden, as: .float32) }
}
