import TheriacCorpora
import TheriacDetection

/// Every measure of every group with its interval, and every paired difference: for those who want to look it
/// up.
struct MeasuresSection {
    let report: ComparisonReport

    var markup: Markup {
        """
        <section aria-labelledby="measures-title">
        <h2 id="measures-title">Every measure</h2>
        <details class="measures"><summary>Values with intervals, by group of \
        prompts</summary>\(values)</details>
        \(report.arms.count > 1 ? differencesFold : nil)
        <details class="measures"><summary>What was measured, and what could not \
        be</summary>\(coverage)</details>
        </section>
        """
    }

    private var differencesFold: Markup {
        """
        <details class="measures"><summary>Differences from \(Markup.text(report.arms[0].arm.title)), with \
        intervals\
        </summary>\(differences)</details>
        """
    }

    private var values: Markup {
        let bodies = presentGroups.map { group -> Markup in
            let rows = metrics(in: group).map { metric -> Markup in
                row(
                    heading(metric),
                    report.arms.map { arm in
                        arm.value(metric.name, in: group).map { numbers($0, metric, NumberFormat.value) }
                    })
            }
            return body(group.title, columns: report.arms.count, rows)
        }
        return table("Values by group of prompts", arms: Array(report.arms.indices), bodies)
    }

    private var differences: Markup {
        let arms = report.arms.indices.dropFirst()
        let bodies = presentGroups.map { group -> Markup in
            let rows = metrics(in: group).map { metric -> Markup in
                row(
                    heading(metric),
                    arms.map { index in
                        report.difference(of: report.arms[index].arm.name)?.value(metric.name, in: group).map
                        {
                            numbers($0.difference, metric, NumberFormat.change)
                        }
                    })
            }
            return body(group.title, columns: arms.count, rows)
        }
        return table("Paired differences from the baseline", arms: Array(arms), bodies)
    }

    private var coverage: Markup {
        let fields: [(String, KeyPath<Coverage, Int>)] = [
            ("Prompts", \.prompts), ("Prompts without a score, left out", \.droppedPrompts),
            ("Continuations", \.continuations), ("Continuations scored", \.scoredContinuations),
            ("Empty continuations", \.emptyContinuations),
        ]
        var rows = fields.map { title, field -> Markup in
            row(
                "\(title)",
                report.arms.map { arm in
                    arm.groups[.all].map { "\(NumberFormat.count($0.coverage[keyPath: field]))" }
                })
        }
        if report.arms.contains(where: { $0.cost != nil }) {
            rows.append(
                row(
                    "Time to generate",
                    report.arms.map { $0.cost.map { "\(NumberFormat.duration($0.seconds))" } }))
            rows.append(
                row(
                    "Peak memory",
                    report.arms.map { $0.cost.map { "\(NumberFormat.bytes($0.peakMemoryBytes))" } }))
        }
        return table("Coverage", arms: Array(report.arms.indices), ["<tbody>\(rows)</tbody>"])
    }

    // MARK: Pieces

    private var presentGroups: [PromptGroup] {
        PromptGroup.allCases.filter { group in report.arms.contains { $0.groups[group] != nil } }
    }

    private func metrics(in group: PromptGroup) -> [any PromptMetric] {
        PromptMetrics.all.filter { metric in report.arms.contains { $0.value(metric.name, in: group) != nil }
        }
    }

    private func heading(_ metric: any PromptMetric) -> Markup {
        "\(metric.title)&nbsp;\(metric.better.arrow)"
    }

    private func numbers(
        _ interval: Estimate, _ metric: any PromptMetric, _ format: (Double, any PromptMetric) -> String
    ) -> Markup {
        """
        <span class="value">\(format(interval.value, metric))</span> \
        <span class="interval">\(NumberFormat.interval(interval, of: metric))</span>
        """
    }

    private func row(_ heading: Markup, _ cells: [Markup?]) -> Markup {
        "<tr><th scope=\"row\">\(heading)</th>\(cells.map { "<td>\($0 ?? "–")</td>" as Markup })</tr>"
    }

    private func body(_ title: String, columns: Int, _ rows: [Markup]) -> Markup {
        """
        <tbody><tr><th class="group" scope="rowgroup" \
        colspan="\(columns + 1)">\(title)</th></tr>\(rows)</tbody>
        """
    }

    private func table(_ caption: String, arms: [Int], _ bodies: [Markup]) -> Markup {
        let headings = arms.map { index -> Markup in
            "<th scope=\"col\">\(ArmMark(index: index).named(report.arms[index].arm.title))</th>"
        }
        return """
            <div class="scroll" tabindex="0" role="region" aria-label="\(caption)"><table class="lookup">
            <caption class="hidden">\(caption)</caption>
            <thead><tr><th scope="col">Measure</th>\(headings)</tr></thead>\(bodies)</table></div>
            """
    }
}
