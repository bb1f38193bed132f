import Foundation
import TheriacCorpora
import TheriacOptions

/// Trains a ``LinearDetector``.
struct LinearLearner: DetectorLearner {
    static let kind = LinearDetector.kind

    var features = FeatureSettings()
    var training = LinearTrainingSettings()

    var seed: UInt64 { training.seed }
    var heads: [DetectorHead] { DetectorHead.attributes }

    mutating func read(_ fields: inout OptionFields) throws(OptionsError) {
        try fields.read("features", into: &features)
        try fields.read("training", into: &training)
    }

    /// `limit` is not used: training takes minutes and goes to its end.
    func learn(
        _ recipe: DetectorRecipe, _ data: TrainingData, workspace: URL, limit: Int?,
        progress: (DetectorTraining.Progress) -> Void
    ) throws -> (any LearntDetector)? {
        progress(.init(stage: "taking features of \(data.training.count) texts", done: 0, total: 1))
        let sets = SetWeights(recipe, heads: heads)
        var trainer = LinearDetectorTrainer(
            training, features: features, texts: sets.trainingTexts(recipe, data))
        let validation = data.validation.map { sets.trainingText($0) }
        var best: (loss: Double, weights: LinearWeights)?
        var losses: [Double] = []
        var stale = 0
        let last = trainer.train { epoch, _, model in
            let weights = LinearWeights(rounding: model, features: features)
            let loss = Self.crossEntropy(weights, validation)
            losses.append(loss)
            progress(
                .init(
                    stage: "epoch \(epoch), validation loss \(String(format: "%.4f", loss))", done: epoch,
                    total: training.epochs))
            // Before the features have competed for their slots the model is not the one that will be written.
            guard epoch > training.epochs / 2 else { return true }
            if loss < best?.loss ?? .infinity {
                best = (loss, weights)
                stale = 0
            } else {
                stale += 1
            }
            return stale < training.patience
        }
        return LearntLinearDetector(
            weights: best?.weights ?? LinearWeights(rounding: last, features: features),
            validationLosses: losses)
    }

    /// Mean weighted cross-entropy over texts and heads; uncalibrated, so without own offsets.
    private static func crossEntropy(_ weights: LinearWeights, _ texts: [TrainingText]) -> Double {
        var loss = 0.0
        var total = 0.0
        for (text, logits) in zip(texts, weights.logits(of: texts.map(\.text))) {
            guard let logits else { continue }
            for head in 0..<FeatureTable.heads where text.weights[head] > 0 && !text.targets[head].isNaN {
                let weight = Double(text.weights[head])
                loss += weight * crossEntropyOfLogit(logits[head], Double(text.targets[head]))
                total += weight
            }
        }
        return loss / max(total, 1e-9)
    }

    var introduction: String {
        """
        A linear toxicity detector: hashed words, word pairs and character n-grams of \
        \(features.shortestCharacters) to \(features.longestCharacters) bytes, one calibrated head for \
        each of \(Attribute.allCases.map(\.rawValue).joined(separator: ", ")). English.
        """
    }

    var limits: [String] {
        [
            "It counts words, not meaning: it misses insults without insulting words, irony and hate said politely, and "
                + "flags quoted slurs, reclaimed words and counter-speech."
        ]
    }
}

/// A linear detector fresh from training.
private struct LearntLinearDetector: LearntDetector {
    var weights: LinearWeights
    let validationLosses: [Double]

    var calibration: [Calibration] {
        get { weights.calibration }
        set { weights.calibration = newValue }
    }

    func logits(of texts: [String]) -> [[Double]?] {
        weights.logits(of: texts).map { logits in
            logits.map { logits in calibration.indices.map { logits[$0] } }
        }
    }

    func write(_ recipe: DetectorRecipe, trainingHash: String, to folder: URL) throws -> DetectorIdentity {
        try LinearDetectorFolder.write(
            weights, name: recipe.name, version: recipe.version, trainingHash: trainingHash, to: folder)
    }
}

/// −y·log σ(z) − (1 − y)·log(1 − σ(z)) in nats, without overflow.
func crossEntropyOfLogit(_ logit: Double, _ target: Double) -> Double {
    max(logit, 0) + log(1 + exp(-abs(logit))) - target * logit
}
