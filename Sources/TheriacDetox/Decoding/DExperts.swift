public import TheriacGeneration
public import TheriacOptions
internal import TheriacTensors

/// Settings of DExperts.
public struct DExpertsSettings: Options, Equatable {
    /// A model of nontoxic text and one of toxic text: folders of adapters or models, or shipped experts; "" for none.
    public var expert = "nontoxic"
    public var antiExpert = "toxic"
    /// α in the paper: how much the experts count.
    public var alpha = 2.0
    /// Tokens outside the model's own nucleus of this probability are not drawn; 1 keeps all.
    public var filterP = 0.9

    public init() {}

    public mutating func read(_ fields: inout OptionFields) throws(OptionsError) {
        try fields.read("expert", into: &expert)
        try fields.read("anti-expert", into: &antiExpert)
        try fields.read("alpha", into: &alpha, in: -100...100)
        try fields.read("filter-p", into: &filterP, in: 0...1)
        guard !expert.isEmpty || !antiExpert.isEmpty else {
            throw .refused(
                path: fields.pathOf("expert"),
                reason: "there is neither an expert nor an anti-expert; name one")
        }
    }
}

/// Adds α times what an expert on nontoxic text prefers over one on toxic text.
///
/// Source: Liu et al., *DExperts: Decoding-Time Controlled Text Generation with Experts and Anti-Experts*, ACL 2021. The
/// model's own nucleus is taken before mixing and the mixture is drawn from as it is: filtering again afterwards is
/// another method, so sample with top-p 1. Without an expert the model takes its place, likewise without an
/// anti-expert.
public enum DExpertsMethod: DecodingMethod {
    public static let card = MethodCard(
        name: "dexperts", title: "DExperts",
        summary:
            "Adds what a nontoxic expert prefers over a toxic anti-expert, within the model's own nucleus.",
        source: "Liu et al., DExperts, ACL 2021",
        cost: "two more readings of every token; as adapters on the model they go through it in one batch")

    /// The kind of folder its experts are.
    public static let kind = "experts"

    public static func makePart(
        _ settings: DExpertsSettings, _ context: MethodContext
    ) throws -> DecodingPart {
        func companion(_ name: String) throws -> Companion? {
            guard !name.isEmpty else { return nil }
            return try Companion(context.folder(name, kind: kind), context)
        }
        return .processor(
            DExperts(
                expert: try companion(settings.expert), antiExpert: try companion(settings.antiExpert),
                alpha: Float(settings.alpha), filterP: settings.filterP))
    }
}

/// The mixture's processor.
struct DExperts: LogitsProcessor {
    var expert: Companion?
    var antiExpert: Companion?
    let alpha: Float
    let filterP: Double

    var bytesPerToken: Int { (expert?.bytesPerToken ?? 0) + (antiExpert?.bytesPerToken ?? 0) }

    mutating func attach(to session: ModelSession) throws {
        try expert?.attach(to: session)
        try antiExpert?.attach(to: session)
    }

    mutating func read(_ state: GenerationState) throws {
        try expert?.read(state)
        try antiExpert?.read(state)
    }

    mutating func process(_ logits: Tensor, _ state: GenerationState) throws -> Tensor {
        guard alpha != 0 else { return logits }
        return try Self.mixed(
            logits, expert: expert?.logits(), antiExpert: antiExpert?.logits(), alpha: alpha,
            filterP: filterP)
    }

    /// z + α(z⁺ − z⁻) within the nucleus of z; z stands in for what is missing. float32 `[rows, vocabulary]` each.
    static func mixed(
        _ logits: Tensor, expert: Tensor?, antiExpert: Tensor?, alpha: Float, filterP: Double
    ) throws -> Tensor {
        try RowArithmetic.map([logits, expert ?? logits, antiExpert ?? logits]) { _, rows, result, scratch in
            let (base, good, bad) = (rows[0], rows[1], rows[2])
            for index in base.indices {
                // What is banned stays banned, whatever the experts say.
                result[index] =
                    base[index] == -.infinity
                    ? -.infinity : base[index] + alpha * (good[index] - bad[index])
            }
            scratch.removeTail(of: base, p: filterP, in: result)
        }
    }
}
