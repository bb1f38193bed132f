// GPT-J: neighbours of each head turned by their positions, attention and feed-forward side by side under one norm.
// Source: Wang and Komatsuzaki, *GPT-J-6B: A 6 Billion Parameter Autoregressive Language Model*, 2021.

public import TheriacOptions
public import TheriacTensors

private struct GPTJConfiguration {
    var vocabulary = 50400
    var context = 2048
    var width = 4096
    var layers = 28
    var heads = 16
    var inner = 16384
    /// Elements of a head that are turned.
    var turned = 64
    var epsilon = 1e-5
    var activation = HiddenActivation.geluNew
    var isTied = false

    init(_ fields: inout OptionFields) throws {
        try fields.read("vocab_size", into: &vocabulary, in: 1...10_000_000)
        try fields.read("n_positions", into: &context, in: 1...10_000_000)
        try fields.read("n_embd", into: &width, in: 1...1_000_000)
        try fields.read("n_layer", into: &layers, in: 1...10_000)
        try fields.read("n_head", into: &heads, in: 1...10_000)
        var inner: Int?
        try fields.read("n_inner", into: &inner)
        self.inner = inner ?? 4 * width
        try fields.read("rotary_dim", into: &turned, in: 2...1_000_000)
        try fields.read("layer_norm_epsilon", into: &epsilon, in: 0...1)
        try fields.read("activation_function", into: &activation)
        try fields.read("tie_word_embeddings", into: &isTied)
        guard width % heads == 0, turned <= width / heads, turned % 2 == 0 else {
            throw ModelError.unsupportedSetting(
                "n_embd \(width) with n_head \(heads) and rotary_dim \(turned)",
                reason: "heads must divide the width, and an even number of elements of each be turned")
        }
    }

    var rotary: Rotary {
        Rotary(
            frequencies: RotaryFrequencies(theta: 10_000, width: turned, context: context),
            interleaved: true)
    }
}

private struct Block {
    private let query, key, value, attentionOutput, inner, outer: Linear
    private let norm: LayerNorm
    private let rotary: Rotary
    private let layer: Int
    private let heads: Int
    private let activation: Activation
    let linears: [(path: String, layer: Linear)]

    init(_ store: ParameterStore, _ path: String, _ config: GPTJConfiguration, layer: Int) throws {
        var linears: [(String, Linear)] = []
        func linear(_ name: String, _ inputs: Int, _ outputs: Int, bias: Bool) throws -> Linear {
            let layer = try Linear(
                store, "\(path).\(name)", inputs: inputs, outputs: outputs, bias: bias)
            linears.append(("\(path).\(name)", layer))
            return layer
        }
        norm = try LayerNorm(store, "\(path).ln_1", width: config.width, epsilon: config.epsilon)
        key = try linear("attn.k_proj", config.width, config.width, bias: false)
        value = try linear("attn.v_proj", config.width, config.width, bias: false)
        query = try linear("attn.q_proj", config.width, config.width, bias: false)
        attentionOutput = try linear("attn.out_proj", config.width, config.width, bias: false)
        inner = try linear("mlp.fc_in", config.width, config.inner, bias: true)
        outer = try linear("mlp.fc_out", config.inner, config.width, bias: true)
        rotary = config.rotary
        heads = config.heads
        activation = config.activation.function
        self.layer = layer
        self.linears = linears
    }

    func callAsFunction(_ x: Tensor, _ pass: Pass, _ type: DType) throws -> Tensor {
        let normed = try norm(x, as: type)
        let mixed = try pass.attend(
            layer: layer, query: rotary(query(normed).split(among: heads), pass),
            key: rotary(key(normed).split(among: heads), pass), value: value(normed).split(among: heads),
            scale: 1 / Double(x.size(2) / heads).squareRoot())
        return try outer(inner(normed, activation), addingTo: attentionOutput(mixed, addingTo: x))
    }
}

public final class GPTJ: CausalLanguageModel, Architecture {
    public static let modelType = "gptj"
    public static let className = "GPTJForCausalLM"
    public static let headPrefix = "transformer."
    public static let adapterTargets = ["q_proj", "v_proj"]
    public static let storesLinearsTransposed = false

    public let shape: ModelShape
    public let parameters: [Parameter]
    public var computeType: DType
    private let tokenEmbedding: Tensor  // [vocabulary, width]
    private let blocks: [Block]
    private let norm: LayerNorm
    private let head: Linear

    public init(_ fields: inout OptionFields, _ store: ParameterStore) throws {
        let config = try GPTJConfiguration(&fields)
        let embedding = [config.vocabulary, config.width]
        tokenEmbedding = try store.parameter("transformer.wte.weight", embedding, initial: .normal(0.02))
        blocks = try (0..<config.layers).map { try Block(store, "transformer.h.\($0)", config, layer: $0) }
        norm = try LayerNorm(store, "transformer.ln_f", width: config.width, epsilon: config.epsilon)
        head = Linear(
            weight: config.isTied
                ? tokenEmbedding : try store.parameter("lm_head.weight", embedding, initial: .normal(0.02)),
            bias: try store.parameter("lm_head.bias", [config.vocabulary], initial: .constant(0)))
        parameters = store.parameters
        computeType = store.dtype
        shape = ModelShape(
            vocabulary: config.vocabulary, context: config.context, layers: config.layers,
            heads: config.heads, keyValueHeads: config.heads, headWidth: config.width / config.heads,
            width: config.width)
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
