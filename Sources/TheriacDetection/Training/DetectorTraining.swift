public import Foundation
import TheriacCorpora
import TheriacFiles
import TheriacOptions

/// Trains a linear detector as a recipe says and writes its folder.
public enum DetectorTraining {
    /// How far training is.
    public struct Progress: Sendable, Equatable {
        /// What is being done, in a few words.
        public var stage: String
        public var done: Int
        public var total: Int
    }

    /// Trains, calibrates and measures a detector; writes `detector.json`, `weights.safetensors`,
    /// `report.json` and
    /// `card.md` into `output`, which is replaced as a whole.
    ///
    /// The same recipe and data give the same detector, bit for bit.
    /// - Parameters:
    ///   - recipe: what to learn from, and how.
    ///   - dataFolder: holds the data pack.
    ///   - output: the folder to write.
    ///   - progress: called at each stage and after each epoch.
    /// - Returns: what was measured, as in `report.json`.
    /// - Throws: ``DetectionError`` when the recipe cannot be followed; errors of files.
    @discardableResult
    public static func run(
        recipe: DetectorRecipe, dataFolder: URL, output: URL,
        progress: (Progress) -> Void = { _ in }
    ) throws -> DetectorReport {
        progress(Progress(stage: "reading the sets", done: 0, total: 1))
        let data = try TrainingData(recipe, dataFolder: dataFolder)
        guard !data.training.isEmpty else {
            throw DetectionError.recipe(reason: "no text is left to train on")
        }
        progress(Progress(stage: "taking features of \(data.training.count) texts", done: 0, total: 1))
        var (weights, losses) = train(recipe, data, progress)
        weights.calibration = calibrate(weights, recipe, data)
        progress(Progress(stage: "measuring on held-out texts", done: 0, total: 1))
        let measured = try DetectorMeasurement(weights, recipe, data, dataFolder: dataFolder)
        return try AtomicFile.writingFolder(output) { folder in
            let identity = try LinearDetectorFolder.write(
                weights, name: recipe.name, version: recipe.version, trainingHash: data.trainingHash,
                to: folder)
            let report = DetectorReport(
                detector: identity, licence: recipe.licence, part: recipe.part, parts: recipe.parts,
                trainedTexts: measured.trainedTexts, proseFragments: data.prose.count,
                unreadableRows: data.problems, validationLoss: losses, scores: measured.scores,
                agreement: measured.agreement, cleanProse: measured.cleanProse,
                shortTexts: measured.shortTexts, identityTerms: measured.identityTerms)
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
            try AtomicFile.write(try encoder.encode(report), to: folder.appending(path: "report.json"))
            try AtomicFile.write(Data(report.card(recipe).utf8), to: folder.appending(path: "card.md"))
            return report
        }
    }

    private static func train(
        _ recipe: DetectorRecipe, _ data: TrainingData, _ progress: (Progress) -> Void
    ) -> (LinearWeights, [Double]) {
        let sets = SetWeights(recipe)
        var texts = data.training.map { sets.trainingText($0) }
        if let settings = recipe.shortTexts {
            texts += data.shortTexts.map { sets.trainingText($0, weight: settings.weight) }
        }
        if let prose = recipe.prose { texts += data.prose.map { sets.trainingText($0, prose) } }
        var trainer = LinearDetectorTrainer(recipe.training, features: recipe.features, texts: texts)
        let validation = data.validation.map { sets.trainingText($0) }
        var best: (loss: Double, weights: LinearWeights)?
        var losses: [Double] = []
        var stale = 0
        let last = trainer.train { epoch, _, model in
            let weights = LinearWeights(rounding: model, features: recipe.features)
            let loss = crossEntropy(weights, validation)
            losses.append(loss)
            progress(
                Progress(
                    stage: "epoch \(epoch), validation loss \(String(format: "%.4f", loss))",
                    done: epoch, total: recipe.training.epochs))
            // Before the features have competed for their slots the model is not the one that will be written.
            guard epoch > recipe.training.epochs / 2 else { return true }
            if loss < best?.loss ?? .infinity {
                best = (loss, weights)
                stale = 0
            } else {
                stale += 1
            }
            return stale < recipe.training.patience
        }
        return (best?.weights ?? LinearWeights(rounding: last, features: recipe.features), losses)
    }

    /// Mean weighted cross-entropy over texts and heads; uncalibrated, so without own offsets.
    private static func crossEntropy(_ weights: LinearWeights, _ texts: [TrainingText]) -> Double {
        var loss = 0.0
        var total = 0.0
        for (text, logits) in zip(texts, weights.logits(of: texts.map(\.text))) {
            guard let logits else { continue }
            for head in 0..<FeatureTable.heads where text.weights[head] > 0 && !text.targets[head].isNaN {
                let weight = Double(text.weights[head])
                let softplus = max(logits[head], 0) + log(1 + exp(-abs(logits[head])))
                loss += weight * (softplus - Double(text.targets[head]) * logits[head])
                total += weight
            }
        }
        return loss / max(total, 1e-9)
    }

    private static func calibrate(
        _ weights: LinearWeights, _ recipe: DetectorRecipe, _ data: TrainingData
    ) -> [Calibration] {
        let chosen = recipe.calibration.isEmpty ? Set(recipe.sets.map(\.name)) : Set(recipe.calibration)
        let texts = data.validation.filter { chosen.contains($0.dataset) }
        let logits = weights.logits(of: texts.map(\.text))
        return Attribute.allCases.enumerated().map { head, attribute in
            var values: [Double] = []
            var targets: [Double] = []
            for (text, logits) in zip(texts, logits) {
                guard let logits, let label = text.labels[attribute] else { continue }
                values.append(logits[head])
                targets.append(
                    recipe.calibrationTarget == .threshold ? (label >= 0.5 ? 1 : 0) : Double(label))
            }
            return Calibration.fit(logits: values, targets: targets)
        }
    }
}

/// Turns labelled texts into training texts with a recipe's weights.
private struct SetWeights {
    private var weights: [String: [Float]] = [:]
    private var groups: [String: Int] = [:]

    init(_ recipe: DetectorRecipe) {
        for set in recipe.sets {
            weights[set.name] = Attribute.allCases.map { set.weight * (set.attributes[$0.rawValue] ?? 1) }
            if set.ownOffset { groups[set.name] = groups.count + 1 }
        }
    }

    func trainingText(_ text: LabelledText) -> TrainingText {
        TrainingText(
            text: text.text, targets: Attribute.allCases.map { text.labels[$0] ?? .nan },
            weights: weights[text.dataset] ?? [Float](repeating: 0, count: FeatureTable.heads),
            group: groups[text.dataset] ?? 0)
    }

    func trainingText(_ text: ShortTexts.Labelled, weight: Float) -> TrainingText {
        TrainingText(
            text: text.text, targets: Attribute.allCases.map { text.labels[$0] ?? .nan },
            weights: [Float](repeating: weight * text.weight, count: FeatureTable.heads))
    }

    func trainingText(_ text: String, _ prose: ProseSettings) -> TrainingText {
        TrainingText(
            text: text, targets: [Float](repeating: prose.label, count: FeatureTable.heads),
            weights: [Float](repeating: prose.weight, count: FeatureTable.heads))
    }
}

extension AtomicFile {
    /// As ``replaceFolder(at:_:)``, giving on what `body` returns.
    fileprivate static func writingFolder<Result>(_ url: URL, _ body: (URL) throws -> Result) throws -> Result
    {
        var result: Result?
        try replaceFolder(at: url) { result = try body($0) }
        guard let result else {
            throw DetectionError.recipe(reason: "the output folder could not be written")
        }
        return result
    }
}
