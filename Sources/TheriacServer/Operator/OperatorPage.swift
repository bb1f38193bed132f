internal import Foundation
internal import TheriacEvaluation

/// The operator's page: what arrives, what it is scored, what waits for a person. Works without its script; with it,
/// texts are scored while they are typed and figures are fetched anew.
struct OperatorPage {
    let summary: OperatorSummary
    let visitor: OperatorVisitor
    let settings: ServerSettings

    var document: Markup {
        Self.document(
            title: "Theriac: operator's page",
            body: """
                \(top)
                <main id="main">
                \(headline)
                \(scoreSection)
                \(trafficSection)
                \(distributionSection)
                \(reviewSection)
                \(decisionSection)
                \(detectorSection)
                \(thresholdSection)
                \(serverSection)
                </main>
                <footer class="foot"><p>Times are UTC. Figures begin with the process \
                (\(Self.time(summary.server.started))) and lie in memory only. \
                <a href="/operator/summary.json?range=\(summary.range.rawValue)">All of this as JSON</a></p></footer>
                """)
    }

    /// The frame that every answer of the page's routes has.
    static func document(title: String, body: Markup) -> Markup {
        """
        <!DOCTYPE html>
        <html lang="en"><head><meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark"><meta name="robots" content="noindex">
        <title>\(title)</title>
        <link rel="icon" href="data:,">
        <link rel="stylesheet" href="/operator/page.css">
        <script src="/operator/page.js" defer></script>
        </head><body>
        <a class="skip" href="#main">Skip to the content</a>
        \(body)
        </body></html>
        """
    }

    // MARK: Head

    private var top: Markup {
        let links: [(String, String)] = [
            ("score", "Score"), ("traffic", "Traffic"), ("scores", "Scores"), ("review", "Review"),
            ("decisions", "Decisions"), ("detectors", "Detectors"), ("thresholds", "Thresholds"),
        ]
        let open = summary.openCount
        let items = links.map { id, name -> Markup in
            let badge: Markup =
                id == "review" && open > 0
                ? " <span class=\"badge\">\(OperatorCharts.count(open))<span class=\"hidden\"> waiting</span></span>"
                : .empty
            return "<li><a href=\"#\(id)\">\(name)\(badge)</a></li>"
        }
        let leave: Markup =
            visitor.hasSession
            ? """
            <form method="post" action="/operator/sign-out">\(token)\
            <button class="quiet" type="submit">Sign out \(visitor.name)</button></form>
            """ : .empty
        return """
            <header class="top"><div class="bar"><p class="mark"><a href="/">Theriac</a></p>
            <nav aria-label="Sections"><ul>\(items)</ul></nav>
            <div class="tools"><label class="live" hidden><input type="checkbox" id="refresh" checked> \
            Refresh</label>\(leave)</div></div></header>
            """
    }

    /// What a form must bring back.
    var token: Markup { "<input type=\"hidden\" name=\"token\" value=\"\(visitor.formToken)\">" }

    private var headline: Markup {
        let requests = summary.traffic.reduce(0) { $0 + $1.requests }
        let failed = summary.traffic.reduce(0) { $0 + $1.failed }
        let words = summary.range.words
        let sentence: String
        if requests == 0 {
            sentence = "No requests in the last \(words)."
        } else {
            let failures = failed == 0 ? "None failed" : "\(OperatorCharts.count(failed)) failed"
            let noun = requests == 1 ? "request" : "requests"
            sentence =
                "\(OperatorCharts.count(requests)) \(noun) in the last \(words). \(failures)\(waitingWords)."
        }
        let server = summary.server
        let state: Markup =
            server.isHealthy
            ? "<span class=\"state good\">In order</span>"
            : "<span class=\"state bad\">The last scoring failed</span>"
        let scorer = summary.detectors.first.map { "\($0.name) \($0.version)" } ?? "nothing"
        return """
            <div class="headline" data-live="headline">
            <p class="kicker">\(state) Scoring with \(scorer), up for \(Self.length(server.started, server.now))</p>
            <h1>\(sentence)</h1></div>
            """
    }

    private var waitingWords: String {
        let open = summary.openCount
        return open == 0
            ? "" : "; \(OperatorCharts.count(open)) \(open == 1 ? "report waits" : "reports wait") for review"
    }

    // MARK: Score box

    private var scoreSection: Markup {
        let attributes = summary.detectors.first?.attributes ?? []
        let choices = attributes.map { name -> Markup in
            "<option value=\"\(name.uppercased())\">\(Self.title(name))</option>"
        }
        let language = settings.languages.first ?? ""
        return """
            <section id="score" aria-labelledby="score-title"><h2 id="score-title">Score a text</h2>
            <p class="note">As <code>comments:analyze</code> answers it, sentence by sentence. Nothing is kept or \
            counted.</p>
            <div class="columns score-columns"><form id="score-form" data-language="\(language)" \
            data-attributes="\(attributes.map { $0.uppercased() }.joined(separator: " "))">
            <label for="score-text">Text</label>
            <textarea id="score-text" rows="6" spellcheck="false" dir="auto" \
            maxlength="\(settings.limits.textBytes)" placeholder="Write or paste something"></textarea>
            <div class="row"><label for="score-attribute">Colour by</label>
            <select id="score-attribute">\(choices)</select><button type="submit">Score</button></div>
            <noscript><p class="note">This box needs JavaScript. Everything else on the page works without.</p></noscript>
            </form>
            <div id="score-result" class="result"><p id="score-status" role="status" aria-live="polite" \
            class="note">Scores appear here while you type.</p>
            <p id="score-sentences" class="sentences" dir="auto" hidden></p>
            <table id="score-table" class="figures" hidden><caption class="hidden">Scores of the text</caption><thead \
            class="hidden"><tr><th scope="col">Attribute</th><th scope="col">Bar</th><th scope="col">Score</th></tr></thead>\
            <tbody></tbody></table></div></div></section>
            """
    }
}

extension OperatorPage {
    /// `identity_attack` as a title.
    static func title(_ name: String) -> String {
        let words = name.replacing("_", with: " ")
        return words.prefix(1).uppercased() + words.dropFirst()
    }

    /// `2026-12-31 23:59`, of UTC.
    static func time(_ time: Date) -> String {
        time.formatted(.iso8601.dateSeparator(.dash).dateTimeSeparator(.space)).prefix(16).description
    }

    static func timeElement(_ time: Date) -> Markup {
        "<time datetime=\"\(time.formatted(.iso8601))\">\(Self.time(time))</time>"
    }

    static func length(_ from: Date, _ to: Date) -> String {
        let minutes = max(0, Int(to.timeIntervalSince(from) / 60))
        switch minutes {
        case 0: return "less than a minute"
        case 1: return "a minute"
        case ..<120: return "\(minutes) minutes"
        case ..<2880: return "\(minutes / 60) hours"
        default: return "\(minutes / 1440) days"
        }
    }

    /// A table in a frame that scrolls by itself where the window is narrow, and can be reached by keyboard.
    static func table(
        _ caption: String, _ head: [String], _ rows: [[Markup]], numbers: ClosedRange<Int>? = nil, id: String
    ) -> Markup {
        let isNumber = { (place: Int) in numbers.map { $0.contains(place) } ?? (place > 0) }
        let columns = head.enumerated().map { place, name -> Markup in
            "<th scope=\"col\"\(Markup(trusted: isNumber(place) ? " class=\"number\"" : ""))>\(name)</th>"
        }
        let body = rows.map { row -> Markup in
            let cells = row.enumerated().map { place, cell -> Markup in
                place == 0
                    ? "<th scope=\"row\">\(cell)</th>"
                    : "<td\(Markup(trusted: isNumber(place) ? " class=\"number\"" : ""))>\(cell)</td>"
            }
            return "<tr>\(cells)</tr>"
        }
        return """
            <div class="scroll" tabindex="0" role="region" aria-label="\(caption)"><table class="figures" id="\(id)">\
            <caption class="hidden">\(caption)</caption><thead><tr>\(columns)</tr></thead><tbody>\(body)</tbody></table></div>
            """
    }

    static func folded(_ summary: String, id: String, _ inner: Markup) -> Markup {
        "<details id=\"\(id)\"><summary>\(summary)</summary>\(inner)</details>"
    }
}
