public import TheriacGeneration
internal import TheriacModels
public import TheriacOptions
internal import TheriacTensors

/// Settings of activation steering.
public struct SteeringSettings: Options, Equatable {
    /// Where the activations are changed.
    public enum Site: String, OptionReadable, CaseIterable {
        /// Every head's output, its length kept (DESTEIN).
        case heads
        /// The residual stream of some layers (contrastive activation addition).
        case residual
    }

    /// Directions made by `theriac train steering`: a folder, or shipped ones.
    public var directions = "theriac-lm"
    public var site = Site.heads
    /// How far activations are moved away from toxic text; 0 changes nothing.
    public var strength = 0.4
    /// Weigh each head by how well it tells toxic text (site `heads`).
    public var weighsHeads = true
    /// Layers that are changed (site `residual`); empty for the middle one. Negative ones count from the last.
    public var layers: [Int] = []

    public init() {}

    public mutating func read(_ fields: inout OptionFields) throws(OptionsError) {
        try fields.read("directions", into: &directions)
        try fields.read("site", into: &site)
        try fields.read("strength", into: &strength, in: 0...1000)
        try fields.read("weighs-heads", into: &weighsHeads)
        try fields.read("layers", into: &layers)
    }
}

/// Moves activations away from where toxic text leads them.
///
/// Site `heads`: y = unit(unit(v) − α · w · (1 + max(0, cos(v, d))) · unit(d)) for every head, and the layer's whole output
/// keeps its length. Source: Li et al., *DESTEIN*, 2024; the authors' code weighs heads before normalising, where the
/// weight cancels; here it does not. Site `residual`: h − α · d. Source: Rimsky et al., *Steering Llama 2 via Contrastive
/// Activation Addition*, ACL 2024.
public enum SteeringMethod: DecodingMethod {
    public static let card = MethodCard(
        name: "steering", title: "activation steering",
        summary:
            "Moves activations away from the direction of toxic text, in every head or in the residual stream.",
        source: "Li et al., DESTEIN, 2024; Rimsky et al., Contrastive Activation Addition, ACL 2024",
        cost: "a few operations on every layer's activations")

    public static let kind = "steering"

    public static func makePart(_ settings: SteeringSettings, _ context: MethodContext) throws -> DecodingPart
    {
        let shape = context.model.model.shape
        let directions = try SteeringDirections(
            folder: context.folder(settings.directions, kind: kind), for: shape)
        return .processor(Steering(steering: try SteeredActivations(directions, settings, shape), settings))
    }
}

struct Steering: LogitsProcessor {
    private let steering: SteeredActivations
    private let settings: SteeringSettings

    init(steering: SteeredActivations, _ settings: SteeringSettings) {
        self.steering = steering
        self.settings = settings
    }

    func attach(to session: ModelSession) throws {
        if settings.strength > 0 { try session.steer(steering) }
    }

    func process(_ logits: Tensor, _ state: GenerationState) throws -> Tensor { logits }
}

/// The shift of a model's activations.
final class SteeredActivations: ActivationSteering {
    private let shape: ModelShape
    private let settings: SteeringSettings
    private let layers: Set<Int>
    private let units: [Tensor]  // by layer, float32 [1, heads, headWidth], of length 1
    private let strengths: [Tensor]  // by layer, float32 [1, heads, 1]
    private let residual: [Tensor]  // by layer, float32 [1, 1, width]

    init(_ directions: SteeringDirections, _ settings: SteeringSettings, _ shape: ModelShape) throws {
        self.shape = shape
        self.settings = settings
        let wanted = settings.layers.isEmpty ? [shape.layers / 2] : settings.layers
        layers = Set(wanted.map { $0 < 0 ? shape.layers + $0 : $0 })
        guard layers.allSatisfy({ 0..<shape.layers ~= $0 }) else {
            throw GenerationError.conflict(
                "steering names a layer beyond the model's \(shape.layers); count from 0, or from -1 backwards"
            )
        }
        let perLayer = shape.heads * shape.headWidth
        units = try (0..<shape.layers).map { layer in
            let all = try Tensor(
                Array(directions.heads[layer * perLayer..<(layer + 1) * perLayer]),
                shape: [1, shape.heads, shape.headWidth])
            return try all / (all.norms() + 1e-12)
        }
        strengths = try (0..<shape.layers).map { layer in
            let weights = directions.weights[layer * shape.heads..<(layer + 1) * shape.heads]
            return try Tensor(
                weights.map { Float(settings.strength) * (settings.weighsHeads ? $0 : 1) },
                shape: [1, shape.heads, 1])
        }
        residual = try (0..<shape.layers).map { layer in
            try Tensor(
                Array(directions.residual[layer * shape.width..<(layer + 1) * shape.width]),
                shape: [1, 1, shape.width])
        }
    }

    func heads(_ x: Tensor, layer: Int, _ sequences: [SteeredSequence]) throws -> Tensor {
        guard settings.site == .heads else { return x }
        let count = x.size(0) * x.size(1)
        let own = try x.to(.float32).reshape([count, shape.heads, shape.headWidth])
        let moved = try steeredHeads(
            own, unit: units[layer].to(on: x.device), strength: strengths[layer].to(on: x.device))
        return try moved.reshape(x.shape).to(x.dtype)
    }

    func residual(_ x: Tensor, layer: Int, _ sequences: [SteeredSequence]) throws -> Tensor {
        guard settings.site == .residual, layers.contains(layer) else { return x }
        return try x - (residual[layer].to(on: x.device) * settings.strength).to(x.dtype)
    }
}

/// DESTEIN's shift. `own` is float32 `[tokens, heads, width]`, `unit` `[1, heads, width]` of length 1 or 0, `strength`
/// `[1, heads, 1]`.
func steeredHeads(_ own: Tensor, unit: Tensor, strength: Tensor) throws -> Tensor {
    let norms = try own.norms() + 1e-12
    let straight = try own / norms
    let shift = try strength * (straight.dot(unit).relu() + 1) * unit
    let moved = try straight - shift
    let turned = try moved / (moved.norms() + 1e-12)
    func length(_ x: Tensor) throws -> Tensor {
        try x.reshape([x.size(0), 1, x.size(1) * x.size(2)]).norms()
    }
    return try turned * (length(own) / (length(turned) + 1e-12))
}
