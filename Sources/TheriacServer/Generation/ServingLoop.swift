internal import Theriac
internal import TheriacDetection
internal import TheriacDetox
internal import TheriacGeneration
internal import TheriacModels

/// What was done to the texts of a request, for its answer.
struct TreatmentRecord: Sendable {
    struct Method: Sendable {
        var name: String
        var title: String
    }

    var model: ModelCard
    /// The model the adapter sits on, or the model itself.
    var base: ModelCard
    var chain: String
    var methods: [Method]
    /// Detectors that steered or filtered, with their hashes.
    var detectors: [DetectorIdentity]
    /// Prompts may have been changed before the model read them.
    var editsPrompts: Bool
}

/// One chain on one model: its decode loop, and what it is made of. Lives on the host's thread.
final class ServingLoop {
    let loop: DecodeLoop
    /// In which all chains on the same weights read together.
    let pass: SharedPass
    let record: TreatmentRecord
    /// Jobs that wait for its orders, by order.
    var orders: [Int: (job: GenerationJob, place: Int)] = [:]
    var lastUsed = ContinuousClock.now
    /// Since when it waits for memory that other chains have; nil: it does not.
    var starvedSince: ContinuousClock.Instant?

    /// - Throws: why the methods cannot be had, or do not go together.
    init(
        _ choice: ChainChoice, _ models: ServedModels, _ settings: GenerationServingSettings,
        assets: AssetFolder
    ) throws {
        guard let loaded = models.model(choice.adapter), let pass = models.pass(choice.adapter) else {
            throw ServerError.failed
        }
        self.pass = pass
        let limit = min(settings.maxTokens ?? .max, loaded.model.shape.context)
        let context = MethodContext(
            loaded, newTokens: limit, hasOriginalWeights: choice.adapter == nil, assets: assets)
        let parts = try choice.steps.map { try $0.makePart(context) }
        loop = try DecodeLoop(
            loaded, newTokens: limit, batchRows: settings.batchRows, memory: settings.memory, parts: parts,
            sharing: pass)
        let names = choice.steps.map(\.name)
        let facts = models.facts
        record = TreatmentRecord(
            model: facts.cards.first { $0.adapter == choice.adapter } ?? facts.base, base: facts.base,
            chain: choice.description,
            methods: names.compactMap { name in
                DecodingMethods.all.first { $0.card.name == name }.map {
                    .init(name: $0.card.name, title: $0.card.title)
                }
            }, detectors: context.detectors, editsPrompts: loop.editsPrompts)
    }

    var isIdle: Bool { orders.isEmpty }
}
