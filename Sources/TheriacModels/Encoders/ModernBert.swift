// ModernBERT: rotary positions, pre-norm layers with gated feed-forward, most of them looking at a window only.
// Source: Warner et al., *Smarter, Better, Faster, Longer: A Modern Bidirectional TextEncoder*, 2024.

import Foundation
public import TheriacOptions
public import TheriacTensors

private struct ModernBertConfiguration {
    var vocabulary = 50368
    var width = 768
    var inner = 1152
    var layers = 22
    var heads = 12
    var context = 8192
    var epsilon = 1e-5
    var activation = HiddenActivation.gelu
    var normBias = false
    var attentionBias = false
    var innerBias = false
    /// Tokens seen to each side by layers that do not see all.
    var window = 64
    /// By layer: sees all.
    var seesAll: [Bool] = []
    var thetaOfAll = 160_000.0
    var thetaOfWindow = 10_000.0

    init(_ fields: inout OptionFields) throws {
        try fields.read("vocab_size", into: &vocabulary, in: 1...10_000_000)
        try fields.read("hidden_size", into: &width, in: 1...1_000_000)
        try fields.read("intermediate_size", into: &inner, in: 1...1_000_000)
        try fields.read("num_hidden_layers", into: &layers, in: 1...10_000)
        try fields.read("num_attention_heads", into: &heads, in: 1...10_000)
        try fields.read("max_position_embeddings", into: &context, in: 1...10_000_000)
        try fields.read("norm_eps", into: &epsilon, in: 0...1)
        try fields.read("hidden_activation", into: &activation)
        try fields.read("norm_bias", into: &normBias)
        try fields.read("attention_bias", into: &attentionBias)
        try fields.read("mlp_bias", into: &innerBias)
        var both = 128
        try fields.read("local_attention", into: &both, in: 0...10_000_000)
        window = both / 2
        guard width % heads == 0, (width / heads) % 2 == 0 else {
            throw ModelError.unsupportedSetting(
                "hidden_size \(width) with num_attention_heads \(heads)",
                reason: "heads must divide the width into even parts")
        }
        try readLayerTypes(&fields)
        try readRotation(&fields)
    }

    /// `layer_types` of transformers 5, or every so many layers of 4.
    private mutating func readLayerTypes(_ fields: inout OptionFields) throws {
        var every = 3
        try fields.read("global_attn_every_n_layers", into: &every, in: 1...10_000)
        var types: [String]?
        try fields.read("layer_types", into: &types)
        seesAll = types.map { $0.map { $0 == "full_attention" } } ?? (0..<layers).map { $0 % every == 0 }
        if let unknown = types?.first(where: { $0 != "full_attention" && $0 != "sliding_attention" }) {
            throw ModelError.unsupportedSetting(
                "layer_types \(unknown)", reason: "full_attention and sliding_attention are")
        }
        guard seesAll.count == layers else {
            throw ModelError.unsupportedSetting(
                "layer_types", reason: "it names \(seesAll.count) layers of \(layers)")
        }
    }

    /// `rope_parameters` of transformers 5, or the thetas of 4.
    private mutating func readRotation(_ fields: inout OptionFields) throws {
        try fields.read("global_rope_theta", into: &thetaOfAll, in: 1...1e12)
        var local: Double? = thetaOfWindow
        try fields.read("local_rope_theta", into: &local)
        thetaOfWindow = local ?? thetaOfAll
        guard var parameters = try fields.fields("rope_parameters") else { return }
        try Self.readTheta("full_attention", &parameters, &thetaOfAll)
        try Self.readTheta("sliding_attention", &parameters, &thetaOfWindow)
    }

    private static func readTheta(
        _ name: String, _ parameters: inout OptionFields, _ theta: inout Double
    ) throws {
        guard var fields = try parameters.fields(name) else { return }
        var kind = "default"
        try fields.read("rope_type", into: &kind)
        guard kind == "default" else {
            throw ModelError.unsupportedSetting("rope_type \(kind)", reason: "default is, for ModernBERT")
        }
        try fields.read("rope_theta", into: &theta, in: 1...1e12)
    }
}

/// Turns queries and keys by their positions: pairs of a first and a second half, `inv_freq_i = theta^(−2i/width)`.
private struct Rotation {
    let cosine: Tensor  // float32 [total, 1, 1, headWidth / 2]
    let sine: Tensor

    init(theta: Double, headWidth: Int, _ batch: PackedBatch) throws {
        let longest = (0..<batch.rows).map { batch.offsets[$0 + 1] - batch.offsets[$0] }.max() ?? 1
        let half = headWidth / 2
        var (cosines, sines): ([Float], [Float]) = ([], [])
        for position in 0..<longest {
            for index in 0..<half {
                let frequency = Float(1 / pow(theta, 2 * Double(index) / Double(headWidth)))
                let angle = Float(position) * frequency
                cosines.append(cos(angle))
                sines.append(sin(angle))
            }
        }
        func rows(_ table: [Float]) throws -> Tensor {
            try Tensor(table, shape: [longest, half], on: batch.tokens.device).select(0, batch.positions)
                .reshape([batch.total, 1, 1, half])
        }
        cosine = try rows(cosines)
        sine = try rows(sines)
    }

    /// `[total, heads · headWidth]`, computed in float32.
    func callAsFunction(_ x: Tensor, heads: Int) throws -> Tensor {
        let half = cosine.size(3)
        let pairs = try x.to(.float32).reshape([x.size(0), heads, 2, half])
        let (a, b) = try (pairs.slice(2, 0..<1), pairs.slice(2, 1..<2))
        let turned = try Tensor.concatenate(
            [a * cosine - b * sine, b * cosine + a * sine], dimension: 2)
        return try turned.reshape(x.shape).to(x.dtype)
    }
}

private struct ModernBertLayer {
    let linears: [(path: String, layer: Linear)]
    private let attentionNorm: LayerNorm?
    private let innerNorm: LayerNorm
    private let wqkv, wo, wi, innerWo: Linear
    private let config: ModernBertConfiguration
    private let window: Int?

    init(_ store: ParameterStore, _ index: Int, _ config: ModernBertConfiguration) throws {
        let path = "model.layers.\(index)"
        let width = config.width
        func norm(_ name: String) throws -> LayerNorm {
            try LayerNorm(
                store, "\(path).\(name)", width: width, epsilon: config.epsilon, bias: config.normBias)
        }
        // The embeddings are normed already.
        attentionNorm = index == 0 ? nil : try norm("attn_norm")
        wqkv = try Linear(
            store, path + ".attn.Wqkv", inputs: width, outputs: 3 * width, bias: config.attentionBias)
        wo = try Linear(store, path + ".attn.Wo", inputs: width, outputs: width, bias: config.attentionBias)
        innerNorm = try norm("mlp_norm")
        wi = try Linear(
            store, path + ".mlp.Wi", inputs: width, outputs: 2 * config.inner, bias: config.innerBias)
        innerWo = try Linear(
            store, path + ".mlp.Wo", inputs: config.inner, outputs: width, bias: config.innerBias)
        linears = [
            (path + ".attn.Wqkv", wqkv), (path + ".attn.Wo", wo), (path + ".mlp.Wi", wi),
            (path + ".mlp.Wo", innerWo),
        ]
        self.config = config
        window = config.seesAll[index] ? nil : config.window
    }

    /// float32 `[total, width]` to the same, or to `[rows, width]` of the first tokens.
    func callAsFunction(
        _ x: Tensor, _ batch: PackedBatch, _ rotation: Rotation, type: DType, firstOnly: Bool
    ) throws -> Tensor {
        let width = config.width
        let all = try wqkv.rows((attentionNorm?(x) ?? x).to(type))
        let turned = try rotation(all.slice(1, 0..<2 * width), heads: 2 * config.heads)
        var query = try turned.slice(1, 0..<width)
        var asking = x
        if firstOnly {
            query = try query.select(0, batch.firstTokens)
            asking = try x.select(0, batch.firstTokens)
        }
        let mixed = try batch.attend(
            query, turned.slice(1, width..<2 * width), all.slice(1, 2 * width..<3 * width),
            heads: config.heads, window: window, scale: 1 / Double(width / config.heads).squareRoot())
        let y = try wo.rows(mixed, addingTo: asking)
        let gated = try wi.rows(innerNorm(y).to(type)).gated(config.activation.function)
        return try innerWo.rows(gated, addingTo: y)
    }
}

public final class ModernBert: TextEncoder {
    public static let modelType = "modernbert"
    public static let className = "ModernBertForSequenceClassification"
    public static let headPrefix = "model."

    public let shape: EncoderShape
    public let parameters: [Parameter]
    public var computeType: DType
    private let config: ModernBertConfiguration
    private let tokens: Tensor  // [vocabulary, width]
    private let norm: LayerNorm
    private let layers: [ModernBertLayer]
    private let finalNorm: LayerNorm

    public init(_ fields: inout OptionFields, _ store: ParameterStore) throws {
        let config = try ModernBertConfiguration(&fields)
        self.config = config
        tokens = try store.parameter(
            "model.embeddings.tok_embeddings.weight", [config.vocabulary, config.width],
            initial: .normal(0.02))
        norm = try LayerNorm(
            store, "model.embeddings.norm", width: config.width, epsilon: config.epsilon,
            bias: config.normBias)
        layers = try (0..<config.layers).map { try ModernBertLayer(store, $0, config) }
        finalNorm = try LayerNorm(
            store, "model.final_norm", width: config.width, epsilon: config.epsilon, bias: config.normBias)
        parameters = store.parameters
        computeType = store.dtype
        shape = EncoderShape(
            vocabulary: config.vocabulary, context: config.context, layers: config.layers,
            heads: config.heads, headWidth: config.width / config.heads, width: config.width)
    }

    public var adapterTargets: [String] { ["Wqkv"] }
    public var linears: [(path: String, layer: Linear)] { layers.flatMap(\.linears) }

    public func hidden(_ batch: PackedBatch) throws -> Tensor { try states(batch, firstOnly: false) }
    public func firstHidden(_ batch: PackedBatch) throws -> Tensor { try states(batch, firstOnly: true) }

    private func states(_ batch: PackedBatch, firstOnly: Bool) throws -> Tensor {
        var x = try norm(tokens.embedding(batch.tokens).to(.float32))
        let ofAll = try Rotation(theta: config.thetaOfAll, headWidth: shape.headWidth, batch)
        let ofWindow = try Rotation(theta: config.thetaOfWindow, headWidth: shape.headWidth, batch)
        for (index, layer) in layers.enumerated() {
            x = try layer(
                x, batch, config.seesAll[index] ? ofAll : ofWindow, type: computeType,
                firstOnly: firstOnly && index == layers.count - 1)
        }
        return try finalNorm(x)
    }

    public func makeHead(
        labels: Int, _ fields: inout OptionFields, _ store: ParameterStore
    ) throws -> any ClassificationHead {
        try ModernBertHead(&fields, store, config, labels: labels)
    }
}

/// A product and a norm over the first token, or over the mean of all.
private final class ModernBertHead: ClassificationHead {
    enum Pooling: String, OptionReadable, CaseIterable { case cls, mean }

    let parameters: [Parameter]
    let linears: [(path: String, layer: Linear)]
    let savedModules = ["head", "classifier"]
    private let dense: Linear
    private let norm: LayerNorm
    private let classifier: Linear
    private var activation = HiddenActivation.gelu
    private var pooling = Pooling.cls

    init(
        _ fields: inout OptionFields, _ store: ParameterStore, _ config: ModernBertConfiguration, labels: Int
    ) throws {
        var bias = false
        try fields.read("classifier_bias", into: &bias)
        let before = store.parameters.count
        dense = try Linear(store, "head.dense", inputs: config.width, outputs: config.width, bias: bias)
        norm = try LayerNorm(
            store, "head.norm", width: config.width, epsilon: config.epsilon, bias: config.normBias)
        classifier = try Linear(store, "classifier", inputs: config.width, outputs: labels)
        parameters = Array(store.parameters[before...])
        linears = [("head.dense", dense), ("classifier", classifier)]
        try fields.read("classifier_activation", into: &activation)
        try fields.read("classifier_pooling", into: &pooling)
    }

    var readsFirstTokenOnly: Bool { pooling == .cls }

    func pool(_ hidden: Tensor, _ batch: PackedBatch) throws -> Tensor {
        guard pooling == .mean else { return try hidden.select(0, batch.firstTokens) }
        let means = try (0..<batch.rows).map { row in
            let range = batch.offsets[row]..<batch.offsets[row + 1]
            return try hidden.slice(0, range).sum(0, keeping: true) / Double(range.count)
        }
        return try Tensor.concatenate(means, dimension: 0)
    }

    func logits(_ pooled: Tensor) throws -> Tensor {
        try classifier.rows(norm(dense.rows(pooled, activation.function)))
    }
}
