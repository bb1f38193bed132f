import Foundation
import TheriacModels
import TheriacTensors
import TheriacTraining

/// Masked binary cross-entropy of an encoder's heads, and of its tokens where spans are marked.
///
/// A text's logit is the highest of its windows, head by head, as in scoring. Its loss is Σ over heads of weight · BCE; a
/// missing label has neither loss nor gradient. The mean over texts is divided by the mean weight of a training text, so
/// that it is a mean cross-entropy in nats whatever the weights are. Tokens add `spanWeight` times the mean over marked
/// texts of their tokens' mean BCE.
///
/// The loss is a sum of single terms of the logits, so its gradient by the logits is written down directly (σ(z) − target,
/// times the weight) and only the model is differentiated automatically.
final class HeadTraining: TrainingTask {
    private let model: TransformerModel
    private let all: [HeadExample]
    private let validation: [HeadExample]
    private let budget: Int
    private let meanWeight: Double
    /// How much the token loss of a marked text counts in the sum.
    private let tokenWeight: Double

    init(
        _ model: TransformerModel, examples: [HeadExample], validation: [HeadExample], spanWeight: Double,
        budget: Int
    ) {
        self.model = model
        all = examples
        self.validation = validation
        self.budget = budget
        let weight = examples.reduce(0.0) { $0 + $1.weights.reduce(0.0) { $0 + Double($1) } }
        meanWeight = weight > 0 ? weight / Double(examples.count) : 1
        let marked = examples.count { $0.tokenTargets != nil }
        tokenWeight =
            model.spanHead == nil || marked == 0 ? 0 : spanWeight * Double(examples.count) / Double(marked)
    }

    var examples: Int { all.count }
    var tokensPerExample: Int { 1 }

    func accumulate(_ examples: [Int], scale: Double) throws -> Double {
        let share = 1 / Double(examples.count)
        var loss = 0.0
        // Marked texts apart: only they need the last layer's states of every token.
        for isMarked in [false, true] {
            let chosen = examples.map { all[$0] }.filter {
                (tokenWeight > 0 && $0.tokenTargets != nil) == isMarked
            }
            for part in lengthBatches(chosen.map(\.tokens), budget: budget) {
                loss += try accumulate(
                    part.map { chosen[$0] }, withTokens: isMarked, share: share, scale: scale)
            }
        }
        return loss
    }

    /// One pass forth and back; `share`: what one text counts in the mean.
    private func accumulate(
        _ examples: [HeadExample], withTokens: Bool, share: Double, scale: Double
    ) throws -> Double {
        let batch = try model.batch(examples.flatMap(\.windows))
        let hidden = withTokens ? try model.classifier.hidden(batch) : nil
        let logits =
            if let hidden { try model.classifier.head.logits(hidden, batch) } else {
                try model.classifier.logits(batch)
            }
        var (loss, slopes) = HeadLoss.heads(examples, logits: try logits.detached().floats())
        let factor = scale * share / meanWeight
        loss *= share / meanWeight
        var total = try (logits * Tensor(slopes.map { Float($0 * factor) }, shape: logits.shape)).sum()
        if let hidden, let spanHead = model.spanHead {
            let tokens = try spanHead.logits(hidden)
            let (tokenLoss, slopes) = HeadLoss.tokens(
                examples, batch.offsets, logits: try tokens.detached().floats())
            loss += tokenLoss * share * tokenWeight
            let factor = scale * share * tokenWeight
            total =
                try total + (tokens * Tensor(slopes.map { Float($0 * factor) }, shape: tokens.shape)).sum()
        }
        try total.backward()
        return loss
    }

    /// The heads' mean weighted cross-entropy, each label with its own weight.
    func validationLoss() throws -> Double? {
        guard !validation.isEmpty else { return nil }
        var loss = 0.0
        for part in lengthBatches(validation.map(\.tokens), budget: budget) {
            let examples = part.map { validation[$0] }
            let logits = try model.logits(examples.flatMap(\.windows))
            loss += HeadLoss.heads(examples, logits: logits.flatMap { $0 }).loss
        }
        let weight = validation.reduce(0.0) { $0 + $1.weights.reduce(0.0) { $0 + Double($1) } }
        return loss / max(weight, 1e-9)
    }
}

extension HeadExample {
    /// Of all windows.
    var tokens: Int { windows.reduce(0) { $0 + $1.count } }
}

/// Losses of logits and their slopes.
enum HeadLoss {
    /// - Parameters:
    ///   - logits: `[windows of all examples, heads]`, row-major.
    /// - Returns: the sum over examples and heads of weight · BCE at the highest window's logit, and its slope by each
    ///   logit.
    static func heads(_ examples: [HeadExample], logits: [Float]) -> (loss: Double, slopes: [Double]) {
        var loss = 0.0
        var slopes = [Double](repeating: 0, count: logits.count)
        var row = 0
        for example in examples {
            let heads = example.targets.count
            for head in 0..<heads where example.weights[head] > 0 && !example.targets[head].isNaN {
                var place = row * heads + head
                for window in example.windows.indices.dropFirst() {
                    let other = (row + window) * heads + head
                    if logits[other] > logits[place] { place = other }
                }
                let (logit, target) = (Double(logits[place]), Double(example.targets[head]))
                let weight = Double(example.weights[head])
                loss += weight * crossEntropyOfLogit(logit, target)
                slopes[place] = weight * (1 / (1 + exp(-logit)) - target)
            }
            row += example.windows.count
        }
        return (loss, slopes)
    }

    /// - Parameters:
    ///   - offsets: where each window begins and ends among the tokens.
    ///   - logits: `[tokens]`.
    /// - Returns: the sum over marked examples of their tokens' mean BCE, and its slope by each logit.
    static func tokens(
        _ examples: [HeadExample], _ offsets: [Int], logits: [Float]
    ) -> (loss: Double, slopes: [Double]) {
        var loss = 0.0
        var slopes = [Double](repeating: 0, count: logits.count)
        var row = 0
        for example in examples {
            let first = offsets[row]
            row += example.windows.count
            guard let targets = example.tokenTargets?.joined() else { continue }
            let known = Double(max(1, targets.count { !$0.isNaN }))
            for (place, target) in targets.enumerated() where !target.isNaN {
                let logit = Double(logits[first + place])
                loss += crossEntropyOfLogit(logit, Double(target)) / known
                slopes[first + place] = (1 / (1 + exp(-logit)) - Double(target)) / known
            }
        }
        return (loss, slopes)
    }
}
