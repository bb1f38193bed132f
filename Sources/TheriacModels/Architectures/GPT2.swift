// GPT-2: learned positions, pre-norm blocks, tanh-GELU, head tied to the token embedding.
// Source: Radford et al., *Language Models are Unsupervised Multitask Learners*, 2019.

public import TheriacOptions
public import TheriacTensors

struct GPT2Configuration: Equatable {
    var vocabulary = 50257
    var context = 1024
    var width = 768
    var layers = 12
    var heads = 12
    var inner = 3072
    var epsilon = 1e-5
    var activation = HiddenActivation.geluNew
    var scalesAttention = true
    var scalesByLayer = false

    init(_ fields: inout OptionFields) throws {
        try fields.read("vocab_size", into: &vocabulary, in: 1...10_000_000)
        try fields.read("n_positions", into: &context, in: 1...10_000_000)
        try fields.read("n_embd", into: &width, in: 1...1_000_000)
        try fields.read("n_layer", into: &layers, in: 1...10_000)
        try fields.read("n_head", into: &heads, in: 1...10_000)
        var inner: Int?
        try fields.read("n_inner", into: &inner)
        self.inner = inner ?? 4 * width
        try fields.read("layer_norm_epsilon", into: &epsilon, in: 0...1)
        try fields.read("activation_function", into: &activation)
        try fields.read("scale_attn_weights", into: &scalesAttention)
        try fields.read("scale_attn_by_inverse_layer_idx", into: &scalesByLayer)
        var crossAttention = false
        try fields.read("add_cross_attention", into: &crossAttention)
        if crossAttention {
            throw ModelError.unsupportedSetting("add_cross_attention", reason: "there is no encoder")
        }
        var tied = true
        try fields.read("tie_word_embeddings", into: &tied)
        if !tied {
            throw ModelError.unsupportedSetting(
                "tie_word_embeddings: false", reason: "GPT-2's head is its embedding")
        }
        guard width % heads == 0 else {
            throw ModelError.unsupportedSetting(
                "n_embd \(width) with n_head \(heads)", reason: "heads must divide the width")
        }
    }
}

private struct Attention {
    let cAttn: Linear
    let cProj: Linear
    let layer: Int
    let heads: Int
    let scale: Double

    init(_ store: ParameterStore, _ name: String, _ config: GPT2Configuration, layer: Int) throws {
        // Residual branches add up over layers.
        let deviation = 0.02 / (2 * Double(config.layers)).squareRoot()
        cAttn = try Linear(
            store, name + ".c_attn", inputs: config.width, outputs: 3 * config.width, storedTransposed: true)
        cProj = try Linear(
            store, name + ".c_proj", inputs: config.width, outputs: config.width, storedTransposed: true,
            deviation: deviation)
        self.layer = layer
        heads = config.heads
        let headWidth = Double(config.width / config.heads)
        scale =
            (config.scalesAttention ? 1 / headWidth.squareRoot() : 1)
            / (config.scalesByLayer ? Double(layer + 1) : 1)
    }

    func callAsFunction(_ x: Tensor, _ pass: Pass, addingTo residual: Tensor) throws -> Tensor {
        let width = x.size(2)
        let all = try cAttn(x)  // [rows, length, 3 · width]
        func part(_ index: Int) throws -> Tensor {
            try all.slice(2, index * width..<(index + 1) * width).reshape([
                x.size(0), x.size(1), heads, width / heads,
            ])
        }
        let mixed = try pass.attend(layer: layer, query: part(0), key: part(1), value: part(2), scale: scale)
        return try cProj(mixed, addingTo: residual)
    }
}

private struct MLP {
    let cFc: Linear
    let cProj: Linear
    let activation: Activation

    init(_ store: ParameterStore, _ name: String, _ config: GPT2Configuration) throws {
        let deviation = 0.02 / (2 * Double(config.layers)).squareRoot()
        cFc = try Linear(
            store, name + ".c_fc", inputs: config.width, outputs: config.inner, storedTransposed: true)
        cProj = try Linear(
            store, name + ".c_proj", inputs: config.inner, outputs: config.width, storedTransposed: true,
            deviation: deviation)
        activation = config.activation.function
    }

    func callAsFunction(_ x: Tensor, addingTo residual: Tensor) throws -> Tensor {
        try cProj(cFc(x, activation), addingTo: residual)
    }
}

private struct Block {
    let norm1: LayerNorm
    let attention: Attention
    let norm2: LayerNorm
    let mlp: MLP

    init(_ store: ParameterStore, _ name: String, _ config: GPT2Configuration, layer: Int) throws {
        norm1 = try LayerNorm(store, name + ".ln_1", width: config.width, epsilon: config.epsilon)
        attention = try Attention(store, name + ".attn", config, layer: layer)
        norm2 = try LayerNorm(store, name + ".ln_2", width: config.width, epsilon: config.epsilon)
        mlp = try MLP(store, name + ".mlp", config)
    }

    /// - Parameter type: of the products.
    func callAsFunction(_ x: Tensor, _ pass: Pass, _ type: DType) throws -> Tensor {
        let y = try attention(norm1(x, as: type), pass, addingTo: x)
        return try mlp(norm2(y, as: type), addingTo: y)
    }
}

public final class GPT2: CausalLanguageModel, Architecture {
    public static let modelType = "gpt2"
    public static let className = "GPT2LMHeadModel"
    public static let headPrefix = "transformer."
    public static let adapterTargets = ["c_attn"]
    public static let storesLinearsTransposed = true

    public let shape: ModelShape
    public let parameters: [Parameter]
    public var computeType: DType
    private let tokenEmbedding: Tensor  // [vocabulary, width]
    private let positionEmbedding: Tensor  // [context, width]
    private let blocks: [Block]
    private let norm: LayerNorm
    private let head: Linear

    public init(_ fields: inout OptionFields, _ store: ParameterStore) throws {
        let config = try GPT2Configuration(&fields)
        tokenEmbedding = try store.parameter(
            "transformer.wte.weight", [config.vocabulary, config.width], initial: .normal(0.02))
        positionEmbedding = try store.parameter(
            "transformer.wpe.weight", [config.context, config.width], initial: .normal(0.02))
        blocks = try (0..<config.layers).map { try Block(store, "transformer.h.\($0)", config, layer: $0) }
        norm = try LayerNorm(store, "transformer.ln_f", width: config.width, epsilon: config.epsilon)
        head = Linear(weight: tokenEmbedding)
        parameters = store.parameters
        computeType = store.dtype
        shape = ModelShape(
            vocabulary: config.vocabulary, context: config.context, layers: config.layers,
            heads: config.heads,
            keyValueHeads: config.heads, headWidth: config.width / config.heads, width: config.width)
    }

    public var linears: [(path: String, layer: Linear)] {
        blocks.enumerated().flatMap { index, block in
            [
                ("attn.c_attn", block.attention.cAttn), ("attn.c_proj", block.attention.cProj),
                ("mlp.c_fc", block.mlp.cFc), ("mlp.c_proj", block.mlp.cProj),
            ].map { ("transformer.h.\(index).\($0.0)", $0.1) }
        }
    }

    public func embed(_ tokens: Tensor, _ pass: Pass) throws -> Tensor {
        let type = streamType
        return try tokenEmbedding.embedding(tokens).to(type)
            + positionEmbedding.embedding(pass.positions).to(type)
    }

    public func block(_ layer: Int, _ hidden: Tensor, _ pass: Pass) throws -> Tensor {
        try blocks[layer](hidden, pass, computeType)
    }

    public func finish(_ hidden: Tensor) throws -> Tensor { try norm(hidden, as: computeType) }

    public func logits(_ hidden: Tensor) throws -> Tensor { try head(hidden, as: .float32) }
}
