internal import Foundation
public import TheriacModels
public import TheriacOptions
public import TheriacTraining

/// Settings of an expert's training.
public struct ExpertTrainingSettings: Options, Equatable {
    /// Whose texts it learns: `toxic` makes an anti-expert.
    public var kind = ToxicityClass.nontoxic
    /// Tokens of an example; longer texts are cut.
    public var blockLength = 64
    public var adapter = LoRASettings()
    public var training = TrainingSettings()

    public init() {
        adapter = .ofEveryLayer
        training.learningRate = 1e-3
        training.batch = 32
        training.microBatch = 16
        training.warmUp = 20
    }

    public mutating func read(_ fields: inout OptionFields) throws(OptionsError) {
        try fields.read("class", into: &kind)
        try fields.read("block-length", into: &blockLength, in: 2...1_000_000)
        try fields.read("adapter", into: &adapter)
        try fields.read("training", into: &training)
    }
}

/// Tunes an adapter on texts of one class: an expert or an anti-expert of DExperts.
///
/// Source: Liu et al., *DExperts*, ACL 2021. There whole models are tuned; an adapter on the model itself is read in the
/// model's own batch and weighs a hundredth.
public enum ExpertTraining: MethodTraining {
    public static let name = "expert"
    public static let summary = "Train an expert on nontoxic or toxic text, for DExperts."
    public static let discussion = """
        The result is a LoRA adapter in PEFT's layout. Train one with --set class=nontoxic and one with --set class=toxic,
        and name their folders: --method dexperts --set dexperts.expert=DIR --set dexperts.anti-expert=DIR. Killed and
        started again with the same command, it goes on.
        """

    public static func make(_ job: MethodTrainingJob<ExpertTrainingSettings>) throws -> [String: Double] {
        let (loaded, settings) = (job.loaded, job.settings)
        let task = try MarkedTexts(
            loaded, job.texts[settings.kind].map { ("", $0) },
            blockLength: min(settings.blockLength, loaded.model.shape.context))
        guard task.examples > 0 else { throw MethodTrainingError.noTokens(settings.kind) }
        return try job.tune(settings.adapter, settings.training, on: task)
    }
}

extension MethodTrainingJob {
    /// Trains a fresh adapter on `task` with the one loop, and fills the output folder with it.
    ///
    /// - Parameter extra: written beside the adapter.
    /// - Returns: the last step's loss.
    func tune(
        _ adapterSettings: LoRASettings, _ training: TrainingSettings, on task: any TrainingTask,
        extra: (URL) throws -> Void = { _ in }
    ) throws -> [String: Double] {
        let model = loaded.model
        model.computeType = training.precision.dtype
        let adapter = try LoRAAdapter(on: model, settings: adapterSettings, seed: training.seed)
        let trainer = try Trainer(
            zip(adapter.parameterNames, adapter.parameters).map { (name: $0, tensor: $1) }, task: task,
            settings: training, identity: identity, folder: work)
        var loss = 0.0
        try trainer.run {
            loss = $0.loss
            report("training", $0.step, $0.total, remark: "loss \(($0.loss * 1000).rounded() / 1000)")
        }
        try write {
            try adapter.write(
                base: loaded.folder.lastPathComponent,
                transposedLinears: type(of: model).storesLinearsTransposed, to: $0)
            try extra($0)
        }
        return ["last loss": loss]
    }
}
