internal import Foundation
public import TheriacModels
public import TheriacOptions
internal import TheriacTensors

/// How a model is trained: batches, steps, learning rate, precision, checkpoints.
public struct TrainingSettings: Options, Equatable {
    /// How the learning rate falls after the warm-up.
    public enum Schedule: String, OptionReadable, CaseIterable {
        /// Half a period, from the peak towards a tenth of it at the end.
        case cosine
        case constant
    }

    /// Updates; 0 means `epochs` decides.
    public var steps = 0
    /// Passes over the examples, when `steps` is 0.
    public var epochs = 1.0
    /// Examples of one update.
    public var batch = 32
    /// Examples computed at once; `batch` is a multiple of it. Smaller needs less memory and gives the same update.
    public var microBatch = 32
    public var learningRate = 5e-4
    /// Updates over which the rate rises from 0.
    public var warmUp = 50
    public var schedule = Schedule.cosine
    /// Limit of the gradients' common norm; 0 for none.
    public var clip = 1.0
    public var decay = 0.1
    public var beta1 = 0.9
    public var beta2 = 0.95
    /// The type of activations and products; weights under training stay float32.
    public var precision = Precision.bf16
    /// Forget activations inside blocks and compute them again: less memory, about a third more time.
    public var recomputesActivations = false
    /// Updates between checkpoints.
    public var checkpointEvery = 200
    /// Updates between measurements of the loss on held-out examples, for tasks that have some; 0 for none.
    public var validateEvery = 0
    /// Stop after so many measurements in a row without a lower loss; 0 never stops early. Either way the weights of the
    /// lowest loss are the ones that stay.
    public var patience = 0
    public var seed: UInt64 = 1

    public init() {}

    public mutating func read(_ fields: inout OptionFields) throws(OptionsError) {
        try fields.read("steps", into: &steps, in: 0...1_000_000_000)
        try fields.read("epochs", into: &epochs, in: 0...1_000_000)
        try fields.read("batch", into: &batch, in: 1...1_000_000)
        // Unless it is said: the largest part of the batch that is not above the default.
        microBatch = (1...min(microBatch, batch)).last { batch % $0 == 0 } ?? 1
        try fields.read("micro-batch", into: &microBatch, in: 1...1_000_000)
        try fields.read("learning-rate", into: &learningRate, in: 0...10)
        try fields.read("warm-up", into: &warmUp, in: 0...1_000_000_000)
        try fields.read("schedule", into: &schedule)
        try fields.read("clip", into: &clip, in: 0...1e9)
        try fields.read("decay", into: &decay, in: 0...10)
        try fields.read("beta1", into: &beta1, in: 0...1)
        try fields.read("beta2", into: &beta2, in: 0...1)
        try fields.read("precision", into: &precision)
        try fields.read("recompute-activations", into: &recomputesActivations)
        try fields.read("checkpoint-every", into: &checkpointEvery, in: 1...1_000_000_000)
        try fields.read("validate-every", into: &validateEvery, in: 0...1_000_000_000)
        try fields.read("patience", into: &patience, in: 0...1_000_000)
        try fields.read("seed", into: &seed)
        guard batch % microBatch == 0 else {
            throw .refused(
                path: fields.pathOf("micro-batch"),
                reason: "\(microBatch) does not divide the batch of \(batch)")
        }
    }

    /// Updates for a corpus of `examples`.
    public func totalSteps(examples: Int) -> Int {
        steps > 0 ? steps : max(1, Int((epochs * Double(examples) / Double(batch)).rounded(.up)))
    }

    /// The learning rate of update `step`, counted from 0.
    public func rate(at step: Int, of total: Int) -> Double {
        if step < warmUp { return learningRate * Double(step + 1) / Double(warmUp) }
        guard schedule == .cosine, total > warmUp else { return learningRate }
        let progress = Double(step - warmUp) / Double(max(1, total - warmUp))
        return learningRate * (0.1 + 0.45 * (1 + cos(.pi * progress)))
    }
}
