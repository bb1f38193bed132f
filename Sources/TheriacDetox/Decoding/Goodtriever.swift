internal import Foundation
public import TheriacGeneration
internal import TheriacModels
public import TheriacOptions
internal import TheriacTensors

/// Settings of nearest-neighbour experts. Defaults are the authors'.
public struct GoodtrieverSettings: Options, Equatable {
    /// A folder made by `theriac train neighbours`; nil takes the shipped one of the model's name.
    public var store: String?
    /// Entries that are looked up in each class.
    public var neighbours = 1024
    /// Divides squared distances: the larger, the more far neighbours count. It depends on the model's width and norms.
    public var temperature = 100.0
    /// λ: share of the neighbours in each expert, the rest is the model itself; 1 is neighbours alone.
    public var share = 1.0
    /// How much the experts count; 0 changes nothing.
    public var alpha = 2.0
    /// Tokens outside the model's own nucleus of this probability are not drawn; 1 keeps all.
    public var filterP = 0.9

    public init() {}

    public mutating func read(_ fields: inout OptionFields) throws(OptionsError) {
        try fields.read("store", into: &store)
        try fields.read("neighbours", into: &neighbours, in: 1...1_000_000)
        try fields.read("temperature", into: &temperature, in: 1e-6...1e12)
        try fields.read("share", into: &share, in: 0...1)
        try fields.read("alpha", into: &alpha, in: -100...100)
        try fields.read("filter-p", into: &filterP, in: 0...1)
    }
}

/// DExperts whose experts are what followed the most similar places of nontoxic and of toxic texts.
///
/// Source: Pozzobon et al., *Goodtriever: Adaptive Toxicity Mitigation with Retrieval-augmented Models*, Findings of EMNLP
/// 2023. Their code searches an approximate index; here the search is exact. As there, a token that no neighbour means gets
/// the smallest probability that one has; theirs is the smallest of the whole batch, here it is that of the row, so that
/// rows do not depend on each other. Without texts of one class the model stands in for that expert.
public enum GoodtrieverMethod: DecodingMethod {
    public static let card = MethodCard(
        name: "goodtriever", title: "nearest-neighbour experts",
        summary:
            "Prefers what followed similar places of nontoxic texts over what followed them in toxic texts.",
        source: "Pozzobon et al., Goodtriever, Findings of EMNLP 2023",
        cost:
            "two exact searches a token: 2 · width · entries multiplications each, and reading the store when it is "
            + "larger than a gigabyte")

    /// The kind of folder its store is.
    public static let kind = "neighbours"

    public static func makePart(
        _ settings: GoodtrieverSettings, _ context: MethodContext
    ) throws -> DecodingPart {
        let loaded = context.model
        let folder = try context.folder(settings.store ?? loaded.folder.lastPathComponent, kind: kind)
        try MethodFile.check(folder, madeBy: NeighbourTraining.name, from: loaded)
        return .processor(
            Goodtriever(
                nontoxic: try NeighbourStore(folder, .nontoxic, for: loaded),
                toxic: try NeighbourStore(folder, .toxic, for: loaded), settings))
    }
}

/// The processor of nearest-neighbour experts. It asks with the hidden states of the generation's own session.
struct Goodtriever: LogitsProcessor {
    private let nontoxic: NeighbourStore?
    private let toxic: NeighbourStore?
    private let settings: GoodtrieverSettings
    private var session: ModelSession?

    init(nontoxic: NeighbourStore?, toxic: NeighbourStore?, _ settings: GoodtrieverSettings) {
        self.nontoxic = nontoxic
        self.toxic = toxic
        self.settings = settings
    }

    mutating func attach(to session: ModelSession) throws { self.session = session }

    mutating func process(_ logits: Tensor, _ state: GenerationState) throws -> Tensor {
        guard settings.alpha != 0, let session else { return logits }
        let queries = try session.hidden()
        func found(_ store: NeighbourStore?) throws -> [NeighbourStore.Neighbours]? {
            try store?.neighbours(of: queries, k: settings.neighbours, temperature: settings.temperature)
        }
        return try Self.mixed(
            logits, plain: session.logits(), nontoxic: found(nontoxic), toxic: found(toxic), settings)
    }

    /// z + α (ln p⁺ − ln p⁻) within the nucleus of z, where each p is λ · p_neighbours + (1 − λ) · p_model.
    ///
    /// - Parameters:
    ///   - logits: z; `plain`: the model's own. float32 `[rows, vocabulary]`.
    ///   - nontoxic: of each row; nil for the model itself, likewise `toxic`.
    static func mixed(
        _ logits: Tensor, plain: Tensor, nontoxic: [NeighbourStore.Neighbours]?,
        toxic: [NeighbourStore.Neighbours]?, _ settings: GoodtrieverSettings
    ) throws -> Tensor {
        let (alpha, share) = (Float(settings.alpha), Float(settings.share))
        return try RowArithmetic.map([logits, plain]) { row, rows, result, scratch in
            let (base, own) = (rows[0], rows[1])
            let sum = RowArithmetic.logSumExp(own)
            let model = own.map { $0 - sum }
            let good = nontoxic.map { expert($0[row], model, share) } ?? model
            let bad = toxic.map { expert($0[row], model, share) } ?? model
            for index in base.indices {
                // What is banned stays banned, whatever the experts say.
                result[index] =
                    base[index] == -.infinity
                    ? -.infinity : base[index] + alpha * (good[index] - bad[index])
            }
            scratch.removeTail(of: base, p: settings.filterP, in: result)
        }
    }

    /// ln of an expert's probabilities; those below e⁻⁵⁰ become the smallest above it.
    static func expert(_ meant: NeighbourStore.Neighbours, _ model: [Float], _ share: Float) -> [Float] {
        var values =
            share < 1 ? model.map { (1 - share) * exp($0) } : [Float](repeating: 0, count: model.count)
        for (token, weight) in meant { values[Int(token)] += share * weight }
        var least: Float = 0
        for index in values.indices {
            values[index] = log(values[index])
            if values[index] > -50 { least = min(least, values[index]) }
        }
        for index in values.indices where values[index] <= -50 { values[index] = least }
        return values
    }
}
