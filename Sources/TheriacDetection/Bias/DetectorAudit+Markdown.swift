import Foundation
import TheriacCorpora

extension DetectorAudit {
    /// The audit as Markdown: one table a set, the worst groups first.
    public var markdown: String {
        var lines = [
            "# Bias of \(detector.name) \(detector.version)", "",
            "Scores of `\(attribute.rawValue)` by `\(detector)`; called toxic from \(Self.number(threshold)) on. Square "
                + "brackets hold intervals of 95 %. A dagger marks groups with fewer than \(GroupAudit.fewest) texts, or "
                + "fewer than \(GroupAudit.fewestOfLabel) toxic or nontoxic ones: their figures say little, and they are in no summary.",
            "",
        ]
        lines += notes.isEmpty ? [] : notes.map { "- \($0)" } + [""]
        for set in sets + templates { lines += Self.section(set) }
        if !swaps.isEmpty { lines += Self.section(swaps) }
        for suite in suites { lines += Self.section(suite) }
        lines += [
            "## What the columns say", "",
            "- **FPR**: share of nontoxic texts of the group that are called toxic; **FNR**: of toxic ones that are not.",
            "- **Subgroup**: area under ROC within the group. **BPSN**: toxic texts of others against nontoxic ones of the "
                + "group; low means that plain mentions score too high. **BNSP**: toxic ones of the group against nontoxic ones of "
                + "others; low means that attacks on the group score too low.",
            "- **AEG−**, **AEG+**: how far the group's nontoxic, toxic texts score above others' (−0.5 to 0.5; 0 is best).",
            "- The final score is ¼ of the overall area and ¾ of the mean of the three power means (p = −5) over groups. FPED "
                + "and FNED add up the groups' distances from the overall rates.",
            "- Groups have different shares of toxic texts, so equal rates and calibrated scores cannot all be had. The false "
                + "positive rate on mentions is what silences people for naming themselves.", "",
        ]
        return lines.joined(separator: "\n")
    }

    private static func section(_ set: SetAudit) -> [String] {
        var lines = [
            "## \(set.name), by \(set.grouping)", "",
            "\(set.counts.texts) texts, \(set.counts.toxic) toxic"
                + (set.unscored > 0 ? ", \(set.unscored) not scored" : "")
                + ". Area under ROC \(cell(set.area)), FPR "
                + "\(cell(set.counts.falsePositiveRate)), FNR \(cell(set.counts.falseNegativeRate)).", "",
        ]
        let summary = set.summary
        if summary.groups > 0 {
            lines += [
                "Over \(summary.groups) groups: final score \(cell(summary.finalScore)); power means subgroup "
                    + "\(cell(summary.powerMeanSubgroup)), BPSN \(cell(summary.powerMeanBackgroundPositive)), BNSP "
                    + "\(cell(summary.powerMeanBackgroundNegative)); FPED \(cell(summary.falsePositiveEqualityDifference)), FNED "
                    + "\(cell(summary.falseNegativeEqualityDifference)); demographic parity difference "
                    + "\(cell(summary.demographicParityDifference)), equalised odds difference "
                    + "\(cell(summary.equalizedOddsDifference)).", "",
            ]
        }
        guard !set.groups.isEmpty else { return lines + ["No group is mentioned.", ""] }
        lines += [
            "| Group | Nontoxic | Toxic | FPR | FNR | Subgroup | BPSN | BNSP | AEG− | AEG+ |",
            "|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|",
        ]
        for group in set.byFalsePositives {
            lines.append(
                "| \(group.group)\(group.isSmall ? " †" : "") | \(group.counts.nontoxic) | \(group.counts.toxic) | "
                    + [
                        group.falsePositiveRate, group.falseNegativeRate, group.subgroup,
                        group.backgroundPositive,
                        group.backgroundNegative, group.negativeGap, group.positiveGap,
                    ].map(cell).joined(separator: " | ") + " |")
        }
        return lines + [""]
    }

    private static func section(_ swaps: [SwapAudit]) -> [String] {
        [
            "## Identity terms swapped", "",
            "| Pairs of | Pairs | Mean change of score | Decisions flipped | of nontoxic |",
            "|---|--:|--:|--:|--:|",
        ]
            + swaps.map {
                "| \($0.name) | \($0.pairs) | \(cell($0.meanChange)) | \(cell($0.flipped)) | \(cell($0.flippedNontoxic)) |"
            } + [""]
    }

    private static func section(_ suite: SuiteAudit) -> [String] {
        func table(_ title: String, _ value: String, _ rows: [SuiteAudit.Row]) -> [String] {
            guard !rows.isEmpty else { return [] }
            return ["| \(title) | Cases | Hateful | \(value) |", "|---|--:|---|--:|"]
                + rows.map {
                    let kind = $0.isHateful.map { $0 ? "yes" : "no" } ?? "both"
                    return "| \($0.name) | \($0.cases) | \(kind) | \(cell($0.accuracy)) |"
                } + [""]
        }
        return [
            "## \(suite.name), answered by \(suite.attribute.rawValue)", "",
            "\(suite.cases) cases\(suite.unscored > 0 ? ", \(suite.unscored) not scored" : ""): right in "
                + "\(cell(suite.accuracy)).", "",
        ] + table("Functionality", "Right", suite.functionalities) + table("Target", "Right", suite.targets)
            + table("Mentioned without hate", "Called hateful", suite.falseAlarms)
    }

    static func cell(_ estimate: Estimate?) -> String {
        guard let estimate else { return "–" }
        // Without resamples there is no interval.
        guard estimate.low < estimate.high else { return number(estimate.value) }
        return "\(number(estimate.value)) [\(number(estimate.low)), \(number(estimate.high))]"
    }

    static func cell(_ value: Double?) -> String { value.map(number) ?? "–" }

    private static func number(_ value: Double) -> String { String(format: "%.3f", value) }
}

extension SetAudit {
    /// Groups with enough texts first, then the highest false positive rate.
    public var byFalsePositives: [GroupAudit] {
        groups.sorted {
            ($0.isSmall ? 1 : 0, -($0.falsePositiveRate?.value ?? -1), $0.group)
                < ($1.isSmall ? 1 : 0, -($1.falsePositiveRate?.value ?? -1), $1.group)
        }
    }
}
