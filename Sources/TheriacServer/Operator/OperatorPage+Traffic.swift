internal import Foundation
internal import TheriacEvaluation

extension OperatorPage {
    private var ranges: Markup {
        let links = HistoryRange.allCases.map { range -> Markup in
            let current = Markup(trusted: range == summary.range ? " aria-current=\"true\"" : "")
            return
                "<li><a href=\"/?range=\(range.rawValue)#traffic\"\(current)>\(range == .hour ? "1 hour" : range.words)</a></li>"
        }
        return "<nav class=\"ranges\" aria-label=\"Stretch of time\"><ul>\(links)</ul></nav>"
    }

    var trafficSection: Markup {
        let points = summary.traffic
        let busy = points.filter { $0.requests > 0 }
        let legend: [(String, String)] = [
            ("answered", "Answered"), ("refused", "Refused"), ("limited", "Over quota"), ("failed", "Failed"),
        ]
        let key = legend.map { name, words -> Markup in
            "<li><span class=\"swatch \(name)\"></span>\(words)</li>"
        }
        let rows = busy.reversed().map { point -> [Markup] in
            [
                "\(OperatorCharts.clock(point.start))", "\(OperatorCharts.count(point.answered))",
                "\(OperatorCharts.count(point.refused))", "\(OperatorCharts.count(point.limited))",
                "\(OperatorCharts.count(point.failed))", "\(OperatorCharts.milliseconds(point.median))",
                "\(OperatorCharts.milliseconds(point.percentile99))",
            ]
        }
        let figures =
            rows.isEmpty
            ? Markup.empty
            : Self.folded(
                "Figures by time", id: "traffic-figures",
                Self.table(
                    "Requests and times",
                    ["From", "Answered", "Refused", "Over quota", "Failed", "Median", "99 %"],
                    rows, id: "traffic-table"))
        return """
            <section id="traffic" aria-labelledby="traffic-title"><div class="section-head">\
            <h2 id="traffic-title">Traffic</h2>\(ranges)</div><div data-live="traffic">
            <div class="columns"><figure><figcaption>Requests\(summary.range.step == 1 ? " a minute" : " in \(summary.range.step) minutes")\
            </figcaption>\(OperatorCharts.traffic(points, step: summary.range.step))<ul class="key">\(key)</ul></figure>
            <figure><figcaption>Time until the answer</figcaption>\(OperatorCharts.latency(points))\
            <ul class="key"><li><span class="swatch line"></span>Median</li><li><span class="swatch band"></span>up to \
            the 99th percentile</li></ul></figure></div>
            \(routeTable)\(figures)</div></section>
            """
    }

    private var routeTable: Markup {
        guard !summary.routes.isEmpty else {
            return
                "<p class=\"empty\">Nothing arrived in this time. Try the score box, or point a client here.</p>"
        }
        let rows = summary.routes.map { row -> [Markup] in
            [
                "\(row.route)", "\(OperatorCharts.count(row.requests))",
                "\(OperatorCharts.count(row.refused))",
                "\(OperatorCharts.count(row.limited))", "\(OperatorCharts.count(row.failed))",
                "\(OperatorCharts.milliseconds(row.median))",
                "\(OperatorCharts.milliseconds(row.percentile99))",
            ]
        }
        return Self.table(
            "Routes", ["Route", "Requests", "Refused", "Over quota", "Failed", "Median", "99 %"], rows,
            id: "route-table")
    }

    var distributionSection: Markup {
        let panels = summary.scores.map { row -> Markup in
            let name = Self.title(row.attribute)
            let words: Markup =
                row.texts == 0
                ? "no texts"
                : "mean \(String(format: "%.2f", row.mean ?? 0)), \(OperatorCharts.percent(row.fromHalf)) from 0.5"
            return """
                <figure class="panel"><figcaption>\(name) <span class="note">\(words)</span></figcaption>\
                \(OperatorCharts.scores(row, title: "\(name) over time: \(words.source)"))</figure>
                """
        }
        let rows = summary.scores.map { row -> [Markup] in
            [
                "\(Self.title(row.attribute))", "\(OperatorCharts.count(row.texts))",
                "\(row.mean.map { String(format: "%.3f", $0) } ?? "–")",
                "\(OperatorCharts.percent(row.fromHalf))",
                "\(OperatorCharts.percent(row.fromNineTenths))",
            ]
        }
        let table = Self.folded(
            "Figures by attribute", id: "scores-figures",
            Self.table(
                "Scores by attribute", ["Attribute", "Texts", "Mean", "From 0.5", "From 0.9"], rows,
                id: "scores-table"))
        return """
            <section id="scores" aria-labelledby="scores-title"><h2 id="scores-title">Scores over time</h2>
            <p class="note">Time runs to the right, scores from 0 below to 1 above; the line is 0.5. The darker, the more \
            of the texts. A change of shape is a change of traffic, or of the detector.</p>
            <div data-live="scores"><div class="panels">\(panels)</div>\(table)</div></section>
            """
    }
}
