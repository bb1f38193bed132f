internal import Foundation
public import TheriacGeneration
internal import TheriacModels
public import TheriacOptions
internal import TheriacTensors
internal import TheriacTokenizers

/// Settings of toxification reversal.
public struct ToxificationReversalSettings: Options, Equatable {
    public var negative =
        "The following text is abusive, harmful, negative, obscene, racist, rude and toxic: "
    public var positive = "The following text is kind, polite, positive, respectful and supportive: "
    /// Exponents of the norm's and of the similarity's weight.
    public var normExponent = 0.4
    public var similarityExponent = 0.6
    /// Multiplies the shift; 0 changes nothing.
    public var strength = 1.0

    public init() {}

    public mutating func read(_ fields: inout OptionFields) throws(OptionsError) {
        try fields.read("negative", into: &negative)
        try fields.read("positive", into: &positive)
        try fields.read("norm-exponent", into: &normExponent, in: 0...10)
        try fields.read("similarity-exponent", into: &similarityExponent, in: 0...10)
        try fields.read("strength", into: &strength, in: 0...100)
    }
}

/// Moves each attention head away from where a toxic prefix would push it.
///
/// Each text is also read behind a negative and a positive prefix; the difference of the two at the last token is taken
/// from the heads' outputs of the text itself, weighted by its norm and by how like the head is to what the negative
/// prefix ends with, and each layer keeps its length.
///
/// Source: Leong et al., *Self-Detoxifying Language Models via Toxification Reversal*, EMNLP 2023. The exponents were found
/// for GPT-2 and do not transfer to every model (methods A.10).
public enum ToxificationReversalMethod: DecodingMethod {
    public static let card = MethodCard(
        name: "toxification-reversal", title: "toxification reversal",
        summary: "Moves attention heads away from where a toxic prefix would push them.",
        source: "Leong et al., Self-Detoxifying Language Models via Toxification Reversal, EMNLP 2023",
        cost: "two more readings of every token, behind the prefixes")

    public static func makePart(
        _ settings: ToxificationReversalSettings, _ context: MethodContext
    ) throws -> DecodingPart {
        .processor(try ToxificationReversal(settings, context))
    }
}

struct ToxificationReversal: LogitsProcessor {
    private let reading: ModelSession
    private let positive = HeadCapture()
    private let negative = HeadCapture()
    private let settings: ToxificationReversalSettings
    private let prefixEnd: HeadCapture

    init(_ settings: ToxificationReversalSettings, _ context: MethodContext) throws {
        self.settings = settings
        let tokenizer = context.model.tokenizer
        func tokens(_ text: String) -> [Int32] {
            // The text's own first blank stands for the prefix's last one.
            tokenizer.encode(text.trimmingCharacters(in: .whitespaces), addingSpecialTokens: false)
        }
        reading = ModelSession(
            context.model, newTokens: context.newTokens,
            variants: [
                .init(prefix: tokens(settings.positive), steering: positive),
                .init(prefix: tokens(settings.negative), steering: negative),
            ])
        prefixEnd = HeadCapture()
        let prefix = tokens(settings.negative)
        guard !prefix.isEmpty else {
            throw GenerationError.conflict("toxification reversal needs a negative prefix with a token")
        }
        let capture = prefixEnd
        let session = ModelSession(context.model, newTokens: 1, variants: [.init(steering: capture)])
        try Torch.withoutGradients { try session.read(GenerationState(prompts: [prefix], group: 1)) }
    }

    var bytesPerToken: Int { reading.bytesPerToken }

    mutating func attach(to session: ModelSession) throws {
        guard settings.strength > 0 else { return }
        try session.steer(
            ReversedHeads(
                positive: positive, negative: negative, prefixEnd: prefixEnd, settings: settings,
                heads: session.loaded.model.shape.heads))
    }

    mutating func read(_ state: GenerationState) throws {
        guard settings.strength > 0 else { return }
        positive.clear()
        negative.clear()
        try reading.read(state)
    }

    mutating func process(_ logits: Tensor, _ state: GenerationState) throws -> Tensor { logits }
}

/// Keeps the heads' outputs at the last token of each sequence.
final class HeadCapture: ActivationSteering {
    /// By layer; values `[sequences, heads · width]`.
    private var pieces: [Int: [(labels: [Int], values: Tensor)]] = [:]
    private var gathered: [Int: (places: [Int: Int], values: Tensor)] = [:]

    func clear() {
        pieces = [:]
        gathered = [:]
    }

    func heads(_ x: Tensor, layer: Int, _ sequences: [SteeredSequence]) throws -> Tensor {
        let last = sequences.map { Int64($0.tokens.upperBound - 1) }
        let values = try x.select(1, Tensor(last, shape: [last.count], on: x.device))
        pieces[layer, default: []].append(
            (sequences.map(\.label), try values.reshape([last.count, x.size(2)])))
        return x
    }

    /// float32 `[labels, heads · width]`.
    func values(_ layer: Int, _ labels: [Int]) throws -> Tensor {
        if gathered[layer] == nil {
            let found = pieces[layer] ?? []
            let all = found.flatMap(\.labels)
            gathered[layer] = (
                Dictionary(zip(all, all.indices), uniquingKeysWith: { $1 }),
                try found.count == 1
                    ? found[0].values : .concatenate(found.map(\.values), dimension: 0)
            )
        }
        guard let (places, values) = gathered[layer] else {
            preconditionFailure("captured before it is used")
        }
        let chosen = labels.map { Int64(places[$0] ?? 0) }
        return try values.select(0, Tensor(chosen, shape: [chosen.count], on: values.device)).to(.float32)
    }

    /// Of the only sequence that was read: float32 `[1, heads · width]`.
    func only(_ layer: Int) throws -> Tensor {
        guard let piece = pieces[layer]?.first else { preconditionFailure("captured before it is used") }
        return try piece.values.slice(0, 0..<1).to(.float32)
    }
}

/// The shift itself, at the last token of each sequence.
private final class ReversedHeads: ActivationSteering {
    private let positive: HeadCapture
    private let negative: HeadCapture
    private let prefixEnd: HeadCapture
    private let settings: ToxificationReversalSettings
    private let heads: Int

    init(
        positive: HeadCapture, negative: HeadCapture, prefixEnd: HeadCapture,
        settings: ToxificationReversalSettings, heads: Int
    ) {
        self.positive = positive
        self.negative = negative
        self.prefixEnd = prefixEnd
        self.settings = settings
        self.heads = heads
    }

    func heads(_ x: Tensor, layer: Int, _ sequences: [SteeredSequence]) throws -> Tensor {
        let total = x.size(1)
        let labels = sequences.map(\.label)
        let last = sequences.map { Int64($0.tokens.upperBound - 1) }
        let places = try Tensor(last, shape: [last.count], on: x.device)
        let shape = [last.count, heads, x.size(2) / heads]
        let own = try x.select(1, places).to(.float32).reshape(shape)
        let shift = try (negative.values(layer, labels) - positive.values(layer, labels)).reshape(shape)
        let end = try prefixEnd.only(layer).reshape([1, heads, shape[2]])
        let moved = try reversedHeads(
            own, shift: shift, prefixEnd: end, normExponent: settings.normExponent,
            similarityExponent: settings.similarityExponent, strength: settings.strength
        ).reshape([1, last.count, x.size(2)]).to(x.dtype)
        if total == last.count { return moved }
        // Places of the mended tokens among all: the others stand first, then these.
        var order = (0..<total).map(Int64.init)
        for (index, place) in last.enumerated() { order[Int(place)] = Int64(total + index) }
        return try Tensor.concatenate([x, moved], dimension: 1).select(
            1, Tensor(order, shape: [total], on: x.device))
    }
}

/// v − strength · λ_norm · λ_sim · Δ with the length over all heads kept. `own` and `shift` are float32 `[rows, heads, width]`,
/// `prefixEnd` `[1, heads, width]`.
func reversedHeads(
    _ own: Tensor, shift: Tensor, prefixEnd: Tensor, normExponent: Double, similarityExponent: Double,
    strength: Double
) throws -> Tensor {
    let normWeight = try (shift.norms() + 1).raised(to: normExponent)
    let cosine = try own.dot(prefixEnd) / (own.norms() * prefixEnd.norms() + 1e-8)
    let similarityWeight = try (cosine.relu() + 1).raised(to: similarityExponent)
    let moved = try own - normWeight * similarityWeight * shift * strength
    func length(_ x: Tensor) throws -> Tensor {
        try x.reshape([x.size(0), 1, x.size(1) * x.size(2)]).norms()
    }
    return try moved * (length(own) / (length(moved) + 1e-12))
}
