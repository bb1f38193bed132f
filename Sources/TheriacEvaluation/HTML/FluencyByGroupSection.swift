import TheriacDetection

/// What the treatments cost in fluency on texts that mention groups of people.
struct FluencyByGroupSection {
    let report: ComparisonReport

    var markup: Markup {
        guard let fluency = report.groupFluency, !fluency.treatments.isEmpty else { return .empty }
        return """
            <section aria-labelledby="group-fluency-title">
            <h2 id="group-fluency-title">Whose texts become harder to predict</h2>
            <p class="note">Perplexity on \(Markup.text(fluency.texts.name)), as a ratio to the untreated model, by group \
            (\(Markup.text(fluency.grouping))). 1.00 is no cost. A ratio above that of the texts of no group means that the \
            treatment takes more from texts about the group. Methods that act while a model writes are not counted here. \
            Small figures are 95\u{A0}% intervals over texts; † fewer than \(FluencyByGroup.fewest) texts.</p>
            <div class="scroll" tabindex="0" role="region" aria-labelledby="group-fluency-title">
            <table class="lookup">
            <thead><tr><th scope="col">Texts</th><th scope="col">Number</th><th scope="col">Perplexity before</th>\
            \(fluency.treatments.map { "<th scope=\"col\">\(Markup.text($0))</th>" as Markup })</tr></thead>
            <tbody>\(fluency.rows.map(row))</tbody>
            </table></div>
            </section>
            """
    }

    private func row(_ row: FluencyByGroup.Row) -> Markup {
        let cells = row.ratios.enumerated().map { treatment, ratio -> Markup in
            let isWorse = treatment < row.excess.count && row.excess[treatment].low > 1
            let mark: Markup =
                isWorse ? " <span title=\"clearly more than texts of no group\">▲</span>" : .empty
            return """
                <td><span class="value">\(NumberFormat.decimals(ratio.value, 2))</span>\(mark)<br>\
                <span class="interval">\(NumberFormat.decimals(ratio.low, 2))–\
                \(NumberFormat.decimals(ratio.high, 2))</span></td>
                """
        }
        return """
            <tr><th scope="row">\(title(row.group))\(row.isSmall ? " †" as Markup : .empty)</th>\
            <td>\(NumberFormat.count(row.texts))</td><td>\(NumberFormat.decimals(row.untreated, 1))</td>\(cells)</tr>
            """
    }

    private func title(_ group: String) -> Markup {
        switch group {
        case FluencyByGroup.all: "all texts"
        case FluencyByGroup.none: "of no group"
        default: .text(group)
        }
    }
}
