internal import Foundation
internal import TheriacGeneration
internal import TheriacModels
internal import TheriacTensors

/// PPLM's processor. It perturbs what the generation's own session has read, and keeps no cache of its own.
struct PPLM: LogitsProcessor {
    private let settings: PPLMSettings
    private let attribute: AttributeLoss
    private let model: any CausalLanguageModel
    private var session: ModelSession?
    private var sums = HiddenSums()
    private let embedding: MeanEmbedding
    /// The largest norms so far of each row's gradients, one a layer; only where word lists are all there is.
    private var norms: [Int: [Float]] = [:]
    /// Places of the past that are copied at once: bounds the memory that gradients take.
    private let budget = 1024

    init(_ settings: PPLMSettings, _ attribute: AttributeLoss, _ model: any CausalLanguageModel) {
        self.settings = settings
        self.attribute = attribute
        self.model = model
        embedding = MeanEmbedding(model)
    }

    mutating func attach(to session: ModelSession) throws { self.session = session }

    private var isInert: Bool {
        settings.gmScale == 0 || settings.stepSize == 0 || settings.iterations == 0
    }

    mutating func process(_ logits: Tensor, _ state: GenerationState) throws -> Tensor {
        guard let session, !isInert else { return logits }
        return try Torch.withoutGradients {
            if attribute.head != nil { try sums.read(state, session) }
            let live = Set(state.rows.map(\.id))
            norms = norms.filter { live.contains($0.key) }
            var changes = [try Tensor.zeros([1, logits.size(1)], on: logits.device)]
            var place = [Int64](repeating: 0, count: state.rows.count)  // 0: not perturbed
            var next = 1
            for group in groups(state, session) {
                changes.append(try change(group, of: state))
                for row in group {
                    place[row.row] = Int64(next)
                    next += 1
                }
            }
            let change = try Tensor.concatenate(changes, dimension: 0)
                .select(0, Tensor(place, shape: [place.count], on: logits.device))
            return try logits + change * settings.gmScale
        }
    }

    /// A row to be perturbed: its place among the state's, and where the pool holds what it has read.
    struct Perturbed {
        var row: Int
        var places: [Int]
    }

    /// Rows with a past and room to look ahead, those of about the same length together.
    private func groups(_ state: GenerationState, _ session: ModelSession) -> [[Perturbed]] {
        let ahead = attribute.head == nil ? 0 : attribute.horizon
        let rows = state.rows.enumerated().compactMap { index, row -> Perturbed? in
            let places = session.places(of: row)
            guard places.count > 1, row.written.count < settings.gradLength,
                places.count + ahead <= model.shape.context
            else { return nil }
            return Perturbed(row: index, places: places)
        }.sorted { ($0.places.count, $0.row) < ($1.places.count, $1.row) }
        var groups: [[Perturbed]] = []
        for row in rows {
            if let last = groups.last, (last.count + 1) * row.places.count <= budget {
                groups[groups.count - 1].append(row)
            } else {
                groups.append([row])
            }
        }
        return groups
    }

    /// ln p̃ − ln p of the token after each row: float32 `[rows, vocabulary]`.
    private mutating func change(_ rows: [Perturbed], of state: GenerationState) throws -> Tensor {
        guard let session else { preconditionFailure("it is attached before it works") }
        let reading = try PerturbedReading(
            model, session, places: rows.map(\.places),
            tokens: rows.map { row in
                let written = state.rows[row.row].written
                return written.last ?? state.prompt(of: state.rows[row.row]).last ?? 0
            },
            hiddenSums: attribute.head == nil ? nil : rows.map { sums.before(state.rows[$0.row]) }, embedding)
        let weights = try Tensor(
            Self.windowWeights(
                pasts: rows.map { $0.places.count - 1 }, length: reading.length, window: settings.window,
                decay: settings.decay),
            shape: [rows.count, 1, reading.length, 1, 1], on: model.device)
        var perturbation = try reading.none()
        var plain: Tensor?
        for _ in 0..<settings.iterations {
            let (gradients, logProbabilities) = try reading.gradients(at: perturbation) { hidden, p in
                plain = try plain ?? p.detached()
                return try attribute.loss(p, plain: plain ?? p, hidden: hidden, reading).sum()
            }
            plain = try plain ?? logProbabilities.detached()
            perturbation = try stepped(
                perturbation, gradients.map { try $0 * weights }, rows.map { state.rows[$0.row].id })
        }
        let perturbed = try reading.logProbabilities(at: perturbation)
        return try perturbed - (plain ?? perturbed)
    }

    /// Δ − step · g / ‖g‖^γ, for each layer and row by itself.
    private mutating func stepped(_ perturbation: [Tensor], _ gradients: [Tensor], _ ids: [Int]) throws
        -> [Tensor]
    {
        let (layers, rows) = (gradients.count, ids.count)
        let squares = try Tensor.concatenate(
            gradients.map { try ($0 * $0).reshape([rows, -1]).sum(1) }, dimension: 0
        ).floats()
        var factors = [Float](repeating: 0, count: layers * rows)
        for (row, id) in ids.enumerated() {
            var own = (0..<layers).map { Float(Double(squares[$0 * rows + row]).squareRoot() + 1e-15) }
            if attribute.head == nil {
                // With word lists alone the norm is the largest so far in this continuation.
                if let before = norms[id] { own = zip(own, before).map { Swift.max($0, $1) } }
                norms[id] = own
            }
            for layer in 0..<layers {
                factors[layer * rows + row] = Float(
                    settings.stepSize / pow(Double(own[layer]), settings.gamma))
            }
        }
        return try zip(perturbation, gradients).enumerated().map { layer, pair in
            let factor = try Tensor(
                Array(factors[layer * rows..<(layer + 1) * rows]), shape: [rows, 1, 1, 1, 1],
                on: pair.0.device)
            return try pair.0 - pair.1 * factor
        }
    }

    /// How much each place of the rows' pasts is perturbed, padding not at all: `[rows · length]`.
    ///
    /// - Parameters:
    ///   - pasts: tokens of each row's past; `length`: the most of them.
    ///   - window: newest places that are perturbed; 0 for all.
    static func windowWeights(pasts: [Int], length: Int, window: Int, decay: Bool) -> [Float] {
        pasts.flatMap { past in
            (0..<length).map { place -> Float in
                let age = past - 1 - place  // 0 for the newest
                guard age >= 0, window == 0 || age < window else { return 0 }
                return decay ? Float(window - age) / Float(window) : 1
            }
        }
    }
}
