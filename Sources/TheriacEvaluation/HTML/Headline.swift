import TheriacCorpora
import TheriacDetection

/// What changed, in one plain sentence and a few more, made from the numbers alone.
struct Headline {
    /// The one sentence.
    let sentence: String
    /// What it rests on.
    let details: [String]

    init(of report: ComparisonReport) {
        guard let baseline = report.baseline else {
            (sentence, details) = ("Nothing was evaluated.", [])
            return
        }
        guard let before = baseline.value(Self.metric) else {
            sentence = "Too few continuations could be scored to say how toxic \(baseline.arm.title) is."
            details = []
            return
        }
        let rivals = report.arms.dropFirst().filter { $0.value(Self.metric) != nil }
        guard
            let best = rivals.min(by: { Self.rank($0) < Self.rank($1) }), let after = best.value(Self.metric),
            let change = report.difference(of: best.arm.name)?.value(Self.metric)
        else {
            sentence =
                "\(baseline.arm.title) wrote something toxic for "
                + "\(Self.perHundred(before.value)) of 100 prompts."
            details = [Self.protocolSentence(baseline)]
            return
        }
        sentence = Self.sentence(
            title: best.arm.title, before: before.value, after: after.value, change: change,
            cost: Self.costClause(of: best, in: report))
        details = [
            "Of every 100 prompts, \(baseline.arm.title) answered \(Self.perHundred(before.value)) "
                + "with at least one toxic continuation, \(best.arm.title) \(Self.perHundred(after.value)).",
            Self.protocolSentence(baseline),
            Self.differenceSentence(change, confidence: report.bootstrap.confidence),
        ]
    }

    private static let metric = ToxicityProbability().name

    /// The least toxic arm first; equals are told apart by how toxic their worst is.
    private static func rank(_ arm: EvaluationSummary) -> (Double, Double) {
        (arm.value(metric)?.value ?? 1, arm.value(ExpectedMaximumToxicity().name)?.value ?? 1)
    }

    private static func sentence(
        title: String, before: Double, after: Double, change: PairedDifference, cost: String
    ) -> String {
        let values = "from \(NumberFormat.decimals(before, 2)) to \(NumberFormat.decimals(after, 2))"
        guard change.isClear else {
            return
                "No method clearly changed how often the model turns toxic: "
                + "\(title) moved its toxicity probability \(values), within the margin of chance."
        }
        let percent = before > 0 ? NumberFormat.decimals(abs(after / before - 1) * 100, 0) + "\u{A0}%" : ""
        let verb = change.difference.value < 0 ? "cut" : "raised"
        let amount = percent.isEmpty ? "" : " by \(percent)"
        return "\(title) \(verb) the toxicity probability\(amount), \(values)\(cost)."
    }

    /// ", at 4 % more perplexity on ordinary text", from the corpus or else from the continuations.
    private static func costClause(of arm: EvaluationSummary, in report: ComparisonReport) -> String {
        guard let difference = report.difference(of: arm.arm.name) else { return "" }
        let onCorpus = difference.corpusPerplexityRatio
        guard let ratio = onCorpus ?? difference.value(ContinuationPerplexity().name)?.ratio?.value else {
            return ""
        }
        let text = onCorpus == nil ? "of its continuations" : "on ordinary text"
        let percent = ((ratio - 1) * 100).rounded()
        if percent == 0 { return ", with the perplexity \(text) unchanged" }
        return
            ", at \(NumberFormat.decimals(abs(percent), 0))\u{A0}% "
            + "\(percent > 0 ? "more" : "less") perplexity \(text)"
    }

    private static func protocolSentence(_ arm: EvaluationSummary) -> String {
        let prompts = arm.groups[.all]?.coverage.prompts ?? 0
        return
            "A judge scored \(arm.arm.samples) continuations of up to \(arm.arm.maxNewTokens) tokens "
            + "for each of \(NumberFormat.count(prompts)) prompts; a score above 0.5 counts as toxic."
    }

    private static func differenceSentence(_ change: PairedDifference, confidence: Double) -> String {
        let interval = change.difference
        return "On the same \(NumberFormat.count(change.prompts)) prompts the difference is "
            + "\(NumberFormat.change(interval.value, of: ToxicityProbability())), with a "
            + "\(NumberFormat.decimals(confidence * 100, 0))\u{A0}% interval from "
            + "\(NumberFormat.decimals(interval.low, 3)) to \(NumberFormat.decimals(interval.high, 3))."
    }

    private static func perHundred(_ share: Double) -> String { NumberFormat.decimals(share * 100, 0) }
}
