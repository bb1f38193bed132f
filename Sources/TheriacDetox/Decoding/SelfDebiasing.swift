internal import Foundation
public import TheriacGeneration
internal import TheriacModels
public import TheriacOptions
internal import TheriacTensors
internal import TheriacTokenizers

/// Settings of self-debiasing.
public struct SelfDebiasingSettings: Options, Equatable {
    /// Descriptions of what is unwanted, each read before the prompt as "The following text contains …:".
    public var descriptions = [
        "rude, disrespectful, or unreasonable language", "very hateful, aggressive, disrespectful language",
        "sexually explicit language", "a threat",
        "negative or hateful language targeting someone because of their identity",
        "swear words, curse words, or other obscene or profane language",
    ]
    /// λ in the paper: how fast a token fades whose probability rises behind a description; 0 changes nothing.
    public var decay = 50.0
    /// ε in the paper: the least a token's probability is multiplied with.
    public var floor = 0.01

    public init() {}

    public mutating func read(_ fields: inout OptionFields) throws(OptionsError) {
        try fields.read("descriptions", into: &descriptions)
        try fields.read("decay", into: &decay, in: 0...1e6)
        try fields.read("floor", into: &floor, in: 1e-12...1)
        guard !descriptions.isEmpty else {
            throw .refused(path: fields.pathOf("descriptions"), reason: "give at least one description")
        }
    }
}

/// Makes unlikely what the model itself finds likelier behind "The following text contains rude language:".
///
/// Source: Schick, Udupa and Schütze, *Self-Diagnosis and Self-Debiasing*, TACL 2021. The model must understand the
/// description, so larger ones gain more.
public enum SelfDebiasingMethod: DecodingMethod {
    public static let card = MethodCard(
        name: "self-debiasing", title: "self-debiasing",
        summary: "Scales down tokens that the model finds likelier behind a description of toxic text.",
        source: "Schick, Udupa and Schütze, Self-Diagnosis and Self-Debiasing, TACL 2021",
        cost: "one more reading of every token for each description, in the model's own batch")

    public static func makePart(
        _ settings: SelfDebiasingSettings, _ context: MethodContext
    ) throws -> DecodingPart {
        let tokenizer = context.model.tokenizer
        let prefixes = settings.descriptions.map {
            tokenizer.encode("The following text contains \($0):\n", addingSpecialTokens: false)
        }
        return .processor(
            SelfDebiasing(
                companion: Companion(prefixes: prefixes), readings: prefixes.count,
                decay: Float(settings.decay), floor: Float(settings.floor)))
    }
}

struct SelfDebiasing: LogitsProcessor {
    var companion: Companion
    let readings: Int
    let decay: Float
    let floor: Float

    mutating func attach(to session: ModelSession) throws { try companion.attach(to: session) }

    mutating func process(_ logits: Tensor, _ state: GenerationState) throws -> Tensor {
        guard decay > 0 else { return logits }
        return try Self.debiased(
            logits, behind: (0..<readings).map { try companion.logits($0) }, decay: decay, floor: floor)
    }

    /// z + ln max(exp(−λ · max(max_j p_j − p₀, 0)), ε). float32 `[rows, vocabulary]` each.
    static func debiased(
        _ logits: Tensor, behind readings: [Tensor], decay: Float, floor: Float
    ) throws -> Tensor {
        try RowArithmetic.map([logits] + readings) { _, rows, result, _ in
            let sums = rows.map { RowArithmetic.logSumExp($0) }
            let least = log(floor)
            for index in rows[0].indices {
                let plain = exp(rows[0][index] - sums[0])
                var most: Float = 0
                for reading in 1..<rows.count {
                    most = max(most, exp(rows[reading][index] - sums[reading]))
                }
                result[index] = rows[0][index] + max(-decay * max(most - plain, 0), least)
            }
        }
    }
}
