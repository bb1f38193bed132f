public import Foundation
import TheriacCorpora
import TheriacFiles

/// Trains a detector as a recipe says and writes its folder.
public enum DetectorTraining {
    /// How far training is.
    public struct Progress: Sendable, Equatable {
        /// What is being done, in a few words.
        public var stage: String
        public var done: Int
        public var total: Int
        /// More to say, such as loss and speed.
        public var remark = ""
    }

    /// Trains, calibrates and measures a detector; writes `detector.json`, its weights, `report.json` and `card.md` into
    /// `output`, which is replaced as a whole.
    ///
    /// The same recipe, data and number of threads give the same detector, bit for bit.
    /// - Parameters:
    ///   - recipe: what to learn from, and how.
    ///   - dataFolder: holds the data pack.
    ///   - output: the folder to write.
    ///   - progress: called at each stage and after each epoch or step.
    /// - Returns: what was measured, as in `report.json`.
    /// - Throws: ``DetectionError`` when the recipe cannot be followed; errors of files.
    @discardableResult
    public static func run(
        recipe: DetectorRecipe, dataFolder: URL, output: URL, progress: (Progress) -> Void = { _ in }
    ) throws -> DetectorReport {
        guard
            let report = try run(
                recipe: recipe, dataFolder: dataFolder, output: output, stopAfter: nil, progress: progress)
        else { throw DetectionError.recipe(reason: "training stopped before its end") }
        return report
    }

    /// As the other one, but stops after so many steps of this call, leaving checkpoints in `‹output›.training`; the same
    /// call then goes on. A killed training goes on the same way, from its last checkpoint. That folder is removed at the
    /// end.
    ///
    /// - Returns: nil when it stopped before the end.
    public static func run(
        recipe: DetectorRecipe, dataFolder: URL, output: URL, stopAfter limit: Int?,
        progress: (Progress) -> Void = { _ in }
    ) throws -> DetectorReport? {
        progress(Progress(stage: "reading the sets", done: 0, total: 1))
        let data = try TrainingData(recipe, dataFolder: dataFolder)
        guard !data.training.isEmpty else {
            throw DetectionError.recipe(reason: "no text is left to train on")
        }
        let workspace = output.deletingLastPathComponent().appending(
            path: output.lastPathComponent + ".training")
        guard
            var learnt = try recipe.learner.learn(
                recipe, data, workspace: workspace, limit: limit, progress: progress)
        else { return nil }
        progress(Progress(stage: "calibrating", done: 0, total: 1))
        learnt.calibration = try calibrate(learnt, recipe, data)
        let calibration = try calibrationErrors(learnt, recipe, data)
        let report = try AtomicFile.writingFolder(output) { folder in
            try write(learnt, recipe, data, to: folder)
            let detector = try Detectors.load(folder: folder)
            let measured = try DetectorMeasurement(detector, recipe, data, dataFolder: dataFolder) {
                progress(Progress(stage: "measuring on held-out texts: \($0)", done: $1, total: $2))
            }
            let report = DetectorReport(
                detector: detector.identity, licence: recipe.licence, part: recipe.part, parts: recipe.parts,
                trainedTexts: measured.trainedTexts, proseFragments: data.prose.count,
                augmentedTexts: data.augmentedTexts.isEmpty ? nil : data.augmentedTexts,
                unreadableRows: data.problems, validationLoss: learnt.validationLosses,
                scores: measured.scores, calibration: calibration,
                agreement: measured.agreement, cleanProse: measured.cleanProse,
                shortTexts: measured.shortTexts, identityTerms: measured.identityTerms,
                identityBias: measured.identityBias, levels: measured.levels)
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
            try AtomicFile.write(try encoder.encode(report), to: folder.appending(path: "report.json"))
            try AtomicFile.write(Data(report.card(recipe).utf8), to: folder.appending(path: "card.md"))
            return report
        }
        try? FileManager.default.removeItem(at: workspace)
        return report
    }

    /// The detector's folder; a normaliser in front has the detector in a folder inside.
    private static func write(
        _ learnt: any LearntDetector, _ recipe: DetectorRecipe, _ data: TrainingData, to folder: URL
    ) throws {
        guard recipe.undoesDisguises else {
            _ = try learnt.write(recipe, trainingHash: data.trainingHash, to: folder)
            return
        }
        let inside = folder.appending(path: recipe.learnerKind)
        try FileManager.default.createDirectory(at: inside, withIntermediateDirectories: true)
        _ = try learnt.write(recipe, trainingHash: data.trainingHash, to: inside)
        try NormalizingDetector.write(recipe.learnerKind, name: recipe.name, to: folder)
    }

    /// Platt's map for each head, fitted on the validation parts that the recipe names.
    private static func calibrate(
        _ learnt: any LearntDetector, _ recipe: DetectorRecipe, _ data: TrainingData
    ) throws -> [Calibration] {
        try outcomes(learnt, recipe, data.validation).map { Calibration.fit(logits: $0, targets: $1) }
    }

    /// What the maps do for texts they were not fitted on; heads without a labelled text there are left out.
    private static func calibrationErrors(
        _ learnt: any LearntDetector, _ recipe: DetectorRecipe, _ data: TrainingData
    ) throws -> [DetectorReport.HeadCalibration] {
        let found = try outcomes(learnt, recipe, data.test)
        return try recipe.learner.heads.indices.compactMap { place -> DetectorReport.HeadCalibration? in
            let (logits, targets) = found[place]
            guard !logits.isEmpty else { return nil }
            let labels = targets.map { $0 >= 0.5 }
            func error(_ map: Calibration) throws -> Double {
                try expectedCalibrationError(
                    confidences: logits.map { map.probability($0) }, outcomes: labels, bins: 10)
            }
            return DetectorReport.HeadCalibration(
                head: recipe.learner.heads[place].label, texts: logits.count, before: try error(.identity),
                after: try error(learnt.calibration[place]))
        }
    }

    /// For each head the raw logits of those texts that calibrate it, or would if they were of the validation part, and
    /// what they should become.
    private static func outcomes(
        _ learnt: any LearntDetector, _ recipe: DetectorRecipe, _ held: [LabelledText]
    ) throws -> [(logits: [Double], targets: [Double])] {
        let common = recipe.calibration.isEmpty ? recipe.sets.map(\.name) : recipe.calibration
        let chosen = recipe.learner.heads.map { Set(recipe.calibrationByHead[$0.label] ?? common) }
        let texts = held.filter { text in chosen.contains { $0.contains(text.dataset) } }
        let logits = try learnt.logits(of: texts.map(\.text))
        return recipe.learner.heads.enumerated().map { place, head in
            var values: [Double] = []
            var targets: [Double] = []
            for (text, logits) in zip(texts, logits) where chosen[place].contains(text.dataset) {
                guard let logits, let label = head.label(of: text) else { continue }
                values.append(logits[place])
                targets.append(
                    recipe.calibrationTarget == .threshold ? (label >= 0.5 ? 1 : 0) : Double(label))
            }
            return (values, targets)
        }
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
