import Foundation
import TheriacCorpora

extension DetectorReport {
    /// The detector's card in Markdown: what it is, what it learnt from, how good it is and where it fails.
    func card(_ recipe: DetectorRecipe) -> String {
        ([introduction(recipe), trainingSection(recipe), scoresSection]
            + [
                calibrationSection, agreementSection, levelSection, shortTextSection, identitySection,
                limits(recipe),
            ].filter {
                !$0.isEmpty
            })
            .joined(separator: "\n\n") + "\n"
    }

    private func introduction(_ recipe: DetectorRecipe) -> String {
        """
        # \(detector.name) \(detector.version)

        \(recipe.learner.introduction)\(recipe.undoesDisguises ? Self.normaliser : "")

        - Identity: `\(detector)`
        - Trained on part \(part + 1) of \(parts) of the texts below: parts share no text (compared by their \
        normalised words), so detectors of different parts are independent judges of each other.
        - Training hash: `\(detector.trainingHash)`
        - Licence of the weights: \(licence), because some of the training texts are share-alike.

        Toxicity means what it means to the Perspective API: rude, disrespectful or unreasonable, likely to make \
        someone leave a discussion. Probabilities are calibrated on the validation parts of \
        \(recipe.calibration.isEmpty ? "all sets" : recipe.calibration.joined(separator: " and ")).
        """
    }

    private static let normaliser =
        " A normaliser stands before it: a text with disguised words (sh1t, s h i t) is scored as written and as what "
        + "the words stand for, and the higher score counts."

    private func trainingSection(_ recipe: DetectorRecipe) -> String {
        var lines = ["## Trained on", "", "| Set | Texts | Weight | Licence |", "|---|--:|--:|---|"]
        for set in recipe.sets {
            let licence = Datasets.named(set.name)?.card.licence ?? ""
            let factors = set.attributes.sorted { $0.key < $1.key }.map {
                "\($0.key) × \(Self.short($0.value))"
            }
            let weight = ([Self.short(set.weight)] + factors).joined(separator: ", ")
            lines.append("| \(set.name) | \(trainedTexts[set.name] ?? 0) | \(weight) | \(licence) |")
        }
        for settings in recipe.augmentations {
            let texts = augmentedTexts?[settings.name] ?? 0
            lines.append(
                "| variants of the texts above: \(settings.name) | \(texts) | × \(Self.short(settings.weight)) | as theirs |"
            )
        }
        if let scores = shortTexts {
            let texts = scores.trainedInnocent + scores.trainedInsulting
            let weights = recipe.shortTexts.map { Self.short($0.weight) }.joined(separator: ", ")
            lines.append("| short texts of our own | \(texts) | \(weights) | CC0-1.0 |")
        }
        if let prose = recipe.prose {
            let sources = prose.sources.joined(separator: ", ")
            lines.append(
                "| clean prose: \(sources) | \(proseFragments) | \(Self.short(prose.weight)) | public domain, CC |"
            )
        }
        return lines.joined(separator: "\n")
    }

    private var scoresSection: String {
        var lines = [
            "## Scores", "",
            "Test splits, and whole sets that were never trained on (outside). Positive: label of at least 0.5. F1 at "
                + "the probability 0.5. In brackets 95 % bootstrap intervals. Sets that label hate only are not "
                + "labelled for toxicity in general; compare their figures with others' on the same set only.",
            "",
            "| Set | Part | Attribute | Texts | Positive | ROC-AUC | Average precision | F1 | ECE |",
            "|---|---|---|--:|--:|--:|--:|--:|--:|",
        ]
        for score in scores {
            let figures = [
                score.areaUnderROC, score.averagePrecision, score.f1, score.expectedCalibrationError,
            ]
            .map(Self.cell)
            lines.append(
                "| \(score.set) | \(score.part) | \(score.attribute.rawValue) | \(score.texts) | \(score.positives) | "
                    + figures.joined(separator: " | ") + " |")
        }
        return lines.joined(separator: "\n")
    }

    private var calibrationSection: String {
        guard let calibration, !calibration.isEmpty else { return "" }
        let lines =
            [
                "## Calibration", "",
                "Expected calibration error, ten bins of equal width, on the test part of the sets whose validation part "
                    + "fitted the maps: of the raw outputs, and of the probabilities that are given out.", "",
                "| Head | Texts | Before | After |", "|---|--:|--:|--:|",
            ]
            + calibration.map {
                String(format: "| \($0.head) | \($0.texts) | %.3f | %.3f |", $0.before, $0.after)
            }
        return lines.joined(separator: "\n")
    }

    private var agreementSection: String {
        guard !agreement.isEmpty || !cleanProse.isEmpty else { return "" }
        var lines = ["## Beside Perspective"]
        if !agreement.isEmpty {
            lines += [
                "", "Test-split texts of RealToxicityPrompts, with the scores stored in that set.", "",
                "| Field | Attribute | Texts | Correlation | Over 0.5 here | Over 0.5 stored |",
                "|---|---|--:|--:|--:|--:|",
            ]
        }
        for row in agreement {
            lines.append(
                "| \(row.field) | \(row.attribute.rawValue) | \(row.texts) | "
                    + "\(row.correlation.map { String(format: "%.3f", $0) } ?? "–") | "
                    + "\(Self.percent(row.flaggedHere)) | \(Self.percent(row.flaggedStored)) |")
        }
        if !cleanProse.isEmpty {
            lines += ["", "| Clean prose | Lines | Flagged as toxic |", "|---|--:|--:|"]
            lines += cleanProse.map { "| \($0.file) | \($0.lines) | \(Self.percent($0.flagged)) |" }
        }
        return lines.joined(separator: "\n")
    }

    private var levelSection: String {
        guard let levels, !levels.isEmpty else { return "" }
        let lines =
            [
                "## Levels", "",
                "Macro-F1 of each level's classes: given that the level above is right (conditional), and going down from "
                    + "the top, a lower level being decided only where the one above says so (end to end).",
                "",
                "| Level | Classes | Texts | Macro-F1, conditional | Texts | Macro-F1, end to end |",
                "|---|---|--:|--:|--:|--:|",
            ]
            + levels.map {
                String(
                    format: "| \($0.level) | \($0.classes.joined(separator: ", ")) | \($0.texts) | %.3f | "
                        + "\($0.endToEndTexts) | %.3f |", $0.conditional, $0.endToEnd)
            }
        return lines.joined(separator: "\n")
    }

    private var shortTextSection: String {
        guard let scores = shortTexts else { return "" }
        return """
            ## Short texts

            Trained on \(scores.trainedInnocent) innocent and \(scores.trainedInsulting) insulting short texts of our \
            own, most of them made from templates. Of those kept out of training \(scores.flaggedInnocent) of \
            \(scores.innocent) innocent and \(scores.flaggedInsulting) of \(scores.insulting) insulting ones score at \
            least 0.5. They are few and no blind test: texts like those that scored wrong were added to the \
            training until they scored right.
            """
    }

    private var identitySection: String {
        guard !identityTerms.isEmpty else { return "" }
        let count = Double(identityTerms.count)
        func mean(_ value: (IdentityTerm) -> Double) -> Double {
            identityTerms.map(value).reduce(0, +) / count
        }
        func row(_ name: String, _ phrases: Int, _ value: ((IdentityTerm) -> Double) -> Double) -> String {
            let areas = [value(\.subgroup), value(\.backgroundPositive), value(\.backgroundNegative)]
                .map { String(format: "%.3f", $0) }.joined(separator: " | ")
            let gaps = [value { $0.negativeGap ?? .nan }, value { $0.positiveGap ?? .nan }]
                .map { $0.isNaN ? "–" : String(format: "%+.3f", $0) }.joined(separator: " | ")
            return "| \(name) | \(phrases) | \(Self.percent(value(\.falsePositiveRate))) | "
                + "\(Self.percent(value(\.falseNegativeRate))) | \(areas) | \(gaps) |"
        }
        let lines =
            [
                "## Mentions of groups", "",
                "Templates filled with \(identityTerms.count) terms (Dixon et al., 2018), never trained on; without the "
                    + "phrases about named persons. Nontoxic phrases flagged and toxic ones missed at 0.5, and areas "
                    + "under ROC: within the term, its nontoxic phrases against other terms' toxic ones (BPSN), its "
                    + "toxic ones against others' nontoxic ones (BNSP). Equality gaps among nontoxic and among toxic "
                    + "phrases: above 0 where the term scores higher than the others. The ten terms that are flagged "
                    + "most, and the mean of all. Phrases \"I hate ‹term›\" are toxic here, \"I am ‹term›\" is not.",
                "",
                "| Term | Phrases | Flagged | Missed | Subgroup AUC | BPSN AUC | BNSP AUC | Gap, nontoxic | Gap, toxic |",
                "|---|--:|--:|--:|--:|--:|--:|--:|--:|",
            ]
            + identityTerms.prefix(10).map { term in row(term.term, term.phrases) { $0(term) } }
            + [row("mean of \(identityTerms.count)", identityTerms.reduce(0) { $0 + $1.phrases }, mean)]
            + biasLines
        return lines.joined(separator: "\n")
    }

    /// The terms in single figures.
    private var biasLines: [String] {
        guard let bias = identityBias else { return [] }
        func number(_ value: Double?) -> String { value.map { String(format: "%.3f", $0) } ?? "–" }
        return [
            "",
            "Power means (exponent −5, in which the worst terms count most): subgroup AUC "
                + "\(number(bias.powerMeanSubgroup)), BPSN \(number(bias.powerMeanBackgroundPositive)), BNSP "
                + "\(number(bias.powerMeanBackgroundNegative)); with the AUC of all phrases, \(number(bias.overall)), "
                + "the score of the Jigsaw competition is \(number(bias.finalScore)). On average over terms the false "
                + "positive rate differs by \(Self.percent(bias.falsePositiveDifference)) from that of all phrases, the "
                + "false negative rate by \(Self.percent(bias.falseNegativeDifference)) (FPED and FNED, divided by the "
                + "number of terms).",
        ]
    }

    private func limits(_ recipe: DetectorRecipe) -> String {
        let caution = recipe.caution.map { "- \($0)\n" }.joined()
        return """
            ## Limits

            \(caution)\
            \(recipe.learner.limits.map { "- \($0)\n" }.joined())\
            - It has learnt from labels in which mentions of some groups go with abuse, and can score a plain mention of \
            an identity too high. Check it on texts about the groups that matter to you.
            - English only. Its spelling is that of web comments between about 2004 and 2022.
            - Many of its labels are a machine's (the Perspective API), with that machine's mistakes.
            - A score is a reason to look, not a verdict on a person. Do not moderate people with it alone.
            """
    }

    private static func cell(_ estimate: Estimate?) -> String {
        guard let estimate else { return "–" }
        return String(format: "%.3f (%.3f–%.3f)", estimate.value, estimate.low, estimate.high)
    }

    private static func percent(_ share: Double) -> String { String(format: "%.1f %%", 100 * share) }

    private static func short(_ value: Float) -> String { String(format: "%g", Double(value)) }

    private static func short(_ weight: LabelWeight) -> String {
        weight.positive == weight.negative
            ? short(weight.positive) : "\(short(weight.positive)) yes, \(short(weight.negative)) no"
    }
}
