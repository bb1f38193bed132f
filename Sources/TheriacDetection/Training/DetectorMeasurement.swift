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
    let trainedTexts: [String: Int]

    init(_ weights: LinearWeights, _ recipe: DetectorRecipe, _ data: TrainingData, dataFolder: URL) throws {
        trainedTexts = data.training.reduce(into: [:]) { $0[$1.dataset, default: 0] += 1 }
        let names = recipe.sets.map(\.name)
        // The valid split chose the epoch and the calibration; only the test split is reported where there is one.
        for name in names {
            let test = data.test.filter { $0.dataset == name }
            let texts = test.isEmpty ? data.validation.filter { $0.dataset == name } : test
            scores += try Self.scores(weights, texts, set: name, part: test.isEmpty ? "valid" : "test")
        }
        for name in recipe.tests {
            let texts = data.outside.filter { $0.dataset == name }
            scores += try Self.scores(weights, texts, set: name, part: "outside")
        }
        agreement = try Self.agreement(
            weights, data.test.filter { $0.dataset == RealToxicityPrompts.card.name })
        if recipe.shortTexts != nil { shortTexts = Self.shortTexts(weights, data) }
        identityTerms = try data.identityTemplates?.measure(weights) ?? []
        for file in recipe.cleanProse {
            let path = dataFolder.appending(path: file).path
            let lines = try TextFile.read(path: path, format: .text, column: nil).elements.map(\.text)
                .filter { $0.utf8.count > 20 && !$0.contains("<unk>") }
            let flagged = weights.probabilities(of: lines).count { $0.map { $0[0] >= 0.5 } ?? false }
            cleanProse.append(
                DetectorReport.CleanProse(
                    file: file, lines: lines.count, flagged: Double(flagged) / Double(max(1, lines.count))))
        }
    }

    private static func shortTexts(
        _ weights: LinearWeights, _ data: TrainingData
    ) -> DetectorReport.ShortTextScores {
        func flagged(_ texts: [String]) -> Int {
            weights.probabilities(of: texts).count { ($0?[0] ?? 0) >= 0.5 }
        }
        let (innocent, insulting) = data.heldOutShortTexts
        let rude = data.shortTexts.count { ($0.labels[.toxicity] ?? 0) >= 0.5 }
        return DetectorReport.ShortTextScores(
            trainedInnocent: data.shortTexts.count - rude, trainedInsulting: rude,
            innocent: innocent.count, insulting: insulting.count,
            flaggedInnocent: flagged(innocent), flaggedInsulting: flagged(insulting))
    }

    private static func scores(
        _ weights: LinearWeights, _ texts: [LabelledText], set: String, part: String
    ) throws -> [DetectorReport.Score] {
        let probabilities = weights.probabilities(of: texts.map(\.text))
        return try Attribute.allCases.enumerated().compactMap { head, attribute -> DetectorReport.Score? in
            var values: [Double] = []
            var labels: [Bool] = []
            for (text, probability) in zip(texts, probabilities) {
                guard let probability, let label = text.labels[attribute] else { continue }
                values.append(probability[head])
                labels.append(label >= 0.5)
            }
            guard !values.isEmpty else { return nil }
            return try score(values, labels, set: set, part: part, attribute)
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
        _ weights: LinearWeights, _ texts: [LabelledText]
    ) throws -> [DetectorReport.Agreement] {
        try ["prompt", "continuation"].flatMap { field -> [DetectorReport.Agreement] in
            let chosen = texts.filter { $0.id.hasSuffix(":\(field)") }
            let probabilities = weights.probabilities(of: chosen.map(\.text))
            return try Attribute.allCases.enumerated().compactMap {
                head, attribute -> DetectorReport.Agreement? in
                var here: [Double] = []
                var stored: [Double] = []
                for (text, probability) in zip(chosen, probabilities) {
                    guard let probability, let label = text.labels[attribute] else { continue }
                    here.append(probability[head])
                    stored.append(Double(label))
                }
                guard here.count > 1 else { return nil }
                return DetectorReport.Agreement(
                    field: field, attribute: attribute, texts: here.count,
                    correlation: try pearsonCorrelation(here, stored),
                    flaggedHere: Double(here.count { $0 >= 0.5 }) / Double(here.count),
                    flaggedStored: Double(stored.count { $0 >= 0.5 }) / Double(stored.count))
            }
        }
    }
}
