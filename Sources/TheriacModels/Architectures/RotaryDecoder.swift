public import TheriacTensors

/// The decoder that Llama, Mistral, Qwen, Gemma and Phi-3 share: pre-norm blocks with RMS norms, rotary positions,
/// grouped queries and a gated feed-forward.
///
/// Sources: Touvron et al., *LLaMA*, 2023; Ainslie et al., *GQA*, EMNLP 2023. What a family adds is said in its file.
public class RotaryDecoder: CausalLanguageModel {
    public let shape: ModelShape
    public let parameters: [Parameter]
    public let linears: [(path: String, layer: Linear)]
    public let longestShort: Int?
    public var computeType: DType
    private let config: RotaryDecoderConfiguration
    private let tokens: Tensor  // [vocabulary, width]
    private let head: Linear  // over the same one where they are tied
    private let blocks: [RotaryBlock]
    private let norm: RMSNorm

    init(_ config: RotaryDecoderConfiguration, _ store: ParameterStore) throws {
        self.config = config
        let path = config.path
        let sizes = [config.vocabulary, config.width]
        tokens = try store.parameter(
            path.stored + ".embed_tokens.weight", sizes, initial: .normal(config.deviation))
        blocks = try (0..<config.layers).map {
            try RotaryBlock(store, path.appending("layers.\($0)"), config, layer: $0)
        }
        norm = try RMSNorm(
            store, path.stored + ".norm", width: config.width, epsilon: config.epsilon,
            offset: config.normOffset)
        head = Linear(
            weight: config.isTied
                ? tokens
                : try store.parameter(
                    "lm_head.weight", sizes, initial: .normal(config.deviation), isFactor: true))
        parameters = store.parameters
        linears = blocks.flatMap(\.linears)
        computeType = store.dtype
        longestShort = config.rotations.compactMap { $0.frequencies.long?.beyond }.min()
        shape = ModelShape(
            vocabulary: config.vocabulary, context: config.context, layers: config.layers,
            heads: config.heads, keyValueHeads: config.sharedHeads, headWidth: config.widthOfHead,
            width: config.width)
    }

    public func embed(_ tokens: Tensor, _ pass: Pass) throws -> Tensor {
        let embedded = try self.tokens.embedding(tokens).to(streamType)
        guard config.scalesEmbeddings else { return embedded }
        let scale = try Tensor([Float(config.width).squareRoot()], shape: [1], on: device).to(computeType)
        return try embedded * scale.to(embedded.dtype)
    }

    public func block(_ layer: Int, _ hidden: Tensor, _ pass: Pass) throws -> Tensor {
        try blocks[layer](hidden, pass, computeType)
    }

    public func finish(_ hidden: Tensor) throws -> Tensor { try norm(hidden).to(computeType) }

    public func logits(_ hidden: Tensor) throws -> Tensor {
        let logits = try head(hidden, as: .float32)
        guard let cap = config.finalCap else { return logits }
        return try (logits / cap).tanh() * cap
    }
}

/// One layer: attention and feed-forward, each normed before and, in Gemma, after.
private struct RotaryBlock {
    let linears: [(path: String, layer: Linear)]
    private let attentionNorm: RMSNorm
    private let attention: RotaryAttention
    private let afterAttention: RMSNorm?
    private let innerNorm: RMSNorm
    private let mlp: GatedMLP
    private let afterInner: RMSNorm?

    init(_ store: ParameterStore, _ path: ModulePath, _ config: RotaryDecoderConfiguration, layer: Int) throws
    {
        func norm(_ name: String) throws -> RMSNorm {
            try RMSNorm(
                store, "\(path.stored).\(name)", width: config.width, epsilon: config.epsilon,
                offset: config.normOffset)
        }
        attentionNorm = try norm("input_layernorm")
        attention = try RotaryAttention(store, path.appending("self_attn"), config, layer: layer)
        // `post_attention_layernorm` is what comes before the feed-forward, but in Gemma what comes after attention.
        afterAttention = config.normsBranches ? try norm("post_attention_layernorm") : nil
        innerNorm = try norm(
            config.normsBranches ? "pre_feedforward_layernorm" : "post_attention_layernorm")
        mlp = try GatedMLP(
            store, path.appending("mlp"), width: config.width, inner: config.inner,
            activation: config.activation.function, bias: config.innerBias, isFused: config.isFused,
            deviation: config.deviation)
        afterInner = config.normsBranches ? try norm("post_feedforward_layernorm") : nil
        linears = attention.linears + mlp.linears
    }

    /// - Parameter type: of the products.
    func callAsFunction(_ x: Tensor, _ pass: Pass, _ type: DType) throws -> Tensor {
        let y = try adding(to: x, afterAttention) { residual in
            try attention(attentionNorm(x).to(type), pass, addingTo: residual)
        }
        return try adding(to: y, afterInner) { residual in
            try mlp(innerNorm(y).to(type), addingTo: residual)
        }
    }

    /// `x` and a branch, which adds to `x` itself where no norm comes between.
    private func adding(
        to x: Tensor, _ norm: RMSNorm?, _ branch: (_ residual: Tensor?) throws -> Tensor
    ) throws -> Tensor {
        guard let norm else { return try branch(x) }
        return try x + norm(branch(nil)).to(x.dtype)
    }
}
