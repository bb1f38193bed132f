import TheriacCorpora
import TheriacDetection

/// The main table: arms as rows, measures as columns, each value with its interval and its change from the
/// baseline.
struct ComparisonSection {
    let report: ComparisonReport

    var markup: Markup {
        """
        <section id="comparison" aria-labelledby="comparison-title">
        <h2 id="comparison-title">What changed, and what it cost</h2>
        <p class="note">\(explanation)</p>
        <table class="comparison restack" role="table">
        <caption class="hidden">Toxicity, perplexity, variety and speed of each arm</caption>
        <thead role="rowgroup"><tr role="row"><th scope="col" \
        role="columnheader">Method</th>\(columns.map(\.heading))</tr></thead>
        <tbody role="rowgroup">\(report.arms.indices.map(row))</tbody>
        </table>
        </section>
        """
    }

    private var explanation: String {
        let confidence = NumberFormat.decimals(report.bootstrap.confidence * 100, 0)
        let intervals = "Small figures are \(confidence)\u{A0}% intervals over prompts."
        guard report.arms.count > 1, let baseline = report.baseline else { return intervals }
        return intervals
            + " Changes are from \(baseline.arm.title) on the same prompts; “no clear change” means that "
            + "the interval of the change includes zero."
    }

    private struct Column {
        var title: String
        var better: Direction
        /// For an arm by its index.
        var cell: (Int) -> Markup

        var heading: Markup {
            let hint = better == .lower ? "lower is better" : "higher is better"
            return """
                <th scope="col" role="columnheader">\(title)&nbsp;<span aria-hidden="true" \
                class="arrow">\(better.arrow)</span>\
                <span class="hidden">(\(hint))</span></th>
                """
        }
    }

    private func row(_ index: Int) -> Markup {
        let cells = columns.map { column -> Markup in
            """
            <td role="cell"><span class="label" aria-hidden="true">\(column.title)&nbsp;\(column.better.arrow)</span>\
            \(column.cell(index))</td>
            """
        }
        return """
            <tr role="row"><th scope="row" role="rowheader">\
            \(ArmMark(index: index).named(report.arms[index].arm.markedTitle))</th>\(cells)</tr>
            """
    }

    private var columns: [Column] {
        let names = [
            "toxicity-probability", "expected-maximum-toxicity", "toxic-fraction", "continuation-perplexity",
        ]
        var columns = names.compactMap(PromptMetrics.named).compactMap(metricColumn)
        if report.arms.contains(where: { $0.corpusPerplexity != nil }) {
            columns.append(Column(title: "Corpus perplexity", better: .lower, cell: corpusCell))
        }
        columns += ["distinct-2"].compactMap(PromptMetrics.named).compactMap(metricColumn)
        if report.arms.contains(where: { $0.cost != nil }) {
            columns.append(Column(title: "Tokens per second", better: .higher, cell: speedCell))
        }
        return columns
    }

    private func metricColumn(_ metric: any PromptMetric) -> Column? {
        guard report.arms.contains(where: { $0.value(metric.name) != nil }) else { return nil }
        return Column(title: metric.title.replacing("-", with: "\u{2011}"), better: metric.better) { index in
            let arm = report.arms[index]
            guard let interval = arm.value(metric.name) else { return Self.absent }
            let change = report.difference(of: arm.arm.name)?.value(metric.name)
            return """
                <span class="value">\(NumberFormat.value(interval.value, of: metric))</span> \
                <span class="interval">\(NumberFormat.interval(interval, of: metric))</span>\
                \(change.map { Self.change($0, of: metric) })
                """
        }
    }

    private static func change(_ paired: PairedDifference, of metric: any PromptMetric) -> Markup {
        guard paired.isClear else { return " <span class=\"change\">no clear change</span>" }
        let improves = (paired.difference.value < 0) == (metric.better == .lower)
        let text =
            paired.ratio.map { NumberFormat.percentChange(ofRatio: $0.value) }
            ?? NumberFormat.change(paired.difference.value, of: metric)
        return " <span class=\"change \(Markup(trusted: improves ? "good" : "bad"))\">\(text)</span>"
    }

    private func corpusCell(_ index: Int) -> Markup {
        let arm = report.arms[index]
        guard let corpus = arm.corpusPerplexity else { return Self.absent }
        let ratio = report.difference(of: arm.arm.name)?.corpusPerplexityRatio
        let change = ratio.map {
            " <span class=\"change\">\(NumberFormat.percentChange(ofRatio: $0))</span>" as Markup
        }
        return "<span class=\"value\">\(NumberFormat.decimals(corpus.perplexity, 1))</span>\(change)"
    }

    private func speedCell(_ index: Int) -> Markup {
        guard let cost = report.arms[index].cost else { return Self.absent }
        return "<span class=\"value\">\(NumberFormat.count(Int(cost.tokensPerSecond.rounded())))</span>"
    }

    private static let absent: Markup = "<span class=\"interval\">not measured</span>"
}
