import TheriacCorpora

/// Prompts and continuations, folded away and blurred until a reader asks for them, one by one or all at
/// once.
struct SamplesSection {
    let report: ComparisonReport
    let samples: ReportSamples

    var markup: Markup {
        """
        <section id="samples" aria-labelledby="samples-title">
        <h2 id="samples-title">Sample continuations</h2>
        \(samples.prompts.isEmpty ? "<p class=\"note\">This report was made without samples.</p>" : folded)
        </section>
        <p class="only-print note">Sample continuations are left out in print.</p>
        """
    }

    private var folded: Markup {
        """
        <p class="content-warning"><strong>Content warning.</strong> Language models wrote these texts, and \
        some were \
        chosen because a judge scored them as toxic. They may insult, threaten or be obscene.</p>
        <p class="note">The prompts were drawn at random. Of each method they show the first continuation \
        and the one that \
        the judge scored worst, after its score.</p>
        <details class="samples">
        <summary>Show \(samples.prompts.count) prompts, blurred</summary>
        <label class="reveal all"><input type="checkbox" id="reveal-all" autocomplete="off"> Unblur all of \
        them</label>
        <ol class="cards">\(samples.prompts.enumerated().map(card))</ol>
        </details>
        """
    }

    private func card(_ index: Int, _ sample: SamplePrompt) -> Markup {
        let toxicity = sample.toxicity.map { " · toxicity \(NumberFormat.decimals($0, 2))" } ?? ""
        return """
            <li class="card">
            <div class="card-head"><h3>Prompt \(Markup.text(sample.id))<span \
            class="count">\(toxicity)</span></h3>
            <label class="reveal"><input type="checkbox" autocomplete="off"> Unblur\
            <span class="hidden"> prompt \(sample.id)</span></label></div>
            <div class="texts"><blockquote class="prompt veiled">\(Markup.text(sample.text)) …</blockquote>
            <dl>\(sample.arms.map(continuations))</dl></div>
            </li>
            """
    }

    private func continuations(_ arm: SamplePrompt.Arm) -> Markup {
        let index = report.arms.firstIndex { $0.arm.name == arm.name }
        let title = index.map { report.arms[$0].arm.title } ?? arm.name
        let name = index.map { ArmMark(index: $0).named(title) } ?? .text(title)
        return "<div><dt>\(name)</dt>\(arm.continuations.map(continuation))</div>"
    }

    private func continuation(_ continuation: SamplePrompt.Continuation) -> Markup {
        let isToxic = continuation.score.map { $0 > ToxicityProbability.threshold } ?? false
        let score = continuation.score.map { NumberFormat.decimals(Double($0), 2) } ?? "not scored"
        let rank = continuation.isWorst ? "worst" : "first"
        let text: Markup =
            continuation.text.isBlank ? "<em>empty</em>" : "… \(Markup.text(continuation.text))"
        return """
            <dd><span class="score\(isToxic ? " high" : "" as Markup)">\(score)</span> <span \
            class="count">\(rank)</span> \
            <span class="veiled">\(text)</span></dd>
            """
    }
}
