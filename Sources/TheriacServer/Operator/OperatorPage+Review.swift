internal import Foundation
internal import TheriacEvaluation

extension OperatorPage {
    var reviewSection: Markup {
        let server = summary.server
        let inner: Markup
        if !server.hasStore {
            inner = """
                <p class="empty">This server keeps no feedback. Start it with <code>--store FILE</code>, or set \
                <code>store</code>, and what people suggest and report waits here.</p>
                """
        } else if summary.isStoreUnreadable {
            inner = "<p class=\"empty\" role=\"alert\">The store cannot be read at the moment.</p>"
        } else if summary.open.isEmpty {
            inner = "<p class=\"empty\">Nothing waits for review.</p>"
        } else {
            let more = summary.openCount - summary.open.count
            inner = """
                <p class="note">Accepted feedback is what <code>theriac feedback export</code> and \
                <code>thresholds</code> learn from. Texts may hurt; open them one by one.</p>
                <ol class="items">\(summary.open.map(item))</ol>
                \(more > 0 ? "<p class=\"note\">\(OperatorCharts.count(more)) older ones follow when these are done.</p>" : Markup.empty)
                """
        }
        return """
            <section id="review" aria-labelledby="review-title" tabindex="-1"><h2 id="review-title">Waiting for review</h2>
            <p id="review-status" class="hidden" role="status" aria-live="polite"></p>
            <div data-live="review">\(inner)\(countTable)</div></section>
            """
    }

    private func item(_ item: OperatorSummary.Item) -> Markup {
        let kind = item.kind == "flag" ? "Flag" : "Suggestion"
        let about = item.subject == "comment" ? "" : " of an \(item.subject)"
        let text: Markup =
            item.text.map { text in
                """
                <details id="item-\(Int(item.id))"><summary>Text, \(text.count == 1 ? "1 character" : "\(text.count) characters")\
                </summary><blockquote>\(Markup.text(text))</blockquote></details>
                """
            } ?? "<p class=\"note\">Its text was not kept.</p>"
        let place: Markup = item.community.map { "<span>\(Markup.text($0))</span>" } ?? .empty
        let reason: Markup = item.reason.map { "<p class=\"reason\">\(Markup.text($0))</p>" } ?? .empty
        let wanted = item.suggested.sorted { ($0.value, $1.key) > ($1.value, $0.key) }.map {
            name, value -> Markup in
            let scored: Markup =
                item.scores.first { $0.key.lowercased() == name.lowercased() }.map {
                    "<span class=\"note\">scored \(String(format: "%.2f", $0.value))</span>"
                } ?? .empty
            return """
                <li><span>\(Self.title(name.lowercased()))</span> \(OperatorCharts.bar(value, "failed")) \
                <b>\(String(format: "%.2f", value))</b> \(scored)</li>
                """
        }
        func button(_ status: String, _ words: String) -> Markup {
            """
            <button name="status" value="\(status)" class="\(status)" aria-label="\(words) \(kind.lowercased()) \
            \(Int(item.id))">\(words)</button>
            """
        }
        return """
            <li class="item"><div class="item-head"><b>\(kind)\(about)</b> \(Self.timeElement(item.time)) \(place)\
            <span class="note">number \(Int(item.id))</span></div>
            \(reason)\(text)<ul class="wanted" aria-label="Scores it should have">\(wanted)</ul>
            <form method="post" action="/operator/review" class="decide">\(token)\
            <input type="hidden" name="id" value="\(Int(item.id))">\(button("accepted", "Accept"))\
            \(button("rejected", "Reject"))</form></li>
            """
    }

    private var countTable: Markup {
        guard !summary.feedback.isEmpty else { return .empty }
        let rows = summary.feedback.map { row -> [Markup] in
            [
                "\(row.kind == "flag" ? "Flags" : "Suggestions")", "\(OperatorCharts.count(row.open))",
                "\(OperatorCharts.count(row.accepted))", "\(OperatorCharts.count(row.rejected))",
            ]
        }
        return Self.table(
            "Feedback", ["Feedback", "Waiting", "Accepted", "Rejected"], rows, id: "feedback-table")
    }

    var decisionSection: Markup {
        let server = summary.server
        let inner: Markup
        if summary.decisions.isEmpty {
            inner = """
                <p class="empty">\(server.hasStore ? "No decision was recorded yet." : "Without a store nothing is recorded.")</p>
                """
        } else {
            let rows = summary.decisions.map { row -> [Markup] in
                [
                    Self.timeElement(row.time), "<span class=\"tag \(row.action)\">\(row.action)</span>",
                    "\(row.route)\(row.stage.map { ", \($0)" } ?? "")",
                    row.rule.map { "<code>\($0)</code>" } ?? "–",
                    row.community.map { Markup.text($0) } ?? "–",
                    "\(row.attribute.map(Self.title) ?? "unscored")",
                    "\(row.score.map { String(format: "%.2f", $0) } ?? "–")",
                ]
            }
            inner = Self.table(
                "Recent decisions",
                ["Time", "Action", "Where", "Rule", "Community", "Highest attribute", "Score"], rows,
                numbers: 6...6,
                id: "decision-table")
        }
        let kept: String =
            switch server.recordedDecisions {
            case "all": "All decisions are recorded"
            case "none": "No decisions are recorded"
            default: "Recorded is what did anything but let a text pass"
            }
        let lost: Markup =
            server.lostDecisions == 0
            ? .empty : " <b>\(OperatorCharts.count(server.lostDecisions)) could not be recorded.</b>"
        return """
            <section id="decisions" aria-labelledby="decisions-title"><h2 id="decisions-title">Recent decisions</h2>
            <p class="note">\(kept)\(server.keepsDecisionTexts ? ", with texts" : ", without texts").</p>
            <div data-live="decisions">\(inner)\(lost)</div></section>
            """
    }
}
