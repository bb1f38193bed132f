internal import Foundation
internal import TheriacEvaluation

extension OperatorPage {
    var detectorSection: Markup {
        let cards = summary.detectors.map { row -> Markup in
            let attributes = row.attributes.map { Self.title($0) }.joined(separator: ", ")
            let languages = row.languages.isEmpty ? "all" : row.languages.joined(separator: ", ")
            let training: Markup =
                row.trainingHash.isEmpty
                ? .empty
                : "<div><dt>Training texts</dt><dd><code>\(String(row.trainingHash.prefix(16)))</code></dd></div>"
            let card: Markup =
                row.card.map {
                    Self.folded(
                        "Card: data, figures, limits", id: "card-\(row.name)",
                        "<pre tabindex=\"0\" aria-label=\"Card of \(row.name)\">\($0)</pre>")
                } ?? .empty
            return """
                <li class="card"><h3>\(row.name) <span class="note">\(row.version)</span>\
                \(row.isDefault ? " <span class=\"tag\">default</span>" : Markup.empty)</h3>
                <dl><div><dt>Revision</dt><dd><code>sha256:\(String(row.hash.prefix(16)))</code></dd></div>\(training)
                <div><dt>Attributes</dt><dd>\(attributes)</dd></div><div><dt>Languages</dt><dd>\(languages)</dd></div>
                <div><dt>Texts waiting</dt><dd>\(OperatorCharts.count(row.waiting))</dd></div></dl>\(card)</li>
                """
        }
        return """
            <section id="detectors" aria-labelledby="detectors-title"><h2 id="detectors-title">Detectors</h2>
            <ul class="cards">\(cards)</ul></section>
            """
    }

    var thresholdSection: Markup {
        let rows = summary.moderation.map { row -> [Markup] in
            [
                "\(row.category)", row.isMeasured ? "\(String(format: "%.2f", row.threshold))" : "–",
                row.isMeasured ? (row.isSet ? "settings" : "general threshold") : "not measured here",
            ]
        }
        let learnt: Markup
        if summary.communities.isEmpty {
            learnt = """
                <p class="empty">No thresholds were learnt yet. <code>theriac feedback thresholds --save</code> learns them \
                from accepted feedback.</p>
                """
        } else {
            let rows = summary.communities.map { row -> [Markup] in
                [
                    row.community.map { Markup.text($0) } ?? "all together", "\(Self.title(row.attribute))",
                    "\(String(format: "%.2f", row.threshold))",
                    "\(String(format: "%.2f–%.2f", row.low, row.high))",
                    "\(OperatorCharts.count(row.positives)) of \(OperatorCharts.count(row.texts))",
                    row.isInForce ? "\(row.detector)" : "\(row.detector), not loaded: no effect",
                ]
            }
            learnt = Self.table(
                "Thresholds learnt from feedback",
                ["Community", "Attribute", "Threshold", "95 % interval", "Positive texts", "Detector"], rows,
                numbers: 2...4, id: "learnt-table")
        }
        return """
            <section id="thresholds" aria-labelledby="thresholds-title"><h2 id="thresholds-title">Thresholds</h2>
            <div class="columns"><div><h3>Moderation</h3>\
            \(Self.table("From which score on moderation flags", ["Category", "From", "Because of"], rows, numbers: 1...1, id: "moderation-table"))</div>
            <div data-live="thresholds"><h3>Learnt from communities</h3>\(learnt)</div></div></section>
            """
    }

    var serverSection: Markup {
        let server = summary.server
        var facts: [(String, String)] = [
            ("Version", server.version), ("Started", Self.time(server.started)),
            ("Keys in force", server.keys == 0 ? "none: nobody is asked for one" : "\(server.keys)"),
            (
                "Requests a minute",
                server.requestsPerMinute.map { "\($0) for each key" } ?? "no limit but that of keys"
            ),
            (
                "Texts of suggestions",
                server.keepsFeedbackTexts ? "kept, unless the caller forbids it" : "not kept"
            ),
            ("Store", server.hasStore ? "\(server.waitingWrites) writes waiting" : "none"),
            ("Policy", server.policy ?? "none"),
        ]
        if !server.waitForRestart.isEmpty {
            facts.append(("Changed, from a restart on", server.waitForRestart.joined(separator: ", ")))
        }
        return """
            <section id="server" aria-labelledby="server-title"><h2 id="server-title">Server</h2>
            <dl class="facts">\(facts.map { "<div><dt>\($0.0)</dt><dd>\($0.1)</dd></div>" as Markup })</dl></section>
            """
    }
}
