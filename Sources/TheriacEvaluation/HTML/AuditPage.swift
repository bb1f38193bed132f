import TheriacCorpora
public import TheriacDetection

/// A detector's audit as one HTML file that needs nothing else, in the form of ``HTMLReport``.
public enum AuditPage {
    /// - Returns: the file's text, to be written as UTF-8.
    public static func render(_ audit: DetectorAudit) -> String {
        let page: Markup = """
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            <meta name="generator" content="theriac">
            <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; \
            img-src data:; base-uri 'none'; form-action 'none'">
            <link rel="icon" href="data:,">
            <title>Bias of \(audit.detector.name) – Theriac audit</title>
            <style>\(PageStyle.source)</style>
            </head>
            <body>
            <header class="top">
            <p class="kicker">Audit of a detector</p>
            <h1>\(headline(audit))</h1>
            <p class="lede">Scores of <code>\(audit.attribute.rawValue)</code>; a text counts as called toxic from \
            \(NumberFormat.decimals(audit.threshold, 2)) on. Dots show estimates, bars intervals of 95\u{A0}%.</p>
            <dl class="facts"><div><dt>Detector</dt><dd>\(Markup.text(audit.detector.description))</dd></div></dl>
            \(notes(audit))
            </header>
            <main>
            \((audit.sets + audit.templates).enumerated().map { AuditSetSection(set: $1, number: $0).markup })
            \(AuditSwapSection(swaps: audit.swaps).markup)
            \(audit.suites.enumerated().map { AuditSuiteSection(suite: $1, number: $0).markup })
            \(explanation)
            </main>
            </body>
            </html>

            """
        return page.source
    }

    /// The group that is wronged most by false alarms, if any.
    private static func headline(_ audit: DetectorAudit) -> String {
        let name = audit.detector.name
        let worst = audit.sets.filter { $0.grouping == "mention" }.flatMap { set in
            set.groups.filter { !$0.isSmall }.map { (set: set, group: $0) }
        }
        .max { gap($0) < gap($1) }
        guard let worst, gap(worst) > 0, let rate = worst.group.falsePositiveRate?.value,
            let all = worst.set.counts.falsePositiveRate
        else { return "How \(name) treats groups of people" }
        return
            "\(name) calls \(percent(rate)) of the nontoxic texts of \(worst.set.name) that mention the group "
            + "“\(worst.group.group)” toxic, and \(percent(all)) of all its nontoxic texts"
    }

    private static func gap(_ one: (set: SetAudit, group: GroupAudit)) -> Double {
        guard let rate = one.group.falsePositiveRate?.value, let all = one.set.counts.falsePositiveRate else {
            return 0
        }
        return rate - all
    }

    private static func percent(_ share: Double) -> String {
        NumberFormat.decimals(share * 100, 0) + "\u{A0}%"
    }

    private static func notes(_ audit: DetectorAudit) -> Markup {
        guard !audit.notes.isEmpty else { return .empty }
        let items = audit.notes.map { "<li>\(Markup.text($0))</li>" as Markup }
        return "<div class=\"beware\"><h2>Beware</h2><ul>\(items)</ul></div>"
    }

    private static let explanation: Markup = """
        <section aria-labelledby="columns-title">
        <h2 id="columns-title">What the columns say</h2>
        <p class="note">False positive rate: share of the group’s nontoxic texts that are called toxic. False negative \
        rate: share of its toxic ones that are not. Subgroup, BPSN and BNSP are areas under ROC (Borkan et al., 2019): \
        within the group; toxic texts of others against nontoxic ones of the group (low: plain mentions score too high); \
        toxic ones of the group against nontoxic ones of others (low: attacks score too low). The final score is a \
        quarter of the overall area and three quarters of the mean of the three power means over groups. Groups with fewer \
        than \(GroupAudit.fewest) texts, or fewer than \(GroupAudit.fewestOfLabel) toxic or nontoxic ones, (†) are in no \
        summary. Groups differ in their share of toxic \
        texts, so equal error rates and calibrated scores cannot all be had.</p>
        </section>
        """
}

/// One set: a row a group.
struct AuditSetSection {
    let set: SetAudit
    let number: Int

    var markup: Markup {
        """
        <section aria-labelledby="set-\(number)">
        <h2 id="set-\(number)">\(set.name), by \(set.grouping)</h2>
        <p class="note">\(NumberFormat.count(set.counts.texts)) texts, \(NumberFormat.count(set.counts.toxic)) toxic. \
        Area under ROC \(AuditCell.value(set.area?.value)), false positive rate \
        \(AuditCell.value(set.counts.falsePositiveRate)), false negative rate \
        \(AuditCell.value(set.counts.falseNegativeRate)).\(summary)</p>
        \(table)
        </section>
        """
    }

    private var summary: Markup {
        guard set.summary.groups > 0 else { return .empty }
        return """
             Over \(set.summary.groups) groups: final score \(AuditCell.value(set.summary.finalScore)), FPED \
            \(AuditCell.value(set.summary.falsePositiveEqualityDifference)), FNED \
            \(AuditCell.value(set.summary.falseNegativeEqualityDifference)).
            """
    }

    private var table: Markup {
        guard !set.groups.isEmpty else { return "<p class=\"note\">No group is mentioned.</p>" }
        let enough = set.byFalsePositives.filter { !$0.isSmall }
        let few = set.byFalsePositives.filter(\.isSmall)
        guard !few.isEmpty else { return table(of: enough) }
        let folded: Markup = """
            <details><summary>\(few.count) groups with few texts (†)</summary>\(table(of: few))</details>
            """
        return enough.isEmpty ? folded : table(of: enough) + folded
    }

    private func table(of groups: [GroupAudit]) -> Markup {
        """
        <div class="scroll" tabindex="0" role="region" aria-labelledby="set-\(number)">
        <table class="lookup">
        <thead><tr><th scope="col">Group</th><th scope="col">Nontoxic</th><th scope="col">Toxic</th>\
        <th scope="col">False positive rate</th><th scope="col">False negative<br>rate</th>\
        <th scope="col">Subgroup</th><th scope="col">BPSN</th><th scope="col">BNSP</th></tr></thead>
        <tbody>\(groups.map(row))</tbody>
        </table></div>
        """
    }

    private func row(_ group: GroupAudit) -> Markup {
        """
        <tr><th scope="row">\(Markup.text(group.group))\(group.isSmall ? " †" as Markup : .empty)</th>\
        <td>\(NumberFormat.count(group.counts.nontoxic))</td><td>\(NumberFormat.count(group.counts.toxic))</td>\
        \(AuditCell.dot(group.falsePositiveRate))\(AuditCell.plain(group.falseNegativeRate))\
        \(AuditCell.plain(group.subgroup))\(AuditCell.plain(group.backgroundPositive))\
        \(AuditCell.plain(group.backgroundNegative))</tr>
        """
    }
}

/// Pairs that differ in identity terms only.
struct AuditSwapSection {
    let swaps: [SwapAudit]

    var markup: Markup {
        guard !swaps.isEmpty else { return .empty }
        return """
            <section aria-labelledby="swap-title">
            <h2 id="swap-title">Identity terms swapped</h2>
            <p class="note">The same text with other identity terms: no score should change.</p>
            <div class="scroll" tabindex="0" role="region" aria-labelledby="swap-title">
            <table class="lookup"><thead><tr><th scope="col">Pairs of</th><th scope="col">Pairs</th>\
            <th scope="col">Decisions flipped</th><th scope="col">of nontoxic</th>\
            <th scope="col">Mean change of score</th></tr></thead>
            <tbody>\(swaps.map(row))</tbody></table></div>
            </section>
            """
    }

    private func row(_ swap: SwapAudit) -> Markup {
        """
        <tr><th scope="row">\(Markup.text(swap.name))</th><td>\(NumberFormat.count(swap.pairs))</td>\
        \(AuditCell.dot(swap.flipped))\(AuditCell.plain(swap.flippedNontoxic))\(AuditCell.plain(swap.meanChange))</tr>
        """
    }
}

/// A functional suite: a row a functionality, a target, a clean mention.
struct AuditSuiteSection {
    let suite: SuiteAudit
    let number: Int

    var markup: Markup {
        """
        <section aria-labelledby="suite-\(number)">
        <h2 id="suite-\(number)">\(suite.name), answered by \(suite.attribute.rawValue)</h2>
        <p class="note">\(NumberFormat.count(suite.cases)) cases, right in \(AuditCell.value(suite.accuracy?.value)).</p>
        \(table("Functionality", "Right", suite.functionalities))
        \(table("Target", "Right", suite.targets))
        \(table("Mentioned without hate", "Called hateful", suite.falseAlarms))
        </section>
        """
    }

    private func table(_ title: String, _ value: String, _ rows: [SuiteAudit.Row]) -> Markup {
        guard !rows.isEmpty else { return .empty }
        let body = rows.map { row -> Markup in
            let kind = row.isHateful.map { $0 ? "yes" : "no" } ?? "both"
            return """
                <tr><th scope="row">\(Markup.text(row.name))</th><td>\(NumberFormat.count(row.cases))</td><td>\(kind)</td>\
                \(AuditCell.dot(row.accuracy))</tr>
                """
        }
        return """
            <div class="scroll" tabindex="0" role="region" aria-label="\(suite.name), \(title)">
            <table class="lookup"><thead><tr><th scope="col">\(title)</th><th scope="col">Cases</th>\
            <th scope="col">Hateful</th><th scope="col">\(value)</th></tr></thead><tbody>\(body)</tbody></table></div>
            """
    }
}

/// Cells of an audit's tables.
enum AuditCell {
    static func value(_ value: Double?) -> String { value.map { NumberFormat.decimals($0, 3) } ?? "–" }

    static func plain(_ estimate: Estimate?) -> Markup {
        guard let estimate else { return "<td>–</td>" }
        return "<td>\(number(estimate, stacked: true))</td>"
    }

    /// With a dot and its interval on a scale from 0 to 1.
    static func dot(_ estimate: Estimate?) -> Markup {
        guard let estimate else { return "<td>–</td>" }
        let mark = ArmMark(index: 1)
        return """
            <td><span class="dot-row"><svg class="dot" width="100%" height="18" style="min-width:4rem" aria-hidden="true">\
            <line class="base" x1="0" x2="100%" y1="9" y2="9"/>\
            <line class="grid" x1="50%" x2="50%" y1="2" y2="16"/>\
            <g class="bar \(mark.colour)"><line x1="\(.number(estimate.low * 100))%" \
            x2="\(.number(estimate.high * 100))%" y1="9" y2="9"/></g>\
            <svg class="\(mark.colour)" x="\(.number(estimate.value * 100))%" y="9" overflow="visible">\(mark.path)</svg>\
            </svg><span>\(number(estimate, stacked: true))</span></span></td>
            """
    }

    /// The interval stands below when `stacked`; without resamples there is none.
    private static func number(_ estimate: Estimate, stacked: Bool = false) -> Markup {
        let value: Markup = "<span class=\"value\">\(NumberFormat.decimals(estimate.value, 3))</span>"
        guard estimate.low < estimate.high else { return value }
        let separator = estimate.low < 0 ? " to " : "–"
        let interval =
            NumberFormat.decimals(estimate.low, 3) + separator + NumberFormat.decimals(estimate.high, 3)
        let between: Markup = stacked ? "<br>" : " "
        return "\(value)\(between)<span class=\"interval\">\(interval)</span>"
    }
}
