public import Foundation
public import TheriacGeneration
internal import TheriacModels
public import TheriacOptions
internal import TheriacTensors
internal import TheriacTokenizers

/// Settings of GeDi.
public struct GeDiSettings: Options, Equatable {
    /// A class-conditional model: the folder of an adapter or a model, or a shipped one.
    public var model = "gedi"
    /// ω in the paper: the power of the posterior.
    public var omega = 30.0
    /// Added to the wanted class's score before the posterior is taken.
    public var classBias = 2.0
    /// 1 − ρ in the paper: candidates of the lowest posterior are dropped up to this probability; 0 drops none.
    public var filterP = 0.8
    /// τ in the paper: candidates with at least this posterior are kept in any case.
    public var target = 0.8

    public init() {}

    public mutating func read(_ fields: inout OptionFields) throws(OptionsError) {
        try fields.read("model", into: &model)
        try fields.read("omega", into: &omega, in: 0...10_000)
        try fields.read("class-bias", into: &classBias, in: -100...100)
        try fields.read("filter-p", into: &filterP, in: 0...1)
        try fields.read("target", into: &target, in: 1e-6...0.999999)
    }
}

/// Weighs every candidate by how likely a class-conditional model finds that the text so far with it is clean.
///
/// Source: Krause et al., *GeDi: Generative Discriminator Guided Sequence Generation*, Findings of EMNLP 2021, with the
/// posterior's filter. The posterior of a text of n tokens is softened by 1/n, so guidance fades as a text grows.
public enum GeDiMethod: DecodingMethod {
    public static let card = MethodCard(
        name: "gedi", title: "GeDi",
        summary:
            "Multiplies each candidate's probability by the ω-th power of the posterior that the text is clean.",
        source: "Krause et al., GeDi, Findings of EMNLP 2021",
        cost:
            "two readings of every token by the class-conditional model; as an adapter, in the model's own batch"
    )

    public static func makePart(_ settings: GeDiSettings, _ context: MethodContext) throws -> DecodingPart {
        let folder = try context.folder(settings.model, kind: DExpertsMethod.kind)
        let codes = try ClassCodes(folder: folder)
        let tokenizer = context.model.tokenizer
        // Only a code's first token is used, as in the paper's implementation.
        let prefixes = [codes.wanted, codes.unwanted].map {
            Array(tokenizer.encode($0, addingSpecialTokens: false).prefix(1))
        }
        return .processor(
            GeDi(
                companion: try Companion(folder, prefixes: prefixes, measuresPrompts: true, context),
                weighing: .init(settings, codes)))
    }
}

/// The control codes of a class-conditional model, from `gedi.json` in its folder.
public struct ClassCodes: Codable, Sendable, Equatable {
    public static let file = "gedi.json"
    /// Texts that begin an example of each class.
    public var wanted = "clean"
    public var unwanted = "dirty"
    /// Multiplies class scores; learnt.
    public var logitScale = 1.0

    public init() {}

    enum CodingKeys: String, CodingKey {
        case wanted, unwanted
        case logitScale = "logit_scale"
    }

    /// - Throws: when the folder has none.
    public init(folder: URL) throws {
        let file = folder.appendingPathComponent(Self.file)
        guard let data = FileManager.default.contents(atPath: file.path),
            let codes = try? JSONDecoder().decode(Self.self, from: data), codes.logitScale.isFinite
        else { throw GeDiError.noCodes(folder.lastPathComponent) }
        self = codes
    }
}

public enum GeDiError: Error, Equatable, CustomStringConvertible {
    case noCodes(String)

    public var description: String {
        switch self {
        case .noCodes(let folder):
            "\(folder) is no class-conditional model: it has no readable \(ClassCodes.file). Make one with `theriac train "
                + "gedi`."
        }
    }
}

struct GeDi: LogitsProcessor {
    /// How class scores become weights.
    struct Weighing {
        var omega: Float
        var classBias: Float
        var logitScale: Float
        var filterP: Double
        /// ln τ, in the space with the bias.
        var keptFrom: Float

        init(_ settings: GeDiSettings, _ codes: ClassCodes) {
            omega = Float(settings.omega)
            classBias = Float(settings.classBias)
            logitScale = Float(codes.logitScale)
            filterP = settings.filterP
            let odds = settings.target / (1 - settings.target) * exp(settings.classBias)
            keptFrom = Float(log(odds / (1 + odds)))
        }
    }

    var companion: Companion
    let weighing: Weighing
    /// For each row the log-likelihood of what it has written, token by token summed, for each class; and the logits
    /// after the last one.
    private var written: [Int: (wanted: [Double], unwanted: [Double])] = [:]
    /// Log-probabilities of the step before, by row: of those the drawn token's counts.
    private var before: (places: [Int: Int], wanted: Tensor, unwanted: Tensor)?

    init(companion: Companion, weighing: Weighing) {
        self.companion = companion
        self.weighing = weighing
    }

    var bytesPerToken: Int { companion.bytesPerToken }

    mutating func attach(to session: ModelSession) throws { try companion.attach(to: session) }
    mutating func read(_ state: GenerationState) throws { try companion.read(state) }

    mutating func process(_ logits: Tensor, _ state: GenerationState) throws -> Tensor {
        let wanted = try companion.logits(0).logSoftmax()
        let unwanted = try companion.logits(1).logSoftmax()
        try note(state)
        defer {
            before = (
                Dictionary(uniqueKeysWithValues: state.rows.enumerated().map { ($1.id, $0) }), wanted,
                unwanted
            )
        }
        guard weighing.omega > 0 else { return logits }
        let sums = state.rows.map { row -> (wanted: Float, unwanted: Float, tokens: Float) in
            let own = written[row.id] ?? ([], [])
            return (
                Float(companion.promptLogLikelihood(0, of: row.prompt) + (own.wanted.last ?? 0)),
                Float(companion.promptLogLikelihood(1, of: row.prompt) + (own.unwanted.last ?? 0)),
                Float(state.prompt(of: row).count + row.written.count + 1)
            )
        }
        return try Self.weighed(logits, wanted, unwanted, sums: sums, weighing)
    }

    /// Adds the token each row has drawn since; forgets rows that are gone and tokens that were taken back.
    private mutating func note(_ state: GenerationState) throws {
        var next: [Int: (wanted: [Double], unwanted: [Double])] = [:]
        for row in state.rows {
            var own = written[row.id] ?? ([], [])
            if row.written.count == own.wanted.count + 1, let place = before?.places[row.id], let before {
                let token = Int(row.written[row.written.count - 1])
                func value(_ tensor: Tensor) throws -> Double {
                    try tensor.slice(0, place..<place + 1).slice(1, token..<token + 1).sum().item()
                }
                own.wanted.append((own.wanted.last ?? 0) + (try value(before.wanted)))
                own.unwanted.append((own.unwanted.last ?? 0) + (try value(before.unwanted)))
            } else if row.written.count < own.wanted.count {
                own.wanted.removeSubrange(row.written.count...)
                own.unwanted.removeSubrange(row.written.count...)
            }
            next[row.id] = own
        }
        written = next
    }

    /// ln p + ω · ln P(wanted), with the least wanted candidates dropped. Log-probabilities float32 `[rows, vocabulary]`.
    static func weighed(
        _ logits: Tensor, _ wanted: Tensor, _ unwanted: Tensor,
        sums: [(wanted: Float, unwanted: Float, tokens: Float)], _ w: Weighing
    ) throws -> Tensor {
        try RowArithmetic.map([logits, wanted, unwanted]) { row, inputs, result, scratch in
            let (base, good, bad) = (inputs[0], inputs[1], inputs[2])
            let sum = sums[row]
            var posterior = [Float](repeating: 0, count: base.count)
            for index in base.indices {
                let difference =
                    w.logitScale / sum.tokens * (sum.wanted + good[index] - sum.unwanted - bad[index])
                    + w.classBias
                // ln σ(difference)
                posterior[index] =
                    difference > 0 ? -log1p(exp(-difference)) : difference - log1p(exp(difference))
                result[index] = base[index] + w.omega * posterior[index]
            }
            guard w.filterP > 0 else { return }
            dropUnwanted(result, posterior, w)
        }
    }

    /// Candidates from the least wanted up are dropped while they make up less than `filterP`, but for those that are
    /// wanted enough. The most wanted always stays.
    private static func dropUnwanted(
        _ result: UnsafeMutableBufferPointer<Float>, _ posterior: [Float], _ w: Weighing
    ) {
        let total = RowArithmetic.logSumExp(UnsafeBufferPointer(result))
        guard total.isFinite else { return }
        func isCandidate(_ index: Int) -> Bool {
            result[index] > -.infinity && posterior[index] < w.keptFrom
        }
        // Posteriors are at most 0, so the patterns of their magnitudes are in order; only the bucket in which the mass
        // reaches the share is sorted.
        func bucket(_ index: Int) -> Int { Int(posterior[index].magnitude.bitPattern >> 18) }
        var masses = [Double](repeating: 0, count: Int(Float.infinity.bitPattern >> 18) + 1)
        var best: Int?
        for index in result.indices where result[index] > -.infinity {
            if posterior[index] > best.map({ posterior[$0] }) ?? -.infinity { best = index }
            if isCandidate(index) { masses[bucket(index)] += Double(exp(result[index] - total)) }
        }
        var mass = 0.0
        var crossing = masses.count - 1
        while crossing > 0, mass + masses[crossing] < w.filterP {
            mass += masses[crossing]
            crossing -= 1
        }
        var order: [Int] = []
        for index in result.indices where isCandidate(index) && index != best {
            if bucket(index) > crossing { result[index] = -.infinity }
            if bucket(index) == crossing { order.append(index) }
        }
        // The best one is among the last of its bucket, so it may be left out of the sum.
        for index in order.sorted(by: { (posterior[$0], $0) < (posterior[$1], $1) }) {
            mass += Double(exp(result[index] - total))
            guard mass < w.filterP else { break }
            result[index] = -.infinity
        }
    }
}
