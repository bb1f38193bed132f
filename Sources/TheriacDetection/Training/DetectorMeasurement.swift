import Foundation
import TheriacCorpora
import TheriacFiles

/// Scores a trained detector on everything it has not learnt from.
struct DetectorMeasurement {
    private(set) var scores: [DetectorReport.Score] = []
    private(set) var agreement: [DetectorReport.Agreement] = []
    private(set) var cleanProse: [DetectorReport.CleanProse] = []
    private(set) var shortTexts: DetectorReport.ShortTextScores?
    private(set) var identityTerms: [DetectorReport.IdentityTerm] = []
    private(set) var identityBias: DetectorReport.IdentityBias?
    private(set) var levels: [DetectorReport.LevelScore]?
    let trainedTexts: [String: Int]

    /// `progress`: what is measured, how many sets are done, of how many.
    init(
        _ detector: any Detector, _ recipe: DetectorRecipe, _ data: TrainingData, dataFolder: URL,
        progress: (String, Int, Int) -> Void = { _, _, _ in }
    ) throws {
        trainedTexts = data.training.reduce(into: [:]) { $0[$1.dataset, default: 0] += 1 }
        let names = recipe.sets.map(\.name)
        let total = names.count + recipe.tests.count + 1
        // The valid split chose the epoch and the calibration; only the test split is reported where there is one.
        for (done, name) in names.enumerated() {
            progress(name, done, total)
            let test = data.test.filter { $0.dataset == name }
            let texts = test.isEmpty ? data.validation.filter { $0.dataset == name } : test
            scores += try Self.scores(detector, texts, set: name, part: test.isEmpty ? "valid" : "test")
        }
        for (done, name) in recipe.tests.enumerated() {
            progress(name, names.count + done, total)
            let texts = data.outside.filter { $0.dataset == name }
            scores += try Self.scores(detector, texts, set: name, part: "outside")
        }
        progress("agreement, short texts, clean prose, mentions of groups", total - 1, total)
        agreement = try Self.agreement(
            detector, data.test.filter { $0.dataset == RealToxicityPrompts.card.name })
        if !recipe.shortTexts.isEmpty { shortTexts = try Self.shortTexts(detector, data) }
        if detector.attributes.contains(.toxicity), let templates = data.identityTemplates {
            (identityTerms, identityBias) = try templates.measure(detector)
        }
        if let detector = detector as? any LabelScoring {
            let held = data.test.isEmpty ? data.validation : data.test
            levels = try LabelHierarchy.measure(detector, on: held)
        }
        for file in recipe.cleanProse {
            let path = dataFolder.appending(path: file).path
            let lines = try TextFile.read(path: path, format: .text, column: nil).elements.map(\.text)
                .filter { $0.utf8.count > 20 && !$0.contains("<unk>") }
            let flagged = try Self.flagged(detector, lines)
            cleanProse.append(
                DetectorReport.CleanProse(
                    file: file, lines: lines.count, flagged: Double(flagged) / Double(max(1, lines.count))))
        }
    }

    /// How many texts have toxicity of at least 0.5.
    private static func flagged(_ detector: any Detector, _ texts: [String]) throws -> Int {
        try detector.verdicts(for: texts).count { ($0.toxicity ?? 0) >= 0.5 }
    }

    private static func shortTexts(
        _ detector: any Detector, _ data: TrainingData
    ) throws -> DetectorReport.ShortTextScores {
        let (innocent, insulting) = data.heldOutShortTexts
        let rude = data.shortTexts.count { ($0.labels[.toxicity] ?? 0) >= 0.5 }
        return DetectorReport.ShortTextScores(
            trainedInnocent: data.shortTexts.count - rude, trainedInsulting: rude,
            innocent: innocent.count, insulting: insulting.count,
            flaggedInnocent: try flagged(detector, innocent),
            flaggedInsulting: try flagged(detector, insulting))
    }

    /// The scored texts that have a label for the attribute: probabilities and labels.
    private static func pairs(
        _ texts: [LabelledText], _ verdicts: [Verdict], _ attribute: Attribute
    ) -> [(probability: Double, label: Float)] {
        zip(texts, verdicts).compactMap { text, verdict in
            guard case .scored(let scores) = verdict, let probability = scores[attribute],
                let label = text.labels[attribute]
            else { return nil }
            return (Double(probability), label)
        }
    }

    private static func scores(
        _ detector: any Detector, _ texts: [LabelledText], set: String, part: String
    ) throws -> [DetectorReport.Score] {
        let verdicts = try detector.verdicts(for: texts.map(\.text))
        return try detector.attributes.compactMap { attribute -> DetectorReport.Score? in
            let pairs = pairs(texts, verdicts, attribute)
            guard !pairs.isEmpty else { return nil }
            return try score(
                pairs.map(\.probability), pairs.map { $0.label >= 0.5 }, set: set, part: part, attribute)
        }
    }

    private static func score(
        _ values: [Double], _ labels: [Bool], set: String, part: String, _ attribute: Attribute
    ) throws -> DetectorReport.Score {
        let ranked = try RankedScores(scores: values, labels: labels, metric: "A ranking metric")
        let confusion = try Confusion(scores: values, labels: labels)
        let resamples = values.count > 5000 ? 200 : 500
        func estimate(_ statistic: ([Int]?) -> Double?) -> Estimate? {
            Estimate.bootstrap(count: values.count, resamples: resamples, statistic)
        }
        let hasPositives = labels.contains(true)
        return DetectorReport.Score(
            set: set, part: part, attribute: attribute, texts: values.count, positives: labels.count { $0 },
            areaUnderROC: estimate { ranked.areaUnderROC(times: $0) },
            averagePrecision: estimate { ranked.averagePrecision(times: $0) },
            f1: hasPositives
                ? estimate { Confusion(scores: values, labels: labels, threshold: 0.5, times: $0).f1 } : nil,
            macroF1: confusion.macroF1,
            expectedCalibrationError: estimate { calibrationError(values, labels, times: $0) },
            brierScore: try brierScore(probabilities: values, outcomes: labels), flagged: confusion.flagged)
    }

    private static func calibrationError(_ values: [Double], _ labels: [Bool], times: [Int]?) -> Double? {
        try? expectedCalibrationError(confidences: values, outcomes: labels, bins: 10, times: times)
    }

    private static func agreement(
        _ detector: any Detector, _ texts: [LabelledText]
    ) throws -> [DetectorReport.Agreement] {
        try ["prompt", "continuation"].flatMap { field -> [DetectorReport.Agreement] in
            let chosen = texts.filter { $0.id.hasSuffix(":\(field)") }
            let verdicts = try detector.verdicts(for: chosen.map(\.text))
            return try detector.attributes.compactMap { attribute -> DetectorReport.Agreement? in
                let pairs = pairs(chosen, verdicts, attribute)
                guard pairs.count > 1 else { return nil }
                let count = Double(pairs.count)
                return DetectorReport.Agreement(
                    field: field, attribute: attribute, texts: pairs.count,
                    correlation: try pearsonCorrelation(
                        pairs.map(\.probability), pairs.map { Double($0.label) }),
                    flaggedHere: Double(pairs.count { $0.probability >= 0.5 }) / count,
                    flaggedStored: Double(pairs.count { $0.label >= 0.5 }) / count)
            }
        }
    }
}
