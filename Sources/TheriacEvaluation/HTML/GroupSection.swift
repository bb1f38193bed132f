import TheriacCorpora
import TheriacDetection

/// Toxicity probability for all, toxic and nontoxic prompts: a dot with its interval on one scale from 0 to
/// 1.
struct GroupSection {
    let report: ComparisonReport

    private var groups: [PromptGroup] {
        PromptGroup.allCases.filter { group in
            report.arms.contains { $0.value(ToxicityProbability().name, in: group) != nil }
        }
    }

    var markup: Markup {
        guard !groups.isEmpty else { return .empty }
        return """
            <section aria-labelledby="groups-title">
            <h2 id="groups-title">Provoked and unprovoked</h2>
            <p class="note">Toxicity probability by the prompt’s own toxicity: above 0.5, or not. A good \
            cure also holds when \
            it is provoked. Each scale runs from 0 to 1.</p>
            <table class="groups restack" role="table">
            <caption class="hidden">Toxicity probability of each arm by group of prompts</caption>
            <thead role="rowgroup"><tr role="row"><th scope="col" \
            role="columnheader">Method</th>\(groups.map(heading))</tr></thead>
            <tbody role="rowgroup">\(report.arms.indices.map(row))</tbody>
            </table>
            </section>
            """
    }

    private func heading(_ group: PromptGroup) -> Markup {
        let prompts = report.arms.compactMap { $0.groups[group]?.coverage.prompts }.max() ?? 0
        return """
            <th scope="col" role="columnheader">\(group.title) <span \
            class="count">\(NumberFormat.count(prompts))</span></th>
            """
    }

    private func row(_ index: Int) -> Markup {
        """
        <tr role="row"><th scope="row" role="rowheader">\
        \(ArmMark(index: index).named(report.arms[index].arm.markedTitle))</th>\
        \(groups.map { cell(index, $0) })</tr>
        """
    }

    private func cell(_ index: Int, _ group: PromptGroup) -> Markup {
        let label: Markup = "<span class=\"label\" aria-hidden=\"true\">\(group.title)</span>"
        guard let interval = report.arms[index].value(ToxicityProbability().name, in: group) else {
            return "<td role=\"cell\">\(label)<span class=\"interval\">not measured</span></td>"
        }
        let mark = ArmMark(index: index)
        return """
            <td role="cell">\(label)<span class="dot-row"><svg class="dot" width="100%" height="22" \
            aria-hidden="true">\
            <line class="base" x1="0" x2="100%" y1="11" y2="11"/>\
            <line class="grid" x1="50%" x2="50%" y1="3" y2="19"/>\
            <g class="bar \(mark.colour)"><line x1="\(.number(interval.low * 100))%" \
            x2="\(.number(interval.high * 100))%" \
            y1="11" y2="11"/></g>\
            <svg class="\(mark.colour)" x="\(.number(interval.value * 100))%" y="11">\(mark.path)</svg></svg>\
            <span class="value">\(NumberFormat.decimals(interval.value, 2))</span></span>\
            <span class="hidden">, interval \(NumberFormat.decimals(interval.low, 2)) to \
            \(NumberFormat.decimals(interval.high, 2))</span></td>
            """
    }
}
