import TheriacCorpora
import TheriacDetection

/// Toxicity against perplexity: one panel for each kind of perplexity that was measured, the better corner
/// marked.
struct TradeOffSection {
    let report: ComparisonReport

    var markup: Markup {
        let panels = [continuations, corpus].compactMap { $0 }
        guard !panels.isEmpty else { return .empty }
        return """
            <section aria-labelledby="trade-off-title">
            <h2 id="trade-off-title">Toxicity against perplexity</h2>
            <p class="note">A cure is good when it moves a model down without moving it right. Bars are \
            \(NumberFormat.decimals(report.bootstrap.confidence * 100, 0))&nbsp;% intervals. Perplexity does \
            not start at \
            zero.</p>
            <div class="panels">\(panels.map(\.markup))</div>
            </section>
            """
    }

    private var continuations: TradeOffPlot? {
        plot(
            id: "continuations", title: "How surprising are its texts?", axis: "Perplexity of continuations"
        ) { $0.value(ContinuationPerplexity().name) }
    }

    private var corpus: TradeOffPlot? {
        plot(id: "corpus", title: "How well does it still predict ordinary text?", axis: "Corpus perplexity")
        {
            $0.corpusPerplexity.map {
                Estimate(value: $0.perplexity, low: $0.perplexity, high: $0.perplexity)
            }
        }
    }

    private func plot(
        id: String, title: String, axis: String, perplexity: (EvaluationSummary) -> Estimate?
    ) -> TradeOffPlot? {
        let points = report.arms.enumerated().compactMap { index, arm -> TradeOffPlot.Point? in
            guard let toxicity = arm.value(ToxicityProbability().name), let perplexity = perplexity(arm)
            else { return nil }
            return .init(
                mark: ArmMark(index: index), title: arm.arm.title, perplexity: perplexity, toxicity: toxicity)
        }
        return points.isEmpty ? nil : TradeOffPlot(id: id, title: title, axis: axis, points: points)
    }
}
