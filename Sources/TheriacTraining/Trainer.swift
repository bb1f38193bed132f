public import Foundation
internal import TheriacFiles
public import TheriacTensors

/// What the trainer reports after each update.
public struct TrainingProgress: Sendable, Codable, Equatable {
    /// Updates made, counted from 1.
    public var step: Int
    public var total: Int
    /// Mean loss over the update's examples, in nats.
    public var loss: Double
    public var learningRate: Double
    /// L2 norm of the gradients before clipping.
    public var gradientNorm: Double
    public var tokensPerSecond: Double
    /// Mean loss over held-out examples, after updates that measured it.
    public var validationLoss: Double?

    enum CodingKeys: String, CodingKey {
        case step, total, loss
        case learningRate = "learning_rate"
        case gradientNorm = "gradient_norm"
        case tokensPerSecond = "tokens_per_second"
        case validationLoss = "validation_loss"
    }
}

public enum TrainingError: Error, Equatable, CustomStringConvertible {
    case nothingToLearn
    case unevenBatch(batch: Int, microBatch: Int)
    case diverged(step: Int)
    case otherRun(folder: String, reason: String)
    case damagedCheckpoint(String)

    public var description: String {
        switch self {
        case .nothingToLearn:
            "There is not one example to train on. Is the corpus empty, or shorter than one block?"
        case .unevenBatch(let batch, let microBatch):
            "A batch of \(batch) examples cannot be computed \(microBatch) at a time. Choose a micro-batch that divides it."
        case .diverged(let step):
            "The loss stopped being a finite number at step \(step). Lower the learning rate or lengthen the warm-up; "
                + "the last checkpoint is kept."
        case .otherRun(let folder, let reason):
            "\(folder) holds a checkpoint of another run (\(reason)). Choose another --output, or remove it."
        case .damagedCheckpoint(let reason):
            "The checkpoint cannot be read: \(reason). Remove it to start again."
        }
    }
}

/// The one training loop: batches, accumulation, clipping, AdamW, checkpoints.
///
/// Everything it does is a function of settings, seed and step, so a run killed at any moment and started again gives
/// the same losses and the same weights (on the same machine and number of threads).
public final class Trainer {
    private let names: [String]
    private let parameters: [Tensor]
    private let task: any TrainingTask
    private let settings: TrainingSettings
    private let folder: URL
    /// Names what must be equal for a checkpoint to be continued.
    private let identity: String
    private let optimiser: AdamW
    private var order: ExampleOrder
    private var step = 0
    private var stopping = EarlyStopping()

    /// - Parameters:
    ///   - parameters: float32 leaves with the names they are stored under.
    ///   - identity: hash of model, data and settings; a checkpoint with another one is refused.
    ///   - folder: for `checkpoint/` and `training.jsonl`.
    public init(
        _ parameters: [(name: String, tensor: Tensor)], task: any TrainingTask, settings: TrainingSettings,
        identity: String, folder: URL
    ) throws {
        guard task.examples > 0 else { throw TrainingError.nothingToLearn }
        guard settings.microBatch > 0, settings.batch > 0, settings.batch % settings.microBatch == 0 else {
            throw TrainingError.unevenBatch(batch: settings.batch, microBatch: settings.microBatch)
        }
        names = parameters.map(\.name)
        self.parameters = parameters.map(\.tensor)
        self.task = task
        self.settings = settings
        self.identity = identity
        self.folder = folder
        for tensor in self.parameters { try tensor.setRequiresGradient() }
        var adam = AdamW.Settings()
        adam.beta1 = settings.beta1
        adam.beta2 = settings.beta2
        adam.decay = settings.decay
        optimiser = try AdamW(self.parameters, settings: adam)
        order = ExampleOrder(count: task.examples, seed: settings.seed)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let restored = try TrainingCheckpoint.restore(
            from: folder, names: names, parameters: self.parameters, optimiser: optimiser, identity: identity)
        if let restored { (step, stopping) = restored }
    }

    /// Updates already made, after a resumption.
    public var stepsDone: Int { step }
    public var totalSteps: Int { settings.totalSteps(examples: task.examples) }
    /// Whether nothing is left to do: all updates are made, or the held-out loss stopped falling.
    public var isFinished: Bool { step >= totalSteps || stopping.isOver(patience: settings.patience) }
    /// The held-out losses, in the order they were measured.
    public var validationLosses: [Double] { stopping.losses }

    /// Trains to the end, from wherever the last checkpoint was, and then puts the weights of the lowest held-out loss in
    /// place, where that was measured.
    ///
    /// - Parameters:
    ///   - limit: stop (with a checkpoint) after this many updates of this call; for tests and budgets.
    ///   - progress: called after each update.
    public func run(limit: Int? = nil, progress: (TrainingProgress) -> Void = { _ in }) throws {
        let total = totalSteps
        let last = min(total, limit.map { step + $0 } ?? total)
        let log = try TrainingLog(folder.appendingPathComponent("training.jsonl"), keepingSteps: step)
        while step < last, !isFinished {
            let start = DispatchTime.now()
            let loss = try accumulate()
            guard loss.isFinite else { throw TrainingError.diverged(step: step + 1) }
            let norm = try clipGradients(of: parameters, to: settings.clip)
            guard norm.isFinite else { throw TrainingError.diverged(step: step + 1) }
            let rate = settings.rate(at: step, of: total)
            try optimiser.update(rate: rate)
            step += 1
            let seconds = Double(DispatchTime.now().uptimeNanoseconds - start.uptimeNanoseconds) / 1e9
            let report = TrainingProgress(
                step: step, total: total, loss: loss, learningRate: rate, gradientNorm: norm,
                tokensPerSecond: Double(settings.batch * task.tokensPerExample) / seconds,
                validationLoss: try validate())
            try log.append(report)
            progress(report)
            if step % settings.checkpointEvery == 0 || step == last || isFinished { try save() }
        }
        if isFinished { try stopping.putBest(into: parameters) }
    }

    /// Measures the held-out loss when it is due, and keeps the weights when it is the lowest.
    private func validate() throws -> Double? {
        let every = settings.validateEvery
        guard every > 0, step % every == 0 || step == totalSteps else { return nil }
        let loss = try Torch.withoutGradients { try task.validationLoss() }
        guard let loss else { return nil }
        guard loss.isFinite else { throw TrainingError.diverged(step: step) }
        try stopping.record(loss, parameters)
        return loss
    }

    private func accumulate() throws -> Double {
        try Torch.withGradients {
            let parts = settings.batch / settings.microBatch
            var loss = 0.0
            for part in 0..<parts {
                let first = step * settings.batch + part * settings.microBatch
                let examples = (first..<first + settings.microBatch).map { order.example(at: $0) }
                loss += try task.accumulate(examples, scale: 1 / Double(parts)) / Double(parts)
            }
            return loss
        }
    }

    private func save() throws {
        try TrainingCheckpoint.save(
            to: folder, step: step, stopping: stopping, names: names, parameters: parameters,
            optimiser: optimiser, identity: identity)
    }
}
