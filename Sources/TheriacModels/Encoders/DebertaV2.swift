// DeBERTa v2 and v3: attention over contents and relative positions, each by vectors of its own.
// Source: He et al., *DeBERTa: Decoding-enhanced BERT with Disentangled Attention*, ICLR 2021, and *DeBERTaV3*, ICLR 2023.

import Foundation
public import TheriacOptions
public import TheriacTensors

/// What DeBERTa's `config.json` has beside BERT's fields.
private struct DebertaConfiguration {
    var usesRelative = false
    /// Relative positions told apart to each side.
    var span: Int
    /// Where relative positions share buckets: how many there are to each side; 0 where each has its own.
    var buckets = 0
    /// The furthest relative position there is a bucket for.
    var furthest: Int
    var sharesKeys = false
    var normsPositions = false
    var contentToPosition = false
    var positionToContent = false
    var addsPositions = true

    init(_ fields: inout OptionFields, _ base: BertConfiguration) throws {
        try fields.read("relative_attention", into: &usesRelative)
        try fields.read("share_att_key", into: &sharesKeys)
        try fields.read("position_biased_input", into: &addsPositions)
        var limit = -1
        try fields.read("max_relative_positions", into: &limit)
        furthest = limit < 1 ? base.positions : limit
        var given = -1
        try fields.read("position_buckets", into: &given)
        buckets = max(given, 0)
        span = buckets > 0 ? buckets : furthest
        var norm = "none"
        try fields.read("norm_rel_ebd", into: &norm)
        normsPositions = norm.lowercased().contains("layer_norm")
        // A list, or a text with bars.
        let kinds: [String] =
            switch fields.value("pos_att_type") {
            case .string(let text)?:
                text.lowercased().split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
            case .list(let names)?: names.compactMap { if case .string(let name) = $0 { name } else { nil } }
            default: []
            }
        contentToPosition = kinds.contains("c2p")
        positionToContent = kinds.contains("p2c")
        if let kind = kinds.first(where: { $0 != "c2p" && $0 != "p2c" }) {
            throw ModelError.unsupportedSetting("pos_att_type \(kind)", reason: "c2p and p2c are")
        }
        try refuse(&fields, base)
    }

    private func refuse(_ fields: inout OptionFields, _ base: BertConfiguration) throws {
        var kernel = 0
        try fields.read("conv_kernel_size", into: &kernel)
        if kernel > 0 {
            throw ModelError.unsupportedSetting(
                "conv_kernel_size \(kernel)", reason: "models without a convolution are, such as DeBERTa v3")
        }
        var headWidth = base.width / base.heads
        try fields.read("attention_head_size", into: &headWidth)
        var narrow = base.width
        try fields.read("embedding_size", into: &narrow)
        for (name, found, wanted) in [
            ("attention_head_size", headWidth, base.width / base.heads),
            ("embedding_size", narrow, base.width),
        ] where found != wanted {
            throw ModelError.unsupportedSetting("\(name) \(found)", reason: "here it must be \(wanted)")
        }
    }

    /// Which of the `2 · span` relative embeddings stands for a key `distance` before the query.
    func index(_ distance: Int) -> Int {
        min(max(bucket(distance) + span, 0), 2 * span - 1)
    }

    /// Near distances as they are, far ones by the logarithm; in single precision, as the reference rounds.
    private func bucket(_ distance: Int) -> Int {
        let middle = buckets / 2
        guard buckets > 0, abs(distance) > middle else { return distance }
        let far =
            log(Float(abs(distance)) / Float(middle)) / log(Float(Double(furthest - 1) / Double(middle)))
        let place = Int((far * Float(middle - 1)).rounded(.up)) + middle
        return distance < 0 ? -place : place
    }

    /// What the scores are divided by: √(width · (1 + kinds of positions)).
    func scale(_ headWidth: Int) -> Double {
        let kinds = 1 + (contentToPosition ? 1 : 0) + (positionToContent ? 1 : 0)
        return 1 / Double(headWidth * kinds).squareRoot()
    }
}

extension BertConfiguration {
    /// What fields of DeBERTa's `config.json` are when they are absent.
    fileprivate static var deberta: BertConfiguration {
        var config = BertConfiguration()
        config.vocabulary = 128_100
        config.width = 1536
        config.layers = 24
        config.heads = 24
        config.inner = 6144
        config.types = 0
        config.epsilon = 1e-7
        return config
    }
}

public final class DebertaV2: TextEncoder {
    public static let modelType = "deberta-v2"
    public static let className = "DebertaV2ForSequenceClassification"
    public static let headPrefix = "deberta."

    public let shape: EncoderShape
    public let parameters: [Parameter]
    public var computeType: DType
    private let config: DebertaConfiguration
    private let embeddings: BertEmbeddings
    private let layers: [PostNormLayer]
    private let relative: Tensor?  // [2 · span, width]
    private let relativeNorm: LayerNorm?
    /// Products for relative positions, where they are not those for contents.
    private let positionKeys: [Linear]
    private let positionQueries: [Linear]

    public init(_ fields: inout OptionFields, _ store: ParameterStore) throws {
        let base = try BertConfiguration(&fields, defaults: .deberta)
        let config = try DebertaConfiguration(&fields, base)
        self.config = config
        embeddings = try BertEmbeddings(
            store, "deberta.embeddings", vocabulary: base.vocabulary,
            positions: config.addsPositions ? base.positions : 0, types: base.types, width: base.width,
            epsilon: base.epsilon)
        let sizes = PostNormLayer.Sizes(
            width: base.width, inner: base.inner, heads: base.heads, epsilon: base.epsilon,
            activation: base.activation.function)
        let names = PostNormLayer.Names(
            query: "attention.self.query_proj", key: "attention.self.key_proj",
            value: "attention.self.value_proj")
        let paths = (0..<base.layers).map { "deberta.encoder.layer.\($0)" }
        layers = try paths.map { try PostNormLayer(store, $0, sizes, names) }
        func projections(_ name: String, _ wanted: Bool) throws -> [Linear] {
            guard config.usesRelative, !config.sharesKeys, wanted else { return [] }
            return try paths.map {
                try Linear(store, "\($0).attention.self.\(name)", inputs: base.width, outputs: base.width)
            }
        }
        positionKeys = try projections("pos_key_proj", config.contentToPosition)
        positionQueries = try projections("pos_query_proj", config.positionToContent)
        relative =
            config.usesRelative
            ? try store.parameter(
                "deberta.encoder.rel_embeddings.weight", [2 * config.span, base.width], initial: .normal(0.02)
            )
            : nil
        relativeNorm =
            config.normsPositions
            ? try LayerNorm(
                store, "deberta.encoder.LayerNorm", width: base.width, epsilon: base.epsilon) : nil
        parameters = store.parameters
        computeType = store.dtype
        shape = EncoderShape(
            vocabulary: base.vocabulary, context: base.positions, layers: base.layers, heads: base.heads,
            headWidth: base.width / base.heads, width: base.width)
    }

    public var adapterTargets: [String] { ["query_proj", "value_proj"] }

    public var linears: [(path: String, layer: Linear)] {
        layers.enumerated().flatMap { index, layer in
            let path = "deberta.encoder.layer.\(index).attention.self."
            return layer.linears
                + (positionKeys.isEmpty ? [] : [(path + "pos_key_proj", positionKeys[index])])
                + (positionQueries.isEmpty ? [] : [(path + "pos_query_proj", positionQueries[index])])
        }
    }

    public func hidden(_ batch: PackedBatch) throws -> Tensor { try states(batch, firstOnly: false) }
    public func firstHidden(_ batch: PackedBatch) throws -> Tensor { try states(batch, firstOnly: true) }

    private func states(_ batch: PackedBatch, firstOnly: Bool) throws -> Tensor {
        var x = try Stream(embeddings(batch.tokens, positions: batch.positions), computeType)
        let distances = try relativePositions(batch)
        for (index, layer) in layers.enumerated() {
            let first = firstOnly && index == layers.count - 1
            x = try layer(x, batch, firstOnly: first) { query, key, value in
                try self.attend(query, key, value, batch, layer: index, distances)
            }
        }
        return x.exact
    }

    // MARK: Attention

    /// The relative embeddings that the longest sequence needs, in the compute type.
    private struct RelativePositions {
        var embeddings: Tensor?  // [count, width]
        /// Which of all the first is.
        var first: Int

        /// Those that a sequence of `length` tokens needs.
        func range(_ config: DebertaConfiguration, _ length: Int) -> Range<Int> {
            config.index(1 - length) - first..<config.index(length - 1) - first + 1
        }
    }

    private func relativePositions(_ batch: PackedBatch) throws -> RelativePositions {
        guard let relative else { return RelativePositions(embeddings: nil, first: 0) }
        let longest = (0..<batch.rows).map { batch.offsets[$0 + 1] - batch.offsets[$0] }.max() ?? 1
        let range = config.index(1 - longest)..<config.index(longest - 1) + 1
        let part = try relative.slice(0, range).to(.float32)
        return RelativePositions(
            embeddings: try (relativeNorm?(part) ?? part).to(computeType), first: range.lowerBound)
    }

    /// (q·k + q·K(δ) + k·Q(δ)) / √(width · kinds), softmax, times values, sequence by sequence; sums in float32.
    private func attend(
        _ query: Tensor, _ key: Tensor, _ value: Tensor, _ batch: PackedBatch, layer: Int,
        _ distances: RelativePositions
    ) throws -> Tensor {
        let scale = config.scale(shape.headWidth)
        guard let embeddings = distances.embeddings else {
            return try batch.attend(query, key, value, heads: shape.heads, scale: scale)
        }
        let keyRows = config.sharesKeys ? layers[layer].key : positionKeys.isEmpty ? nil : positionKeys[layer]
        let queryRows =
            config.sharesKeys ? layers[layer].query : positionQueries.isEmpty ? nil : positionQueries[layer]
        let positionKey = try config.contentToPosition ? keyRows.map { try heads($0.rows(embeddings)) } : nil
        let positionQuery =
            try config.positionToContent ? queryRows.map { try heads($0.rows(embeddings)) } : nil
        let firstOnly = query.size(0) != batch.total
        var parts: [Tensor] = []
        for row in 0..<batch.rows {
            let range = batch.offsets[row]..<batch.offsets[row + 1]
            let q = try heads(query.slice(0, firstOnly ? row..<row + 1 : range))  // [heads, queries, width]
            let k = try heads(key.slice(0, range))
            // What this sequence needs of them and no more: its result must not depend on the longest one.
            let needed = distances.range(config, range.count)
            let places = try indices(
                queries: firstOnly ? 1 : range.count, keys: range.count, on: query.device)
            var scores = try q.matmul(k.transposed())
            if let positionKey {
                let part = try positionKey.slice(1, needed).transposed()
                scores = try scores + q.matmul(part).gather(2, places)
            }
            if let positionQuery {
                let part = try positionQuery.slice(1, needed).transposed()
                let found = try k.matmul(part).gather(2, places.transposed().contiguous())
                scores = try scores + found.transposed()
            }
            let mixed = try (scores * scale).softmax().matmul(heads(value.slice(0, range)))
            parts.append(try mixed.permute([1, 0, 2]).reshape([q.size(1), shape.width]))
        }
        return try Tensor.concatenate(parts, dimension: 0).to(query.dtype)
    }

    /// `[count, width]` → float32 `[heads, count, headWidth]`.
    private func heads(_ x: Tensor) throws -> Tensor {
        try x.to(.float32).reshape([x.size(0), shape.heads, shape.headWidth]).permute([1, 0, 2])
    }

    /// int64 `[heads, queries, keys]`.
    private func indices(queries: Int, keys: Int, on device: Device) throws -> Tensor {
        let byDistance = (1 - keys..<queries).map { Int64(config.index($0) - config.index(1 - keys)) }
        var flat: [Int64] = []
        flat.reserveCapacity(queries * keys)
        for query in 0..<queries {
            for key in 0..<keys { flat.append(byDistance[query - key + keys - 1]) }
        }
        return try Tensor(flat, shape: [1, queries, keys], on: device).expand([shape.heads, queries, keys])
    }

    public func makeHead(
        labels: Int, _ fields: inout OptionFields, _ store: ParameterStore
    ) throws -> any ClassificationHead {
        var activation = HiddenActivation.gelu
        try fields.read("pooler_hidden_act", into: &activation)
        return try PoolerHead(
            store, pooler: "pooler.dense", activation: activation.function, width: shape.width,
            labels: labels)
    }
}
